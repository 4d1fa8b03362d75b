"""Work that goes on aside, one piece after the other, while what comes next is being found.

Ctrl-C may interrupt whoever gives the work anywhere. Queues of C keep whole then; futures and
conditions, which are locked in Python, may stay locked for ever.
"""

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

__all__ = ["POLL_S", "Aside"]

AHEAD = 4  # pieces that may wait
POLL_S = 0.1  # how long nobody hears of a piece

Done = TypeVar("Done")


class Aside(Generic[Done]):
    """A thread that does pieces of work in order; whoever gave them takes what comes of them.

    Args:
        stop: Called when the block ends early: asks the piece under way to end soon.

    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._given: SimpleQueue[Callable[[], Done] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Done | None, BaseException | None]] = SimpleQueue()
        self._open = 0
        self._is_over = False
        self._thread = Thread(target=self._work, name="aside", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._is_over = True
        self._given.put(None)
        if kind is not None:
            self._stop()
        self._thread.join()

    def give(self, work: Callable[[], Done]) -> None:
        """Give a piece of work.

        Args:
            work: What is called.

        """
        self._given.put(work)
        self._open += 1

    def done(self, most: int = AHEAD) -> Iterator[Done | None]:
        """Yield what came of pieces, in order, and None for each tenth of a second of waiting.

        Whatever a piece raised is raised here.

        Args:
            most: As long as more pieces are open, it waits for one.

        """
        while self._open:
            try:
                done, error = self._done.get(self._open > most, POLL_S)
            except Empty:
                if self._open <= most:
                    return
                yield None
                continue
            self._open -= 1
            if error is not None:
                raise error
            yield done

    def _work(self) -> None:
        while (work := self._given.get()) is not None and not self._is_over:
            try:
                self._done.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - raised by whoever takes it
                self._done.put((None, error))
