"""`piiscan anonymize`: a copy of an archive in which what a policy names is gone."""

import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piiscan.cli.options import Scanning, policy_option, reading, store_option_for
from piiscan.cli.options import command as make

if TYPE_CHECKING:
    from piiscan.anonymize import Job, Total
    from piiscan.anonymize.trail import Trail
    from piiscan.holds import Hold
    from piiscan.policy import LoadedPolicy
    from piiscan.policy.model import Operator

__all__ = ["command"]

WIDTH = 24  # of the first column


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anonymize(Scanning):
    sources: tuple[str, ...]
    policy: str
    operator: tuple[str, ...]
    opaque: str | None
    token_key_file: Path | None
    key_command: str | None
    in_place: bool
    overwrite_originals: bool
    apply: bool
    dry_run: bool
    signed_by: str
    store: Path
    # A policy decides these.
    detectors: tuple[str, ...] = ()
    exclude_detectors: tuple[str, ...] = ()
    reveal: bool = False
    fail_on: tuple[str, ...] = ()
    format: str = "table"
    locale: str = "en"
    bom: bool = False
    coverage: str = "issues"


@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@policy_option
@click.option(
    "--operator",
    metavar="DETECTOR=OP",
    multiple=True,
    help="Replace this way, before what the policy says: email=pseudonymize.",
)
@click.option(
    "--opaque",
    type=click.Choice(["refuse", "drop", "keep"]),
    help="Parts that nobody can read or rewrite: refuse their file, leave them out, or keep them.",
)
@click.option(
    "--token-key-file",
    metavar="FILE",
    envvar="PIISCAN_TOKEN_KEY_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Key of tokens, made if it is not there. Without one, tokens can be traced by nobody.",
)
@click.option("--key-command", metavar="COMMAND", help="A command that prints the key of tokens.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--in-place", is_flag=True, help="Change the originals; takes the next two.")
@click.option("--overwrite-originals", is_flag=True, help="Yes, the originals.")
@click.option("--apply", is_flag=True, help="Carry it out; the policy needs a decision.")
@click.option("--signed-by", metavar="NAME", default="", help="Who carries it out, for the log.")
@store_option_for("A store, if there is one: what it holds back stays with --in-place.")
@reading
def _anonymize(options: _Anonymize) -> int:
    """Write a copy of an archive in which what a policy names is replaced.

    Each file keeps its format, and only what was found changes. The copy is read and scanned again
    before it takes its name; beside it come an audit log and a list of the edits. What cannot be
    read or rewritten is refused and listed (exit code 3). An interrupted run says where it left
    what was done; the same command goes on from there.
    """
    from piiscan.policy import load

    policy = load(options.policy)
    _check(options, policy)
    job, key_id = _job(options, policy)
    return _run(options, job, key_id)


def _check(options: _Anonymize, policy: "LoadedPolicy") -> None:
    from piiscan.retention import brakes

    if options.in_place == (options.output is not None):
        raise click.UsageError(
            "a new place is needed\n\nhint: piiscan anonymize SRC -o DST --policy NAME"
        )
    if options.in_place and not (options.overwrite_originals and options.apply):
        raise click.UsageError(
            "--in-place changes originals, and is asked for twice\n\n"
            "hint: --in-place --overwrite-originals --apply --signed-by NAME, or a copy with -o"
        )
    if options.in_place:
        if not options.signed_by.strip():
            raise click.UsageError("--apply needs --signed-by NAME, for the log")
        today = brakes.local_day(options.now, policy.policy.notice.time_zone)
        brakes.check_decision(policy.policy.decision, today)
    if options.token_key_file and options.key_command:
        raise click.UsageError("--token-key-file and --key-command exclude each other")


