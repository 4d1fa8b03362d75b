"""A line on the terminal that says how far a command is; nothing where nobody sits."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

__all__ = ["Progress", "progress"]

SHOWN_S = 0.2  # how often the line changes

# Bytes done, bytes known so far, and what makes the words at the end.
Progress = Callable[[int, int, Callable[[], str]], None]


class _Looks(Protocol):
    """Options that say how output looks."""

    @property
    def quiet(self) -> bool: ...

    @property
    def color(self) -> str: ...


@contextmanager
def progress(options: _Looks) -> Iterator[Progress]:
    """Give a function that shows progress on stderr, if that is a terminal.

    Args:
        options: `--quiet` shows none.

    """
    if options.quiet or not sys.stderr.isatty():
        yield lambda _done, _known, _words: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
    )
    color = {"auto": None, "always": True, "never": False}[options.color]
    console = Console(stderr=True, no_color=None if color is None else not color)
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, words="")
        shown = last = 0.0

        def show(done: int, known: int, words: Callable[[], str]) -> None:
            nonlocal shown, last
            if monotonic() - shown < SHOWN_S:
                return
            shown = monotonic()
            if done < last:  # another pass: its speed is its own
                bar.reset(task)
            last = done
            bar.update(task, completed=done, total=max(known, 1), words=words())

        yield show
