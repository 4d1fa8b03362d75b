"""`piiscan subject hold|restrict|release|log`: what stays, and what was done."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from piiscan.cli.options import command as make
from piiscan.cli.subject_options import (
    PersonOptions,
    SubjectOptions,
    day,
    person,
    seal_key_option,
    subject,
)
from piiscan.policy.model import HoldKind

if TYPE_CHECKING:
    from piiscan.rights.trail import Entry
    from piiscan.store.audit_log import AuditEntry

__all__ = ["COMMANDS"]

KINDS = [kind for kind in get_args(HoldKind) if kind != "restriction"]

_reason_option = click.option("--reason", metavar="TEXT", required=True, help="Why; no values.")
_review_option = click.option(
    "--review", metavar="DAY", required=True, callback=day, help="When somebody looks at it again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Restrict(PersonOptions):
    reason: str
    review: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold(_Restrict):
    kind: HoldKind
    path: str
    channel: str
    message: str
    sender: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release(SubjectOptions):
    hold: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log(SubjectOptions):
    reveal: bool
    seal_key_file: Path | None


@click.option(
    "--kind", type=click.Choice(KINDS), required=True, help="Why, in a word: what kind of hold."
)
@_reason_option
@_review_option
@click.option("--path", metavar="GLOB", default="", help="Files, in place of a person: `chat/**`.")
@click.option("--channel", metavar="NAME", default="", help="A channel, in place of a person.")
@click.option(
    "--message",
    metavar="KEY",
    default="",
    help="Messages with this id of case or mail, as it stands there: `<a@example.org>`.",
)
@click.option("--sender", is_flag=True, help="Only what the person has sent.")
@person
def _hold(options: _Hold) -> int:
    """Keep all messages of a person, whatever the notice promises, until the hold is released.

    With --sender only what the person has sent. With --path, --channel or --message the hold covers
    what lies there, whoever it is about; a path may hold masks, as outputs show them.
    """
    if options.path or options.channel or options.message:
        if options.sender or options.id_file:
            raise click.UsageError(
                "--path, --channel and --message stand in place of a person\n\n"
                "hint: leave out --sender and --id-file, or give two holds"
            )
        return _placed_broadly(options)
    return _placed(options, options.kind, "hold", sender=options.sender)


@_reason_option
@_review_option
@person
def _restrict(options: _Restrict) -> int:
    """Keep a person's messages and leave them out of ordinary outputs (Art. 18)."""
    return _placed(options, "restriction", "restrict")


def _placed_broadly(options: _Hold) -> int:
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_session import key_of, opened_log
    from piiscan.holds import HoldScope, place
    from piiscan.rights.identifiers import refuse_values
    from piiscan.scanning import Scanner

    texts = {"path": options.path, "channel": options.channel, "reason": options.reason}
    refuse_values(Scanner(), case=options.case, by=options.by, **texts)
    case = ""  # a key may be an address of mail: the store and the log hold its hash alone
    if options.message:
        case = Scanner(key=key_of(options)).ident(options.message.encode()).hex()
    with opened_log(options) as log:
        number = place(
            options.store,
            kind=options.kind,
            scope=HoldScope(path=options.path, channel=options.channel, case=case),
            reason=options.reason,
            owner=options.by,
            since=options.now.date(),
            review=options.review,
            log=log,
        )
        log.append("subject-hold", case=options.case, hold=number)
    with opened(options) as stream:
        stream.write(f" Hold {number} ({options.kind}), review {options.review.isoformat()}.\n")
    return exits.COMPLETE


def _placed(options: _Restrict, kind: HoldKind, event: str, *, sender: bool = False) -> int:
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_session import session
    from piiscan.holds import HoldScope, place
    from piiscan.promises.verdict import count

    with session(options, reason=options.reason) as about:
        overview = about.overview()
        names = tuple(about.person.names)
        covered = [
            one
            for one in overview.located
            if not sender or about.person.digests & one.message.fingerprints(role="sender")
        ]
        number = place(
            options.store,
            kind=kind,
            scope=HoldScope(senders=names) if sender else HoldScope(subject=names),
            reason=options.reason,
            owner=options.by,
            since=about.today,
            review=options.review,
            log=about.log,
        )
        about.note(f"subject-{event}", hold=number, messages=len(covered))
        with opened(options) as stream:
            stream.write(
                f" Hold {number} ({kind}) covers {count(len(covered), 'message')},"
                f" review {options.review.isoformat()}.\n"
                f" End it: piiscan subject release {number} --by NAME --reason TEXT\n"
            )
    return exits.COMPLETE