def _job(options: _Anonymize, policy: "LoadedPolicy") -> tuple["Job", str]:
    from piiscan.anonymize import Job, needs_key
    from piiscan.anonymize.keys import command_key, fleeting, key_name, open_key
    from piiscan.cli.running import make_scanner, make_settings
    from piiscan.sweeping import find_roots

    roots = find_roots(options.sources)
    settings = make_settings(options, roots, full=True, policy=policy)
    marks, holds = _held(options, policy)
    scanner = make_scanner(options, key=marks, policy=policy)
    operators = _operators(options)
    outside = [Path(root) for root in roots]
    if options.output is not None:
        outside.append(options.output)
    if options.token_key_file is not None:
        key = open_key(options.token_key_file, outside=outside)
    elif options.key_command is not None:
        key = command_key(shlex.split(options.key_command))
    else:
        key = fleeting()
    kept = options.token_key_file is not None or options.key_command is not None
    used = needs_key(policy, scanner.catalog, operators)
    job = Job(
        roots=roots,
        policy=policy,
        scanner=scanner,
        target=options.output,
        key=key,
        holds=holds,
        operators=operators,
        profiles=settings.profiles,
        limits=settings.limits,
        jobs=settings.jobs,
        exclude=settings.exclude,
        opaque=options.opaque,
        resumable=kept or not used,  # the next run has another key otherwise
    )
    return job, (key_name(key) if kept and used else "")


def _held(options: _Anonymize, policy: "LoadedPolicy") -> "tuple[bytes, list[Hold]]":
    """Return the key of fingerprints and the holds; where originals change, those of the store too.

    Holds of a store name people by fingerprints, which only its own key makes again.
    """
    from piiscan.cli.running import lasting_holds
    from piiscan.holds import active
    from piiscan.store import default_path, load, open_store

    if options.in_place and options.store.exists():
        with open_store(options.store) as store:
            if store.holds():
                key = load(options.key_file or default_path(options.store))
                return key, lasting_holds(options, options.store, policy, store)
    return secrets.token_bytes(32), active(policy.policy, None)


def _operators(options: _Anonymize) -> "dict[str, Operator]":
    from piiscan.anonymize import OPERATORS
    from piiscan.errors import PolicyError
    from piiscan.policy.model import Operator
    from piiscan.scanning import select_detectors

    given = {}
    for text in options.operator:
        glob, _, name = text.partition("=")
        if name not in OPERATORS:
            raise PolicyError(
                f"`{text}` is not DETECTOR=OP\n\nhint: OP is one of {', '.join(OPERATORS)}"
            )
        select_detectors([glob])
        given[glob] = Operator(op=name)  # type: ignore[arg-type]
    return given


def _run(options: _Anonymize, job: "Job", key_id: str) -> int:
    from piiscan.cli import exits
    from piiscan.cli.results import say

    try:
        total = _rewrite(options, job, key_id)
    except KeyboardInterrupt:
        say(options, f"interrupted; nothing was published{_going_on(options, job)}")
        return exits.INTERRUPTED
    _show(options, job, total, key_id)
    if total.residues:
        return exits.exit_code(exits.FAILED, exits.INCOMPLETE)
    is_whole = not (total.refused or total.dropped or total.warned)
    return exits.COMPLETE if is_whole else exits.INCOMPLETE


def _rewrite(options: _Anonymize, job: "Job", key_id: str) -> "Total":
    """Carry a job out, or try it, and return the sum.

    Raises:
        KeyboardInterrupt: Whoever started it wants it to stop; nothing was published.

    """
    from contextlib import ExitStack
    from dataclasses import replace

    from piiscan.anonymize import Progress, Total, rewrite_tree, wording
    from piiscan.anonymize.dry import dry_run
    from piiscan.cli.progress import progress
    from piiscan.cli.results import say
    from piiscan.cli.signals import Stop

    total = Total()
    with ExitStack() as stack:
        stop = stack.enter_context(Stop())
        show = stack.enter_context(progress(options))
        trail = None
        if not options.dry_run:
            trail = stack.enter_context(_trail(options, job, key_id))
            job = replace(job, on_file=trail.file, on_ready=trail.ready)
        running = dry_run(job) if options.dry_run else rewrite_tree(job)
        stack.callback(running.close)
        for event in running:
            if isinstance(event, Total):
                # It is published: whatever was asked meanwhile, the trail comes to its end.
                total = event
                break
            if isinstance(event, Progress):
                show(event.done, event.known, event.step)
            elif options.verbose:
                say(options, f"{event.loc}  {event.state} {event.reason}".rstrip())
            if stop.asked:
                raise KeyboardInterrupt
        total.wording = wording(_used(job), key_exists=bool(key_id))
        if trail is not None:
            trail.end(total)
    return total


