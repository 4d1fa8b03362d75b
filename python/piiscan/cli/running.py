"""What `sweep` and `scan` share: the scanner, following the sweep, the exit code."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins

from piiscan import __version__
from piiscan.cli import exits
from piiscan.cli.context import Source
from piiscan.cli.fail_on import Condition
from piiscan.cli.options import Scanning, lexicon_files, read_toml
from piiscan.cli.progress import progress
from piiscan.cli.signals import Stop
from piiscan.errors import PolicyError
from piiscan.findings import LOW
from piiscan.holds import Hold, active, resolve
from piiscan.policy import LoadedPolicy, Scan
from piiscan.scanning import ObjectDone, Scanner, limits, select_detectors
from piiscan.store import Store, StoredObject, Summary, Writer, default_path, load
from piiscan.store.blocks import Row
from piiscan.store.provisional import Provisional
from piiscan.sweeping import (
    Settings,
    find_roots,
    keep_outside,
    mask_name,
    open_key,
    record,
    time_text,
    writer,
)

if TYPE_CHECKING:
    from piiscan.retention.accepting import AcceptedFindings

__all__ = [
    "facts",
    "follow",
    "judge",
    "lasting_holds",
    "make_scanner",
    "make_settings",
    "profile_folders",
    "shown",
    "sweep_into",
]


def make_scanner(
    options: Scanning, *, key: bytes, explain: bool = False, policy: LoadedPolicy | None = None
) -> Scanner:
    """Return the scanner that the options describe.

    Args:
        options: Of the command.
        key: Makes the fingerprints.
        explain: Findings tell where their context word stands.
        policy: Chooses detectors, countries and what is a long number.

    """
    scan = policy.policy.scan if policy else Scan()
    chosen = options.detectors or (_named(policy) if policy else ())
    return Scanner(
        detectors=select_detectors(chosen, options.exclude_detectors),
        locales=scan.locales,
        min_digits=scan.min_digits,
        strict=scan.strict,
        grouped=scan.grouped,
        reference_date=options.now.date(),
        minimum=LOW,  # the store holds all; outputs choose
        key=key,
        lexicons=lexicon_files(options.lexicon),
        explain=explain,
    )


def _named(policy: LoadedPolicy) -> tuple[str, ...]:
    """Return the globs of what a policy scans for, and of what its promises speak of."""
    promised = [glob for promise in policy.policy.promise for glob in promise.find]
    return tuple(dict.fromkeys([*policy.policy.scan.detectors, *promised]))


def make_settings(
    options: Scanning, roots: tuple[str, ...], *, full: bool, policy: LoadedPolicy | None = None
) -> Settings:
    """Return what is swept and how.

    Args:
        options: Of the command.
        roots: Folders and files.
        full: Read everything again.
        policy: May set limits and bring profiles.

    Raises:
        PolicyError: A limit has another name.

    """
    names = [row[0] for row in limits()]
    limited = {**(policy.policy.limits if policy else {}), **options.limit}
    for name in limited:
        if name not in names:
            raise PolicyError(f"no limit is called `{name}`\n\nhint: {', '.join(names)}")
    return Settings(
        roots,
        profiles=read_toml([*profile_folders(policy), *options.profile]),
        limits=limited,
        jobs=options.jobs,
        follow=options.follow,
        exclude=options.exclude,
        full=full,
        all_keys=policy is not None and _erases(policy),
    )


def _erases(policy: LoadedPolicy) -> bool:
    """Return whether messages may have to go that hold nothing, unless a hold names them."""
    return any(promise.action == "erase" for promise in policy.policy.promise)


def profile_folders(policy: LoadedPolicy | None) -> list[Path]:
    """Return the folder of a policy's profiles, which counts from its file."""
    if policy is None or not policy.policy.profiles:
        return []
    return [(policy.folder or Path()) / policy.policy.profiles]


def lasting_holds(options: Scanning, path: Path, policy: LoadedPolicy, store: Store) -> list[Hold]:
    """Return the holds that last, with the hashes under which the store knows what they name.

    Args:
        options: Of the command.
        path: The file of the store.
        policy: With its holds.
        store: With its own.

    Raises:
        FileNotFoundError: A hold names a case or sender, and the key of the store is not there.
        PolicyError: A hold names a sender that no detector finds.

    """
    holds = active(policy, store)
    if not any(hold.scope.case or hold.scope.sender or _is_valued(hold) for hold in holds):
        return holds
    key = load(options.key_file or default_path(path))
    scanner = make_scanner(options, key=key, policy=policy)

    def ident(name: str) -> str:
        return scanner.ident(name.encode()).hex()

    def fingerprints(text: str) -> list[str]:
        return [finding.fingerprint for finding in scanner.scan(text)]

    def masked(step: str) -> str:
        return mask_name(scanner, step)

    return resolve(holds, ident=ident, fingerprints=fingerprints, masked=masked)


