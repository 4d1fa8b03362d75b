"""Ctrl-C and SIGTERM: the first asks the work to stop, the second ends the process at once.

The first only sets a flag, which loops look at ten times a second: an exception in the middle of a
transaction could leave half an object, and one in the middle of a lock nobody who opens it.
"""

import os
import signal
import sys
from types import FrameType
from typing import Self

from piiscan.cli.exits import INTERRUPTED

__all__ = ["Stop"]


class Stop:
    """Whether the user has asked to stop, while the block runs."""

    def __init__(self) -> None:
        self.asked = False
        self._before: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> Self:
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):  # the last on Windows only
            number = getattr(signal, name, None)
            if number is not None:
                self._before.append((number, signal.signal(number, self._handle)))
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            if sys.stderr.isatty():
                os.write(2, b"\x1b[?25h\n")  # the progress bar hides the cursor
            os._exit(INTERRUPTED)
        self.asked = True
