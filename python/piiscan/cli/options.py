"""Options that commands share, and how a command gets them: as one frozen dataclass."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeVar

import click

from piiscan.errors import PolicyError
from piiscan.outputs import OUTPUTS

__all__ = [
    "LOCALES",
    "Common",
    "Output",
    "Scanning",
    "command",
    "common",
    "lexicon_files",
    "lexicon_option",
    "now_option",
    "output",
    "policy_option",
    "read_toml",
    "reading",
    "scanning",
    "store_option",
    "store_option_for",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
LOCALES = ("en", "sv-SE", "sv-FI", "fi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options of every command."""

    output: Path | None
    quiet: bool
    verbose: int
    color: str
    no_input: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Common):
    """Options of every command that writes findings."""

    format: str
    locale: str
    bom: bool
    coverage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning(Output):
    """Options of every command that scans."""

    detectors: tuple[str, ...]
    exclude_detectors: tuple[str, ...]
    exclude: tuple[str, ...]
    profile: tuple[Path, ...]
    lexicon: tuple[Path, ...]
    limit: dict[str, int]
    jobs: int | None
    follow: bool
    reveal: bool
    fail_on: tuple[str, ...]
    key_file: Path | None
    now: datetime


def _target(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Path | None:
    return None if value in {None, "-"} else Path(str(value))


def _limits(
    _context: click.Context, _parameter: click.Parameter, values: Iterable[str]
) -> dict[str, int]:
    limits = {}
    for text in values:
        found = re.fullmatch(r"([a-z-]+)=(\d+)([kmgt]?)", text, re.IGNORECASE)
        if not found:
            raise click.BadParameter(f"`{text}` is not NAME=VALUE, such as depth=20 or field=128M")
        limits[found[1].lower()] = int(found[2]) * UNITS[found[3].lower()]
    return limits


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime:
    if value is None:
        return datetime.now(UTC)
    try:
        if len(value) == len("2026-11-22"):
            return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"`{value}` is no time, such as 2026-11-22 or 2026-11-22T09:30:00Z"
        ) from None
    if moment.tzinfo is None:
        raise click.BadParameter(
            f"`{value}` has no time zone, such as the Z of 2026-11-22T09:30:00Z"
        )
    return moment


_COMMON = (
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        callback=_target,
        help="Write to FILE, mode 0600; - is stdout.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Only results and errors."),
    click.option(
        "-v",
        "--verbose",
        count=True,
        help="Name each object; -vvv shows where an error was raised.",
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Color for people.",
    ),
    click.option("--no-input", is_flag=True, help="Never ask."),
)

_OUTPUT = (
    click.option(
        "--format",
        type=click.Choice(list(OUTPUTS)),
        default="table",
        show_default=True,
        help="Form of the result.",
    ),
    click.option(
        "--coverage",
        type=click.Choice(["issues", "all"]),
        default="issues",
        show_default=True,
        help="Objects that the ledger lists.",
    ),
    click.option(
        "--locale",
        type=click.Choice(LOCALES),
        default="en",
        show_default=True,
        help="Decides the separator of CSV.",
    ),
    click.option("--bom", is_flag=True, help="Start CSV with a byte order mark, for spreadsheets."),
)

lexicon_option = click.option(
    "--lexicon",
    metavar="FILE|DIR",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="More words of sensitive categories, or fewer.",
)

now_option = click.option(
    "--now", metavar="TIME", callback=_moment, help="The time of the run, for tests."
)

_CHOOSING = (
    click.option(
        "--detectors", metavar="GLOB", multiple=True, help="Only these detectors or categories."
    ),
    click.option(
        "--exclude-detectors",
        metavar="GLOB",
        multiple=True,
        help="Not these detectors or categories.",
    ),
)