@click.argument("hold", metavar="HOLD")
@_reason_option
@subject
def _release(options: _Release) -> int:
    """End a hold or a restriction: who decides so, and why."""
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_session import opened_log
    from piiscan.holds import release
    from piiscan.rights.identifiers import refuse_values
    from piiscan.scanning import Scanner
    from piiscan.sweeping import time_text

    refuse_values(Scanner(), case=options.case, by=options.by, reason=options.reason)
    with opened_log(options) as log:
        release(
            options.hold,
            store=options.store,
            who=options.by,
            why=options.reason,
            time=time_text(options.now),
            log=log,
        )
        log.append("subject-release", case=options.case, hold=options.hold)
    with opened(options) as stream:
        stream.write(f" Hold {options.hold} is released.\n")
    return exits.COMPLETE


@click.option("--reveal", is_flag=True, help="Show the sealed entries of rectifications.")
@seal_key_option
@subject
def _log(options: _Log) -> int:
    """Show what was done for data subjects: requests, holds, rectifications."""
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_session import opened_log
    from piiscan.holds import active
    from piiscan.rights.trail import Trail, default_trail
    from piiscan.store import open_store

    if options.reveal and options.output is None and not sys.stdout.isatty():
        raise click.UsageError(
            "--reveal shows values, and stdout is no terminal\n\n"
            "hint: name a file with -o, it is readable by you only"
        )
    with open_store(options.store) as store:
        requests, holds = store.requests(), active(None, store)
    entries = Trail(default_trail(options.store)).entries()
    shown = [one for one in entries if options.case in {"", one.case}]
    with opened_log(options) as log:
        opened_values = {}
        log.append("subject-log", case=options.case, revealed=len(shown) if options.reveal else 0)
        if options.reveal:
            click.echo("warning: the result shows personal data; delete it afterwards", err=True)
            opened_values = _opened(options, shown)
        with opened(options) as stream:
            for line in log.entries():
                if line.event.startswith(("subject-", "hold-")):
                    stream.writelines(_line(line, options.case))
            for one in requests:
                if options.case in {"", one.case_ref}:
                    stream.write(
                        f" request {one.case_ref or '-'}  {one.kind}  received {one.received}"
                        f"  due {one.due}  {one.state}\n"
                    )
            for hold in holds:
                late = ", due for review" if hold.due_for_review(options.now.date()) else ""
                stream.write(f" hold {hold.id}  {hold.kind}  review {hold.review}{late}\n")
            for entry in shown:
                stream.writelines(_rectified(entry, opened_values))
    return exits.COMPLETE


def _opened(options: _Log, entries: "list[Entry]") -> dict[int, tuple[str, str]]:
    """Return the old and new entry of rectifications, by number."""
    from piiscan.cli.subject_changes import seal_key
    from piiscan.rewriting import reveal

    key = seal_key(options.store, options.seal_key_file, new=False)
    return {one.id: (reveal(key, one.old), reveal(key, one.new)) for one in entries if one.old}


def _line(line: "AuditEntry", case: str) -> Iterator[str]:
    if case and line.fields.get("case") != case:
        return
    facts = "  ".join(
        f"{name} {' '.join(value) if isinstance(value, list) else value}"
        for name, value in line.fields.items()
        if value not in ("", None)
    )
    yield f" {line.time}  {line.event}  {line.who or '-'}  {facts}\n"


def _rectified(entry: "Entry", values: dict[int, tuple[str, str]]) -> Iterator[str]:
    yield f" rectification {entry.id}  {entry.time}  {entry.who}  {entry.case or '-'}\n"
    for spot in entry.spots:
        number = "" if spot.number is None else f"#{spot.number}"
        yield f"   at {spot.loc}{number}/{spot.role}\n"
    if entry.id in values:
        old, new = values[entry.id]
        yield f"   old {old}\n   new {new}\n"
    else:
        yield f"   old {'sealed' if entry.old else 'erased'}, new likewise\n"


COMMANDS = (
    make(
        "restrict",
        _Restrict,
        example='piiscan subject restrict --id-file person.txt --reason "disputed" --review'
        " 2027-01-31 --by NAME",
    )(_restrict),
    make(
        "hold",
        _Hold,
        example="piiscan subject hold --id-file person.txt --kind legal-claim --reason"
        ' "case T 12-26" --review 2027-01-31 --by NAME',
    )(_hold),
    make(
        "release", _Release, example='piiscan subject release 1 --by NAME --reason "claim settled"'
    )(_release),
    make("log", _Log, example="piiscan subject log --case DSO-2026-17")(_log),
)
