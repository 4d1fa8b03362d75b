"""The events of a compiled sweep, one after the other: one loop for those who read and who rewrite.

When the caller stops early, the threads of the sweep are stopped.
"""

from collections.abc import Generator, Iterable
from os import PathLike, fspath
from typing import TypeAlias

from piiscan import _core

__all__ = ["Counts", "Happening", "Root", "follow", "names"]

Counts: TypeAlias = tuple[int, int, int, int]  # bytes read, bytes known, objects, findings
Happening: TypeAlias = _core.Part | _core.ObjectDone | _core.Unchanged | _core.Edits
Root: TypeAlias = str | bytes | PathLike[str]

POLL_MS = 100  # how long a stop request may wait


def names(roots: Iterable[Root]) -> list[str | bytes]:
    """Return the roots of a sweep as the core takes them.

    Args:
        roots: Folders, files or containers.

    """
    return [root if isinstance(root, bytes) else fspath(root) for root in roots]


def follow(sweep: _core.Sweep) -> Generator[tuple[Happening | None, Counts]]:
    """Yield each event with the progress, None when nothing came for a tenth of a second.

    Args:
        sweep: One that was started; it is stopped when the caller stops before its end.

    """
    try:
        while True:
            event = sweep.next_event(POLL_MS)
            if event is None and sweep.finished:
                return
            yield event, sweep.progress()
    finally:
        if not sweep.finished:
            sweep.cancel()
