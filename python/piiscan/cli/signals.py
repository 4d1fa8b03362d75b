"""Ctrl-C and SIGTERM: the first asks the work to stop, the second ends the process at once.

For a sweep the first only sets a flag, which its loop looks at ten times a second: an exception in
the middle of a transaction could leave half an object. A rewrite, which may be killed anywhere, is
ended by an exception.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import ParamSpec, Self

from piiscan.cli.exits import INTERRUPTED

__all__ = ["Stop"]

Says = ParamSpec("Says")


class Stop:
    """Whether the user has asked to stop, while the block runs.

    Args:
        raises: The first signal raises `KeyboardInterrupt`. May be changed while the block runs.

    """

    def __init__(self, *, raises: bool = False) -> None:
        self.asked = False
        self.raises = raises
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

    def outlast(self, call: Callable[Says, None]) -> Callable[Says, None]:
        """Return a call from which on no signal raises: what it begins is brought to its end.

        Args:
            call: Is made as it is.

        """

        def begun(*arguments: Says.args, **named: Says.kwargs) -> None:
            self.raises = False
            call(*arguments, **named)

        return begun

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            if sys.stderr.isatty():
                os.write(2, b"\x1b[?25h\n")  # the progress bar hides the cursor
            os._exit(INTERRUPTED)
        self.asked = True
        if self.raises:
            raise KeyboardInterrupt