def _going_on(options: _Anonymize, job: "Job") -> str:
    """Return how an interrupted run goes on, if it does."""
    from piiscan.anonymize.places import staging

    place = staging(job.roots, job.target)
    if options.dry_run or not job.resumable or not place.exists():
        return ""
    return f"; the same command goes on from `{place}`, which can be removed as well"


def _used(job: "Job") -> list[str]:
    """Return the operators that may be carried out."""
    own = {
        job.policy.operator_of(detector, category).op
        for detector, (category, _) in job.scanner.catalog.items()
    }
    return sorted(own | {operator.op for operator in job.operators.values()})


def _trail(options: _Anonymize, job: "Job", key_id: str) -> "Trail":
    from piiscan import __version__
    from piiscan.anonymize.trail import Trail, places
    from piiscan.store.audit_log import AuditLog
    from piiscan.sweeping import time_text

    log_path, edits = places(job.target or Path(job.roots[0]).resolve())
    if edits.exists() and job.in_place:  # a copy that is not there yet has no edits
        edits = edits.with_name(f"{edits.stem}-{secrets.token_hex(4)}.jsonl")
    log = AuditLog(
        log_path,
        who=options.signed_by,
        tool=f"piiscan {__version__}",
        policy_digest=job.policy.digest,
        decision=job.policy.policy.decision.ref,
        clock=lambda: time_text(options.now),
    )
    return Trail(
        log,
        edits,
        policy=job.policy.name,
        sources=len(job.roots),
        key=key_id,
        operators=_used(job),
    )


def _show(options: _Anonymize, job: "Job", total: "Total", key_id: str) -> None:
    files = total.files
    lines = [
        f" {'Files':<{WIDTH}}{sum(files.values()):>8,}",
        *(f"   {state:<{WIDTH - 2}}{files[state]:>8,}" for state in sorted(files)),
        f" {'Replaced':<{WIDTH}}{total.edits:>8,}",
        *(f"   {kind:<{WIDTH - 2}}{count:>8,}" for kind, count in total.kinds.most_common()),
    ]
    for promise, counts in total.outcomes.items():
        held = counts.get("held", 0)
        if held:
            lines.append(f" On hold   {promise}: {held:,} messages left as they are")
    if total.alerts:
        lines.append(
            f" Look at   {total.alerts:,} findings that a person has to see: left as they are"
        )
    if total.taken_over:
        lines.append(f" Taken over {total.taken_over:,} files of a run that did not end")
    lines += [f" Refused   {result.loc}: {result.reason}" for result in total.refused]
    lines += [f" Left out  {result.loc}: {result.reason}" for result in total.dropped]
    lines += [f" Unread    {warning}" for result in total.warned for warning in result.warnings]
    lines += [
        f" Left      {residue.loc}: {', '.join(sorted(residue.kinds))}"
        for residue in total.residues
    ]
    key = f"; the key `{key_id}` joins tokens with values" if key_id else ""
    lines.append(f" The result is {total.wording}{key}. Free text keeps what was not looked for.")
    if options.dry_run:
        words = ["piiscan", "anonymize", *options.sources, "-o", str(options.output)]
        lines.append(f" Dry run. Carry out: {shlex.join([*words, '--policy', options.policy])}")
    elif job.target is not None:
        source = f" --source {shlex.quote(options.sources[0])}" if len(options.sources) == 1 else ""
        line = f"piiscan verify {shlex.quote(str(job.target))} --policy {options.policy}{source}"
        lines.append(f" Next      {line}")
    for line in lines:
        click.echo(line)


command = make(
    "anonymize", _Anonymize, example="piiscan anonymize archive/ -o copy/ --policy upplands-bro"
)(_anonymize)