def _is_valued(hold: Hold) -> bool:
    """Return whether a hold names a path in which a value stands."""
    return bool(hold.scope.path) and len(Scanner(minimum=LOW).scan(hold.scope.path)) > 0


def facts(options: Scanning, policy: LoadedPolicy | None = None) -> dict[str, object]:
    """Return what the outputs say about the run beside digests.

    Args:
        options: Of the command.
        policy: That was scanned for.

    """
    told: dict[str, object] = {}
    if policy is not None:
        told["policy"] = {"name": policy.name, "digest": policy.digest}
        told["scan"] = to_builtins(policy.policy.scan)
    return told | {
        "version": __version__,
        "limits": {name: options.limit.get(name, default) for name, default, _, _ in limits()},
        "reference_date": options.now.date().isoformat(),
    }


def follow(
    options: Scanning,
    into: Writer,
    settings: Settings,
    *,
    scanner: Scanner,
    source: Source | None = None,
    skip: tuple[Path, ...] = (),
    values: dict[int, list[str]] | None = None,
) -> Summary:
    """Run a sweep to its end or until the user stops it.

    Args:
        options: Of the command.
        into: The open store.
        settings: What is swept.
        scanner: With which detectors.
        source: Learns where the files with findings are.
        skip: Files that are never read.
        values: Gets the matched texts, for `--reveal`.

    """
    with Stop() as stop, progress(options) as show:
        events = record(into, settings, scanner=scanner, skip=skip, values=values)
        for event in events:
            if isinstance(event, ObjectDone):
                if options.verbose:
                    click.echo(f"{event.loc}  {event.status}, {event.findings} findings", err=True)
                if source and event.findings and event.parent is None:
                    source.note(event.id, settings.roots[event.root], event.loc_bytes)
            else:
                words = f"{event.objects:,} objects, {event.findings:,} findings"
                show(event.bytes_read, event.bytes_known, words)
            if stop.asked:
                break
        events.close()
    return into.finish(interrupted=stop.asked, ended=time_text(datetime.now(UTC)))


def sweep_into(
    options: Scanning,
    store: Path,
    paths: Sequence[str],
    *,
    full: bool = False,
    policy: LoadedPolicy | None = None,
    values: dict[int, list[str]] | None = None,
) -> tuple[Summary, int]:
    """Sweep into a store to the end, or until the user stops it; return totals and the sweep.

    Args:
        options: Of the command.
        store: The file of the store.
        paths: What to sweep.
        full: Read everything again.
        policy: Decides what is looked for.
        values: Gets the matched texts, for `--reveal`.

    Raises:
        FileNotFoundError: A path does not exist.
        StoreError: Store, key or output lie in what is swept.
        UsageError: There is nothing to sweep; a store that is new is not kept for that.

    """
    roots = find_roots(paths)
    with Provisional(store, options.key_file or default_path(store)) as made:
        key_file, key = open_key(store, options.key_file, roots)
        if options.output is not None:
            keep_outside(roots, options.output)
        scanner = make_scanner(options, key=key, policy=policy)
        settings = make_settings(options, roots, full=full, policy=policy)
        into = writer(
            store,
            settings,
            scanner=scanner,
            key=key,
            key_file=key_file,
            started=time_text(options.now),
            info=facts(options, policy),
        )
        with into:
            made.stays = True
            totals = follow(
                options, into, settings, scanner=scanner, values=values, skip=(store, key_file)
            )
            if totals.total == totals.removed == 0 and totals.state == "complete":
                made.stays = False
                raise click.UsageError(f"there is no file in `{' '.join(paths)}`")
            return totals, into.sweep


def shown(values: dict[int, list[str]]) -> Callable[[StoredObject, Row], str | None]:
    """Return the function that outputs ask for values.

    Args:
        values: The matched texts by row of the object.

    """

    def value(owner: StoredObject, row: Row) -> str | None:
        found = values.get(owner.id, [])
        return found[row.ordinal] if row.ordinal < len(found) else None

    return value


def judge(
    totals: Summary, conditions: list[Condition], accepted: "AcceptedFindings | None" = None
) -> tuple[int, tuple[str, ...]]:
    """Return the exit code of a run and the conditions that hold.

    Args:
        totals: Of the run.
        conditions: Of `--fail-on`.
        accepted: Findings that do not count.

    """
    failed = tuple(one.text for one in conditions if one.holds(totals, accepted))
    codes = [exits.COMPLETE]
    if failed:
        codes.append(exits.FAILED)
    if totals.incomplete:
        codes.append(exits.INCOMPLETE)
    if totals.state == "interrupted":
        codes.append(exits.INTERRUPTED)
    return exits.exit_code(*codes), failed
