"""`piiscan verify`: prove that nothing is left in a copy."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piiscan.cli.options import Scanning, policy_option, reading
from piiscan.cli.options import command as make

if TYPE_CHECKING:
    from piiscan.anonymize.verifying import Verdict

__all__ = ["command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verify(Scanning):
    target: Path
    policy: str
    source: Path | None
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


@click.argument("target", metavar="DST", type=click.Path(exists=True, path_type=Path))
@policy_option
@click.option(
    "--source",
    metavar="SRC",
    type=click.Path(exists=True, path_type=Path),
    help="What it was made from: its values are looked for, its form is compared.",
)
@click.option(
    "--token-key-file",
    metavar="FILE",
    envvar="PIISCAN_TOKEN_KEY_FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Key of tokens: tells true tokens from imitations.",
)
@reading
def _verify(options: _Verify) -> int:
    """Look for what is left in a copy that a policy promises to remove.

    The copy is read and scanned again, by the core and by the standard library of Python. With
    --source every value that had to go is looked for in all of it, and the form of every file is
    compared. The audit log beside it is verified. Exit code 1 if anything is wrong.
    """
    from piiscan.anonymize import Job
    from piiscan.anonymize.keys import fleeting, open_key
    from piiscan.anonymize.trail import hashes, places
    from piiscan.anonymize.verifying import Verdict, verify_tree
    from piiscan.cli import exits
    from piiscan.cli.progress import progress
    from piiscan.cli.running import make_scanner, make_settings
    from piiscan.cli.signals import Stop
    from piiscan.holds import active
    from piiscan.policy import load
    from piiscan.store.audit_log import AuditLog

    policy = load(options.policy)
    settings = make_settings(options, (str(options.target),), full=True, policy=policy)
    key = open_key(options.token_key_file, outside=()) if options.token_key_file else fleeting()
    job = Job(
        roots=settings.roots,
        policy=policy,
        scanner=make_scanner(options, key=secrets.token_bytes(32), policy=policy),
        target=None,
        key=key,
        holds=active(policy.policy, None),
        profiles=settings.profiles,
        limits=settings.limits,
        jobs=settings.jobs,
        exclude=settings.exclude,
    )
    log_path, _ = places(options.target)
    log = AuditLog(log_path) if log_path.is_file() else None
    stated = hashes(log) if log else {}
    verdict = Verdict()
    with Stop() as stop, progress(options) as show:
        running = verify_tree(job, source=options.source, hashes=stated.get if log else None)
        for event in running:
            if isinstance(event, Verdict):
                verdict = event
                continue
            show(event.done, event.known, event.step)
            if stop.asked:
                return exits.INTERRUPTED
    if log is not None:
        verdict.log += log.verify()
    _show(options, verdict, logged=log is not None)
    if not verdict.is_clean:
        return exits.FAILED if not verdict.unread else exits.INCOMPLETE
    return exits.INCOMPLETE if verdict.unread else exits.COMPLETE


def _show(options: _Verify, verdict: "Verdict", *, logged: bool) -> None:
    lines = [
        f" Files                 {verdict.files:>8,}",
        f" Read twice            {verdict.read_twice:>8,}",
        f" Compared with source  {verdict.compared:>8,}",
        *(
            f" Left      {each.loc}: {_kinds(each.kinds)} {each.reason}"
            for each in verdict.residues
        ),
        *(f" Form      {each.loc}: {each.reason}" for each in verdict.form),
        *(f" Log       {problem}" for problem in verdict.log),
        *(f" Unread    {place}" for place in verdict.unread),
    ]
    if not logged:
        lines.append(" No audit log lies beside it")
    if options.source is None:
        lines.append(" Without --source no value is looked for that only the source knows")
    lines.append(" Nothing is left" if verdict.is_clean else " Not clean")
    for line in lines:
        click.echo(line.rstrip())


def _kinds(kinds: dict[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


command = make(
    "verify", _Verify, example="piiscan verify copy/ --policy upplands-bro --source archive/"
)(_verify)
