"""The edits of a run, in a file: memory does not grow with the number of findings.

The file lies in the staging folder. A run that goes on where another stopped finds in it the
edits of the files that it takes over.
"""

import os
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeAlias, overload

from piiscan.files import create_private

__all__ = ["EditFile", "Place", "Rows"]

Place: TypeAlias = tuple[str, int, int]  # location of an object, where its rows begin, their length


class EditFile:
    """Holds rows, one stretch after the other.

    Args:
        path: The file; made if it is not there.

    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            os.close(create_private(path))
        self._stream = path.open("r+b")
        self._end = self._stream.seek(0, os.SEEK_END)
        self._lock = Lock()  # one thread adds while another reads
        # Whoever was told of a file may read its rows after the run.
        weakref.finalize(self, self._stream.close)

    def add(self, rows: bytes) -> int:
        """Append rows, hand them to the system, and return where they begin."""
        with self._lock:
            at = self._stream.seek(self._end)
            self._stream.write(rows)
            self._stream.flush()
            self._end += len(rows)
            return at

    def read(self, at: int, length: int) -> bytes:
        """Return rows.

        Args:
            at: Where they begin.
            length: How many bytes.

        """
        with self._lock:
            self._stream.seek(at)
            return self._stream.read(length)

    @property
    def length(self) -> int:
        """How many bytes there are."""
        return self._end


class Rows(Sequence[tuple[str, bytes]]):
    """The rows of one file of an archive, read when asked for: location of an object, and JSON.

    Args:
        file: Where they lie.
        places: In order.

    """

    def __init__(self, file: EditFile | None = None, places: Sequence[Place] = ()) -> None:
        self._file = file
        self.places = list(places)

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> tuple[str, bytes]: ...
    @overload
    def __getitem__(self, at: slice) -> "Rows": ...
    def __getitem__(self, at: int | slice) -> "tuple[str, bytes] | Rows":
        if isinstance(at, slice):
            return Rows(self._file, self.places[at])
        return self._read(self.places[at])

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return map(self._read, self.places)

    def _read(self, place: Place) -> tuple[str, bytes]:
        loc, at, length = place
        return loc, self._file.read(at, length) if self._file else b""
