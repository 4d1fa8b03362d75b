"""A line on the terminal that says how far a command is; nothing where nobody sits."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from piiscan.cli.options import Common

__all__ = ["progress"]

SHOWN_S = 0.2  # how often the line changes


@contextmanager
def progress(options: Common) -> Iterator[Callable[[int, int, str], None]]:
    """Give a function that shows progress on stderr, if that is a terminal.

    It takes the bytes that are done, those that are known so far, and the words behind the bar.

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

        def show(done: int, known: int, words: str) -> None:
            nonlocal shown, last
            if monotonic() - shown < SHOWN_S:
                return
            shown = monotonic()
            if done < last:  # another pass: its speed is its own
                bar.reset(task)
            last = done
            bar.update(task, completed=done, total=max(known, 1), words=words)

        yield show
