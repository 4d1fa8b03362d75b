"""`piiscan subject`: the rights of one person over the whole archive."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piiscan.cli import subject_changes, subject_holds
from piiscan.cli.options import command as make
from piiscan.cli.subject_options import AnswerOptions, PersonOptions, answer, person

if TYPE_CHECKING:
    from piiscan.cli.subject_session import Session
    from piiscan.rights import Overview

__all__ = ["command"]

LISTED = 50  # places of a table; JSON has all


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find(PersonOptions):
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access(AnswerOptions):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export(AnswerOptions):
    pass


@click.group("subject", epilog="Example: piiscan subject find --id-file person.txt")
def command() -> None:
    """Carry out the rights of one person over the whole archive.

    The person is named by identifiers in a file, on stdin or at a prompt, never in an argument.
    """


@click.option(
    "--format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Form of the result.",
)
@person
def _find(options: _Find) -> int:
    """Say where a person is: messages by channel, with masked identifiers."""
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_session import session

    with session(options) as about:
        overview = about.overview()
        about.note("subject-find", messages=len(overview.located), objects=len(overview.objects))
        tokens = _pseudonymized(about, overview)
        with opened(options) as stream:
            lines = (
                _document(overview, tokens)
                if options.format == "json"
                else _table(overview, about, tokens)
            )
            stream.writelines(f"{line}\n" for line in lines)
    return exits.INCOMPLETE if overview.incomplete else exits.COMPLETE


@answer
def _access(options: _Access) -> int:
    """Write what a person is entitled to see (Art. 15) into a new folder.

    A letter, the registers, a copy of each message with every other person masked, a list of what
    is withheld, and a decision; the grounds are for the case officer to fill in. Only the owner of
    the folder can read it.
    """
    from piiscan.cli import exits
    from piiscan.cli.subject_answers import copies_of, noted, refused, request_of, said
    from piiscan.cli.subject_session import session
    from piiscan.rights.access import papers
    from piiscan.rights.paper import check_folder, write_folder

    if options.refuse:
        with session(options, refuse=options.refuse) as about:
            return refused(options, about, request_of(options, about, "access"))
    folder = _target(options, "the papers need a folder of their own: name a new one with -o")
    with session(options, verified=options.verified) as about:
        request = request_of(options, about, "access")
        overview = about.overview()
        about.keep_outside(overview, folder)
        check_folder(folder)
        reading, copies = copies_of(about, overview, request)
        incomplete = overview.incomplete or bool(reading.lost)
        files = papers(request, copies, policy=about.policy, incomplete=incomplete)
        noted(about, request, state="done", messages=len(copies), lost=len(reading.lost))
        write_folder(folder, files)
        said(options, about, copies, len(reading.lost), request)
    return exits.INCOMPLETE if incomplete else exits.COMPLETE


@answer
def _export(options: _Export) -> int:
    """Write a person's messages as JSON (Art. 20), every other person masked."""
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.cli.subject_answers import copies_of, noted, refused, request_of, said
    from piiscan.cli.subject_session import session
    from piiscan.files import writable
    from piiscan.rights.export import as_json

    if options.refuse:
        with session(options, refuse=options.refuse) as about:
            return refused(options, about, request_of(options, about, "export"))
    file = _target(options, "the export holds values: name a file with -o")
    with session(options, verified=options.verified) as about:
        request = request_of(options, about, "export")
        overview = about.overview()
        about.keep_outside(overview, file)
        writable(file)
        reading, copies = copies_of(about, overview, request)
        incomplete = overview.incomplete or bool(reading.lost)
        noted(about, request, state="done", messages=len(copies), lost=len(reading.lost))
        with opened(options) as stream:
            stream.write(
                as_json(request, copies, about.person, policy=about.policy, incomplete=incomplete)
            )
        said(options, about, copies, len(reading.lost), request)
    return exits.INCOMPLETE if incomplete else exits.COMPLETE


def _target(options: AnswerOptions, hint: str) -> Path:
    """Return where values go: named, and only after somebody has proved who they are."""
    if not options.verified:
        raise click.UsageError(
            "nobody gets values without proof of who they are\n\n"
            'hint: say how it was proved, as in --verified "BankID 2026-11-20"'
        )
    if options.output is None:
        raise click.UsageError(f"the result would be shown\n\nhint: {hint}")
    return options.output


def _pseudonymized(about: "Session", overview: "Overview") -> list[str]:
    """Return where pseudonyms stand for the person; the archive is read only if there are some."""
    if not about.person.tokens:
        return []
    return about.pseudonymized(overview, about.read(overview))


def _table(overview: "Overview", about: "Session", tokens: list[str]) -> list[str]:
    from piiscan.cli.subject_answers import many

    counts = [(name, str(count)) for name, count in overview.channels.items()]
    width = max((len(name) for name, _ in [*counts, ("Channel", "")]), default=0)
    lines = [" " + " ".join(about.person.shown)]
    if counts:
        lines.append(f" {'Channel':<{width}}  Messages")
        lines += [f" {name:<{width}}  {count:>8}" for name, count in counts]
    for one in overview.located[:LISTED]:
        lines.append(f"  {one.place}  {' '.join(one.matched)}")
    if len(overview.located) > LISTED:
        lines.append(f"  and {len(overview.located) - LISTED:,} more: --format json")
    lines += [f"  {place}  pseudonym" for place in tokens[:LISTED]]
    if about.person.tokens:
        lines.append(f" {many(len(tokens), 'message')} with a pseudonym alone.")
    lines.append(
        f" {many(len(overview.located), 'message')} in {many(len(overview.objects), 'object')}"
        f" of {many(len(overview.channels), 'register')}."
    )
    if overview.left_out:
        lines.append(
            f" {many(overview.left_out, 'message')} with a name, address or date of birth only:"
            " --names counts them"
        )
    if overview.incomplete:
        lines.append(" Not all was scanned, so there may be more: piiscan store info")
    return lines


def _document(overview: "Overview", tokens: list[str]) -> list[str]:
    from piiscan.store import sent_text

    record = {
        "schema": 1,
        "messages": [
            {
                "place": one.place,
                "object": one.owner.ident.hex(),
                "message": one.message.number,
                "channel": one.channel,
                "sent": sent_text(one.message.sent) or None,
                "matched": list(one.matched),
                "others": one.others,
            }
            for one in overview.located
        ],
        "pseudonymized": tokens,
        "channels": overview.channels,
        "left_out": overview.left_out,
        "complete": not overview.incomplete,
    }
    return [json.dumps(record, ensure_ascii=False, indent=1)]


command.add_command(make("find", _Find, example="piiscan subject find --id-file person.txt")(_find))
command.add_command(
    make(
        "access",
        _Access,
        example='piiscan subject access --id-file person.txt --verified "BankID" -o extract',
    )(_access)
)
command.add_command(
    make(
        "export",
        _Export,
        example='piiscan subject export --id-file person.txt --verified "BankID" -o mine.json',
    )(_export)
)
for _inner in (*subject_changes.COMMANDS, *subject_holds.COMMANDS):
    command.add_command(_inner)
