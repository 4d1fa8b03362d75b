"""Exit codes, and how an error looks: one line that says where and what, one `hint:` line.

Of several codes the first in this order counts: 130, 2, 4, 3, 1, 0. A message of piiscan's own
exceptions is shown; of any other exception only its type, since its text may hold text of an
archive.
"""

import errno
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import click

from piiscan.errors import KeyMismatchError, PiiscanError, RefusedError

__all__ = [
    "COMPLETE",
    "FAILED",
    "INCOMPLETE",
    "INTERRUPTED",
    "REFUSED",
    "USAGE",
    "complain",
    "exit_code",
    "silence_stdout",
]

COMPLETE = 0
FAILED = 1  # a condition of --fail-on holds
USAGE = 2  # usage, configuration or internal error; no space for the result
INCOMPLETE = 3  # finished, but not all was scanned
REFUSED = 4  # refused as a whole: nothing was done
INTERRUPTED = 130  # resumable

PRECEDENCE = (INTERRUPTED, USAGE, REFUSED, INCOMPLETE, FAILED, COMPLETE)


def exit_code(*codes: int) -> int:
    """Return the code that counts."""
    return min(codes, key=PRECEDENCE.index)


def complain(error: BaseException, *, verbose: int = 0) -> int:
    """Print what went wrong on stderr and return the exit code.

    Args:
        error: What was raised.
        verbose: From 3 on, an internal error shows where in the program it was raised.

    """
    if isinstance(error, KeyboardInterrupt | click.Abort):
        _say("interrupted")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        silence_stdout()
        return COMPLETE  # the reader has seen enough
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    text, hint = _describe(error)
    _say(text)
    if hint:
        _say(hint, label="hint: ")
    if verbose > 2 and not isinstance(error, click.ClickException):  # noqa: PLR2004 - -vvv
        for frame in traceback.extract_tb(error.__traceback__):
            click.echo(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}", err=True)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        silence_stdout()
    return REFUSED if isinstance(error, KeyMismatchError | RefusedError) else USAGE


def silence_stdout() -> None:
    """Drop what stdout still holds, so that the interpreter does not complain of it."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def _describe(error: BaseException) -> tuple[str, str]:
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "piiscan"
        text, _, hint = _lowered(error.format_message()).partition("\n\nhint: ")
        return text, hint or f"{path} --help"
    if isinstance(error, click.ClickException):
        return _lowered(error.format_message()), ""
    if isinstance(error, PiiscanError | FileNotFoundError | IsADirectoryError | PermissionError):
        text, _, hint = _own_words(error).partition("\n\nhint: ")
        return text, hint
    if isinstance(error, OSError):
        place = f"`{error.filename}`: " if isinstance(error.filename, str) else ""
        what = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        return f"cannot write the result: {place}{what}", ""
    return f"internal error: {type(error).__name__}", "run again with -vvv and report what it shows"


def _own_words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"`{error.filename}`: {os.strerror(error.errno).lower()}"
    return str(error)


def _lowered(text: str) -> str:
    text, mark, hint = text.removesuffix(".").partition("\n\nhint: ")
    text = " ".join(text.split()) + mark + hint
    return text[:1].lower() + text[1:]


def _say(text: str, *, label: str = "piiscan: ") -> None:
    with suppress(OSError):
        click.echo(click.style(label, bold=True) + text, err=True)
