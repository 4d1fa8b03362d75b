"""Where a result goes, and in which form."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import IO

import click

from piiscan.cli.options import Common, Output, Scanning
from piiscan.files import replacing, writable
from piiscan.outputs import Result, load

__all__ = ["check_output", "emit", "opened", "painted", "say"]

HEADS = (" Category",)
ALARMS = (" Alerts", " Not scanned", " Fails", " Interrupted")


def check_output(options: Scanning) -> None:
    """Refuse before the work what cannot be written after it.

    Args:
        options: Of the command.

    Raises:
        click.UsageError: Values would go to a file or program that was not named.
        OSError: The result cannot be written there.

    """
    if options.reveal and options.output is None and not sys.stdout.isatty():
        raise click.UsageError(
            "--reveal shows values, and stdout is no terminal\n\n"
            "hint: name a file with -o, it is readable by you only"
        )
    if options.output is not None:
        writable(options.output)
        if options.format == "csv":
            writable(_coverage_path(options.output))
    if options.reveal:
        click.echo("warning: the result shows personal data; delete it when you are done", err=True)


@contextmanager
def opened(options: Common, *, newline: str | None = "\n") -> Iterator[IO[str]]:
    """Give the stream of the result: a file that is complete or absent, or stdout.

    Args:
        options: Of the command.
        newline: As in `replacing`.

    Yields:
        The stream.

    """
    if options.output is not None:
        with replacing(options.output, newline=newline) as stream:
            yield stream
        return
    if newline is None and isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(newline="")
    yield sys.stdout
    sys.stdout.flush()


def emit(result: Result, options: Output) -> None:
    """Write a result as the options ask."""
    write = load(options.format)
    with opened(options, newline=None if options.format == "csv" else "\n") as stream:
        into = painted(stream, options) if options.format == "table" else stream
        write(result, into)
    if options.format == "csv":
        _write_coverage(result, options)


def say(options: Common, text: str) -> None:
    """Tell the user something that is no result."""
    if not options.quiet:
        click.echo(text, err=True)


def _write_coverage(result: Result, options: Output) -> None:
    from piiscan.outputs.csv_output import write_coverage

    missed = sum(result.summary.incomplete.values())
    if options.output is None:
        if missed:
            click.echo(
                f"not scanned: {missed} objects (with -o FILE, FILE.coverage.csv lists them)",
                err=True,
            )
        return
    with replacing(_coverage_path(options.output), newline=None) as stream:
        write_coverage(result, stream)


def _coverage_path(output: Path) -> Path:
    return output.with_name(f"{output.name.removesuffix('.csv')}.coverage.csv")


def painted(
    stream: IO[str],
    options: Common,
    *,
    heads: tuple[str, ...] = HEADS,
    alarms: tuple[str, ...] = ALARMS,
) -> IO[str]:
    """Return a stream that paints lines for a terminal, or the stream itself.

    Args:
        stream: Where the lines go.
        options: Whether color is wanted.
        heads: Starts of lines that are bold.
        alarms: Starts of lines that are red.

    """
    if options.output is not None or not _colored(options):
        return stream
    return _Painted(stream, heads, alarms)


def _colored(options: Common) -> bool:
    import os

    if options.color == "auto":
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return options.color == "always"


class _Painted(StringIO):
    """A stream that shows heads bold and alarms red; the words alone say the same."""

    def __init__(self, stream: IO[str], heads: tuple[str, ...], alarms: tuple[str, ...]) -> None:
        super().__init__()
        self._stream, self._heads, self._alarms = stream, heads, alarms

    def write(self, text: str) -> int:
        """Write one line."""
        if text.startswith(self._heads):
            text = click.style(text, bold=True)
        elif text.startswith(self._alarms):
            text = click.style(text, fg="red")
        return self._stream.write(text)
