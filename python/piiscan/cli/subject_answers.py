"""Answering a request of a data subject: who asked, what is noted, what a refused person gets."""

from typing import TYPE_CHECKING

import click

from piiscan.cli import exits
from piiscan.cli.results import opened
from piiscan.cli.subject_options import AnswerOptions
from piiscan.rights.access import Request, refusal
from piiscan.rights.copying import Copy, copy_messages
from piiscan.store.request_table import note_request

if TYPE_CHECKING:
    from piiscan.cli.subject_session import Session
    from piiscan.rights import Overview
    from piiscan.rights.archive import Reading

__all__ = ["copies_of", "many", "noted", "refused", "request_of", "said"]


def request_of(options: AnswerOptions, about: "Session", right: str) -> Request:
    """Return the request that the options describe.

    Args:
        options: Of the command.
        about: The person.
        right: What they ask for.

    """
    named = about.policy.policy.notice.locale if about.policy else "en"
    return Request(
        right=right,
        case=options.case,
        received=options.received or about.today,
        verified=options.verified,
        locale=options.locale or named,
    )


def noted(about: "Session", request: Request, *, state: str, **fields: object) -> None:
    """Put a request into the audit log and the store; call it before the answer is written.

    Args:
        about: The person.
        request: What they asked for.
        state: `open`, `done`, `refused`.
        **fields: More for the log; no values.

    """
    received, due = request.received.isoformat(), request.due.isoformat()
    about.note(
        f"subject-{request.right}",
        state=state,
        received=received,
        due=due,
        verified=request.verified,
        **fields,
    )
    note_request(
        about.options.store,
        kind=request.right,
        case_ref=request.case,
        subject=about.digests,
        received=received,
        due=due,
        verified=request.verified,
        state=state,
    )


def refused(options: AnswerOptions, about: "Session", request: Request) -> int:
    """Write the certificate of a refusal and return the exit code.

    Args:
        options: Of the command.
        about: The person.
        request: What they asked for.

    """
    noted(about, request, state="refused", reason=options.refuse)
    page = refusal(request, reason=options.refuse, decided=about.today, policy=about.policy)
    with opened(options) as stream:
        stream.write(page)
    return exits.COMPLETE


def copies_of(
    about: "Session", overview: "Overview", request: Request
) -> "tuple[Reading, list[Copy]]":
    """Read the person's messages again, and return them with the values of others masked.

    Args:
        about: The person.
        overview: Where they are.
        request: Decides the language of masks.

    """
    reading = about.read(overview)
    copies = copy_messages(
        reading.messages, about.person, locale=request.locale, mask_path=about.mask_path
    )
    return reading, copies


def said(
    options: AnswerOptions, about: "Session", copies: list[Copy], lost: int, request: Request
) -> None:
    """Say in a line what an answer holds.

    Args:
        options: Of the command.
        about: The person.
        copies: The messages.
        lost: Messages that the store knows and the archive does not.
        request: What was asked.

    """
    if not options.quiet:
        others = {digest for copy in copies for digest in copy.others}
        objects = {(copy.message.root, copy.message.object) for copy in copies}
        registers = {about.channel(copy.message) for copy in copies}
        click.echo(
            f" {many(len(copies), 'message')} in {many(len(objects), 'object')} of"
            f" {many(len(registers), 'register')};"
            f" {many(len(others), 'value')} of other people masked."
            f" Due {request.due.isoformat()} (Art. 12(3))."
        )
    if lost:
        click.echo(
            f" {many(lost, 'message')} of the store could not be read again:"
            " run piiscan sweep, then this once more",
            err=True,
        )


def many(count: int, what: str) -> str:
    """Return a number with its noun.

    >>> many(1, "message"), many(2000, "message")
    ('1 message', '2,000 messages')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
