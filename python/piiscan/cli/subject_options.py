"""The options of the `subject` commands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import click

from piiscan.cli.options import LOCALES, Common, common, now_option, store_option

__all__ = [
    "AnswerOptions",
    "PersonOptions",
    "SubjectOptions",
    "answer",
    "day",
    "person",
    "seal_key_option",
    "subject",
]

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectOptions(Common):
    """Options of every `subject` command."""

    store: Path
    key_file: Path | None
    policy: str | None
    case: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonOptions(SubjectOptions):
    """Options of the commands that look for a person."""

    paths: tuple[str, ...]
    id_file: Path | None
    token_key_file: Path | None
    profile: tuple[Path, ...]
    names: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOptions(PersonOptions):
    """Options of the commands that answer a request."""

    received: date | None
    verified: str
    refuse: str
    locale: str | None


def day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    """Return the day that an option names."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"`{value}` is no day, such as 2026-11-22") from None


_SUBJECT = (
    store_option,
    click.option(
        "--key-file",
        metavar="FILE",
        envvar="PIISCAN_KEY_FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Key of the fingerprints.",
    ),
    click.option("--policy", metavar="NAME|FILE", help="What the notice promises."),
    click.option("--case", metavar="REF", default="", help="The case, for the log."),
    click.option("--by", metavar="NAME", default="", help="Who decides; official, not the person."),
    now_option,
)
_PERSON = (
    click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path()),
    click.option(
        "--id-file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        help="Who: one identifier a line, such as `email: ...`; else from stdin.",
    ),
    click.option(
        "--token-key-file",
        metavar="FILE",
        envvar="PIISCAN_TOKEN_KEY_FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Look for pseudonyms too, made under this key; reads the whole archive.",
    ),
    click.option(
        "--profile",
        metavar="FILE|DIR",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        help="Where a vendor's files hold text, as for the sweep.",
    ),
    click.option(
        "--names",
        is_flag=True,
        help="Names, street addresses and dates of birth count alone, too.",
    ),
)
_ANSWER = (
    click.option(
        "--received", metavar="DAY", callback=day, help="When the request came; today if not given."
    ),
    click.option(
        "--verified", metavar="TEXT", default="", help="How the person proved who they are."
    ),
    click.option(
        "--refuse", metavar="REASON", default="", help="Write a certificate of refusal instead."
    ),
    click.option(
        "--locale", type=click.Choice(LOCALES), help="Language of papers; the policy's by default."
    ),
)
seal_key_option = click.option(
    "--seal-key-file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Key of sealed entries; beside the store's key by default.",
)


def subject(function: F) -> F:
    """Add the options of every `subject` command."""
    for option in reversed(_SUBJECT):
        function = option(function)
    return common(function)


def person(function: F) -> F:
    """Add the options of the commands that look for a person."""
    for option in reversed(_PERSON):
        function = option(function)
    return subject(function)


def answer(function: F) -> F:
    """Add the options of the commands that answer a request."""
    for option in reversed(_ANSWER):
        function = option(function)
    return person(function)