_READING = (
    click.option(
        "--exclude",
        metavar="GLOB",
        multiple=True,
        help="Leave out paths; they are listed as skipped.",
    ),
    click.option(
        "--profile",
        metavar="FILE|DIR",
        multiple=True,
        type=click.Path(exists=True, path_type=Path),
        help="Where a vendor's files hold text, sender, time.",
    ),
    lexicon_option,
    click.option(
        "--limit",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_limits,
        help="Raise or lower a limit.",
    ),
    click.option(
        "--jobs",
        metavar="N",
        type=click.IntRange(1, 256),
        help="Worker threads; one per core by default.",
    ),
    click.option("--follow", is_flag=True, help="Follow links that stay within their root."),
)

_SHOWING = (
    click.option("--reveal", is_flag=True, help="Show the values themselves."),
    click.option(
        "--fail-on",
        metavar="EXPR",
        multiple=True,
        help="Exit 1 if something is found: any, art9, health, 'se-*@high>0', warn, skipped.",
    ),
)

_RUNNING = (
    click.option(
        "--key-file",
        metavar="FILE",
        envvar="PIISCAN_KEY_FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Key of the fingerprints.",
    ),
    now_option,
)

policy_option = click.option(
    "--policy",
    metavar="NAME|FILE",
    envvar="PIISCAN_POLICY",
    required=True,
    help="What was promised: a shipped policy, or a file.",
)


def store_option_for(use: str) -> Callable[[F], F]:
    """Return the option that names a store.

    Args:
        use: What the command does with it.

    """
    return click.option(
        "--store",
        metavar="FILE",
        envvar="PIISCAN_STORE",
        default=".piiscan/store.db",
        show_default=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help=use,
    )


store_option = store_option_for("The store of the findings.")


def common(function: F) -> F:
    """Add the options of every command."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


def output(function: F) -> F:
    """Add the options of every command that writes findings."""
    for option in reversed(_OUTPUT):
        function = option(function)
    return common(function)


def scanning(function: F) -> F:
    """Add the options of every command that scans."""
    for option in reversed((*_CHOOSING, *_READING, *_SHOWING, *_RUNNING)):
        function = option(function)
    return output(function)


def reading(function: F) -> F:
    """Add the options of every command that reads an archive as a policy says."""
    for option in reversed((*_READING, *_RUNNING)):
        function = option(function)
    return common(function)


def command(
    name: str, kind: Callable[..., T], *, example: str
) -> Callable[[Callable[[T], int]], click.Command]:
    """Make a command of a function that takes its options as one `kind` and returns the exit code.

    Args:
        name: Of the command.
        kind: The dataclass of its options.
        example: A line that shows its use; printed under the help.

    """

    def wrap(function: Callable[[T], int]) -> click.Command:
        def run(**values: object) -> int:
            return function(kind(**values))

        made = click.command(
            name,
            help=function.__doc__,
            short_help=" ".join((function.__doc__ or "").partition("\n\n")[0].split()),
            epilog=f"Example: {example}",
        )(run)
        made.params.extend(reversed(getattr(function, "__click_params__", [])))
        return made

    return wrap


def lexicon_files(paths: Iterable[Path]) -> list[Path]:
    """Return lexicon files; a folder stands for all in it and its folders.

    Args:
        paths: Files or folders.

    Raises:
        PolicyError: A folder holds none.

    """
    files: list[Path] = []
    for path in paths:
        found = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
        if not found:
            raise PolicyError(f"folder `{path}` holds no file *.toml")
        files += found
    return files


def read_toml(paths: Iterable[Path]) -> tuple[tuple[str, str], ...]:
    """Return name and text of TOML files; a folder stands for all in it.

    Args:
        paths: Files or folders.

    Raises:
        PolicyError: A file is not UTF-8, or a folder holds none.

    """
    read = []
    for path in paths:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not files:
            raise PolicyError(f"folder `{path}` holds no file *.toml")
        for file in files:
            try:
                read.append((file.stem, file.read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                raise PolicyError(f"`{file}` is not UTF-8") from None
    return tuple(read)
