"""Work that goes on aside, one piece after the other, while what comes next is being found."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, ParamSpec, Self, TypeVar

__all__ = ["Aside"]

AHEAD = 4  # pieces that may wait

Done = TypeVar("Done")
Given = ParamSpec("Given")


class Aside(Generic[Done]):
    """A thread that does pieces of work in order; whoever gave them takes what comes of them.

    Args:
        stop: Called when the block ends early: asks the piece under way to end soon.

    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._thread = ThreadPoolExecutor(1, "aside")
        self._waiting: deque[Future[Done]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._stop()
        self._thread.shutdown(cancel_futures=True)

    def give(self, work: Callable[Given, Done], *args: Given.args, **kwargs: Given.kwargs) -> None:
        """Give a piece of work.

        Args:
            work: What is called.
            args: With what.
            kwargs: With what, by name.

        """
        self._waiting.append(self._thread.submit(work, *args, **kwargs))

    def done(self) -> Iterator[Done]:
        """Yield what came of pieces, in order; wait while too many are not done yet.

        Whatever a piece raised is raised here.
        """
        while self._waiting and (self._waiting[0].done() or len(self._waiting) > AHEAD):
            yield self._waiting.popleft().result()

    def rest(self) -> Iterator[Done]:
        """Yield what comes of all other pieces, in order."""
        while self._waiting:
            yield self._waiting.popleft().result()
