"""`piiscan retain`: what has stayed longer than was promised, and its disposal."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piiscan.cli.options import Scanning, policy_option, reading, store_option
from piiscan.cli.options import command as make

if TYPE_CHECKING:
    from collections.abc import Sequence

    from piiscan.holds import Hold
    from piiscan.policy import LoadedPolicy
    from piiscan.retention.apply import Rewriter
    from piiscan.retention.plan import Plan
    from piiscan.scanning import Scanner
    from piiscan.store import Store
    from piiscan.store.audit_log import AuditLog

__all__ = ["command"]

ALARMS = (" No decision", " Look at", " For review", " Refused", " Linked", " Not all")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Retain(Scanning):
    paths: tuple[str, ...]
    policy: str
    store: Path
    apply: bool
    plan: str | None
    signed_by: str
    max_share: float
    now_confirmed: bool
    token_key_file: Path | None
    # A policy decides these.
    detectors: tuple[str, ...] = ()
    exclude_detectors: tuple[str, ...] = ()
    reveal: bool = False
    fail_on: tuple[str, ...] = ()
    format: str = "table"
    locale: str = "en"
    bom: bool = False
    coverage: str = "issues"


@click.argument("paths", nargs=-1, metavar="[PATH]...")
@policy_option
@store_option
@click.option("--apply", is_flag=True, help="Carry a plan out: originals are changed and removed.")
@click.option("--plan", metavar="ID|FILE", help="The plan of a dry run that is carried out.")
@click.option(
    "--signed-by", metavar="NAME", default="", help="Who carries it out, for log and protocol."
)
@click.option(
    "--max-share",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Refuse a plan that erases more of the messages than this.",
)
@click.option(
    "--now-confirmed",
    is_flag=True,
    help="The clock is right, however odd it looks beside the data.",
)
@click.option(
    "--token-key-file",
    metavar="FILE",
    envvar="PIISCAN_TOKEN_KEY_FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Key of the tokens, for policies that pseudonymize or encrypt.",
)
@reading
def _retain(options: _Retain) -> int:
    """Say what is due, overdue, on hold or undetermined by the clocks of a policy.

    PATH is swept first; without it the store is taken as it is. A dry run writes a plan and changes
    nothing. With --apply exactly that plan is carried out, or nothing (exit code 4): it needs a
    decision in the policy, files that are as they were, and a plausible clock. What is on hold or
    has no known time stays. A protocol for the archive is written beside the store.
    """
    from piiscan.policy import load

    if options.apply != bool(options.plan):
        raise click.UsageError(
            "--apply and --plan go together\n\n"
            "hint: a dry run without both makes a plan and shows the line that carries it out"
        )
    policy = load(options.policy)
    if options.apply:
        if not options.signed_by.strip():
            raise click.UsageError("--apply needs --signed-by NAME, for log and protocol")
        return _apply(options, policy)
    return _dry_run(options, policy)


def _dry_run(options: _Retain, policy: "LoadedPolicy") -> int:
    from piiscan.cli import exits
    from piiscan.cli.results import opened, painted, say
    from piiscan.cli.running import lasting_holds, sweep_into
    from piiscan.outputs.retention_table import plan_lines
    from piiscan.retention import brakes
    from piiscan.retention.plan import plan_id, write_plan
    from piiscan.retention.planning import make_plan
    from piiscan.retention.tree import Tree
    from piiscan.store import open_store

    if options.paths:
        totals, _ = sweep_into(options, options.store, options.paths, policy=policy)
        if totals.state == "interrupted":
            say(options, "interrupted; the same command goes on")
            return exits.INTERRUPTED
    with open_store(options.store) as store:
        scanner = _scanner(options, policy)
        holds = lasting_holds(options, options.store, policy, store)
        _keys(store, policy, holds)
        tree = Tree(_groups(options, store), scanner.file_ident)
        now_ms = round(options.now.timestamp() * 1000)
        plan = make_plan(store, policy, now_ms=now_ms, holds=holds, tree=tree, tool=_tool())
        whole = store.summary().state == "complete"
    last = _last_entry(options)
    step = ""
    if plan.files:
        _, digest = write_plan(plan, options.store)
        step = f"{plan_id(digest)}). Carry out: {_line(options, plan, plan_id(digest))}"
    today = brakes.local_day(options.now, plan.time_zone)
    lines = plan_lines(
        plan,
        review=[hold for hold in holds if hold.due_for_review(today)],
        doubt=brakes.clock_problem(options.now, newest_ms=plan.newest_ms, last_entry=last),
        next_step=step,
    )
    with opened(options) as stream:
        into = painted(stream, options, heads=(" Rule",), alarms=ALARMS)
        into.writelines(f"{line}\n" for line in lines)
        if not whole:
            into.write(" Not all was read: piiscan check says what\n")
    return exits.COMPLETE if whole else exits.INCOMPLETE


def _apply(options: _Retain, policy: "LoadedPolicy") -> int:
    from piiscan.cli import exits
    from piiscan.cli.results import opened, painted, say
    from piiscan.cli.running import lasting_holds
    from piiscan.cli.signals import Stop
    from piiscan.outputs.retention_table import done_lines
    from piiscan.retention import brakes
    from piiscan.retention.apply import carried_out, carry_out, progress
    from piiscan.retention.plan import find_plan, read_plan
    from piiscan.retention.protocol import protocol, protocol_path, write_protocol
    from piiscan.retention.tree import Tree
    from piiscan.store import open_store

    plan, digest = read_plan(find_plan(str(options.plan), options.store))
    target = protocol_path(options.store, digest)
    scanner = _scanner(options, policy)
    with open_store(options.store) as store:
        holds = lasting_holds(options, options.store, policy, store)
        groups = _groups(options, store)
        brakes.check_store(plan, store.key_id)
    _brake(options, policy, plan, holds)
    log = _audit(options, policy)
    before = progress(log, digest)
    with log:
        if before.ended is None or target.exists():
            tree = Tree(groups, scanner.file_ident)
            rewrite = _rewriter(options, policy, plan, scanner, holds=holds, groups=groups)
            running = carry_out(plan, digest, tree=tree, rewrite=rewrite, log=log)
            with Stop() as stop:
                for count, _ in enumerate(running, start=1):
                    if stop.asked and count < len(plan.files):
                        running.close()
                        say(options, "interrupted; the same command goes on")
                        return exits.INTERRUPTED
        ended = progress(log, digest)
        assert ended.ended  # noqa: S101 - it ran to its end
        done = carried_out(plan, ended)
        write_protocol(protocol(plan, digest, policy=policy, done=done, ended=ended.ended), target)
        log.append("protocol-written", plan=digest, file=target.name)
    with opened(options) as stream:
        into = painted(stream, options, heads=(), alarms=ALARMS)
        into.writelines(f"{line}\n" for line in done_lines(plan, done, protocol=str(target)))
        places = shlex.join(str(root) for root in groups[0]) if groups else "PATH"
        into.write(f" Next      piiscan check {places} --policy {options.policy}\n")
    refused = any(each.state == "refused" for each in done)
    return exits.INCOMPLETE if refused else exits.COMPLETE


def _brake(options: _Retain, policy: "LoadedPolicy", plan: "Plan", holds: "Sequence[Hold]") -> None:
    """Refuse what must not be carried out, before anything is touched."""
    from piiscan.retention import brakes

    today = brakes.local_day(options.now, policy.policy.notice.time_zone)
    brakes.check_policy(plan, policy.digest)
    brakes.check_decision(policy.policy.decision, today)
    brakes.check_clock(
        options.now,
        newest_ms=plan.newest_ms,
        last_entry=_last_entry(options),
        plan=plan,
        confirmed=options.now_confirmed,
    )
    brakes.check_share(plan, options.max_share)
    brakes.check_holds(plan, holds)


def _audit(options: _Retain, policy: "LoadedPolicy") -> "AuditLog":
    from piiscan.store.audit_log import AuditLog, default_log
    from piiscan.sweeping import time_text

    return AuditLog(
        default_log(options.store),
        who=options.signed_by,
        tool=_tool(),
        policy_digest=policy.digest,
        decision=policy.policy.decision.ref,
        clock=lambda: time_text(options.now),
        store=options.store,
    )


def _last_entry(options: _Retain) -> str:
    """Return the time of the last entry of the audit log; empty without one."""
    from piiscan.store.audit_log import AuditLog, default_log

    return max((entry.time for entry in AuditLog(default_log(options.store)).entries()), default="")


def _groups(options: _Retain, store: "Store") -> list[list[Path]]:
    """Return the sets of roots that were swept together, as far as they are there.

    A store knows roots with values in their names by masks only: those must be named.
    """
    found: dict[tuple[Path, ...], list[Path]] = {}
    for names in (options.paths, *(run.roots for run in reversed(store.sweeps()))):
        roots = [Path(name) for name in names]
        if roots and all(root.exists() for root in roots):
            found.setdefault(tuple(root.resolve() for root in roots), roots)
    return list(found.values())


def _rewriter(
    options: _Retain,
    policy: "LoadedPolicy",
    plan: "Plan",
    scanner: "Scanner",
    *,
    holds: "Sequence[Hold]",
    groups: "Sequence[Sequence[Path]]",
) -> "Rewriter":
    """Return what rewrites files in place as the policy says; nothing is read before it is used."""
    from piiscan.anonymize.tree import Job
    from piiscan.cli.running import make_settings
    from piiscan.retention.planning import cutoffs
    from piiscan.retention.rewriting import rewriter
    from piiscan.store import default_path

    key_file = options.key_file or default_path(options.store)
    key = _token_key(options, policy, scanner, [root for group in groups for root in group])
    jobs = []
    for group in groups:
        roots = tuple(str(root) for root in group)
        settings = make_settings(options, roots, full=False, policy=policy)
        jobs.append(
            Job(
                roots=roots,
                policy=policy,
                scanner=scanner,
                target=None,
                key=key,
                due=cutoffs(policy, plan.now_ms),
                now_ms=plan.now_ms,
                holds=holds,
                profiles=settings.profiles,
                limits=settings.limits,
                jobs=settings.jobs,
                exclude=settings.exclude,
                skip=(str(options.store), str(key_file)),
            )
        )
    return rewriter(jobs)


def _line(options: _Retain, plan: "Plan", name: str) -> str:
    """Return the command that carries a plan out."""
    from piiscan.store import DEFAULT_STORE

    masked = any(path not in plan.roots for path in options.paths)
    words = ["piiscan", "retain", *(options.paths if masked else ()), "--policy", options.policy]
    if options.store != DEFAULT_STORE:
        words += ["--store", str(options.store)]
    if options.key_file is not None:
        words += ["--key-file", str(options.key_file)]
    return shlex.join([*words, "--plan", name, "--apply", "--signed-by", "NAME"])


def _token_key(
    options: _Retain, policy: "LoadedPolicy", scanner: "Scanner", roots: "Sequence[Path]"
) -> bytes | None:
    """Return the key of tokens, if the policy makes any."""
    from piiscan.anonymize import needs_key
    from piiscan.anonymize.keys import open_key

    if not needs_key(policy, scanner.catalog):
        return None
    if options.token_key_file is None:
        raise click.UsageError(
            "the policy pseudonymizes or encrypts, which needs a key\n\n"
            "hint: --token-key-file FILE, apart from the archive; a new one is made"
        )
    return open_key(options.token_key_file, outside=roots)


def _scanner(options: _Retain, policy: "LoadedPolicy") -> "Scanner":
    """Return the scanner of the policy under the key of the store, whose ids it makes."""
    from piiscan.cli.running import make_scanner
    from piiscan.store import default_path, load

    key = load(options.key_file or default_path(options.store))
    return make_scanner(options, key=key, policy=policy)


def _keys(store: "Store", policy: "LoadedPolicy", holds: "Sequence[Hold]") -> None:
    """Refuse to erase where a hold names a case and the store does not know every message's key."""
    from piiscan.errors import RefusedError

    erases = any(promise.action == "erase" for promise in policy.policy.promise)
    asks = any(hold.scope.case for hold in holds)
    if erases and asks and not store.last_sweep().info.get("all_keys"):
        raise RefusedError(
            "a hold names a case, and the store does not know the case of every message\n\n"
            "hint: sweep with the policy: piiscan retain PATH --policy ..."
        )


def _tool() -> str:
    from piiscan import __version__

    return f"piiscan {__version__}"


command = make("retain", _Retain, example="piiscan retain archive/ --policy upplands-bro")(_retain)
