"""What a run that was killed or interrupted has left, for the next one that does the same.

The staging folder holds `tree` (files that were written), `edits` (their rows), and `state.jsonl`:
a digest of the job, then a line a file that was written and compared. A file is taken over if the
job is the same, its source is what it was, and what was written for it is there and whole; in
place, also if it stands in the place of the original already. Of another job nothing is taken over,
and what it left is removed. The sources are read again all the same: values that had to go are
looked for everywhere, and they are kept in no file. Names that have to go are not kept either.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from piiscan.anonymize.edits import EditFile, Place, Rows
from piiscan.anonymize.writing import hash_of
from piiscan.files import create_private

__all__ = ["EDITS", "STATE", "TREE", "Staged", "State"]

TREE, EDITS, STATE = "tree", "edits", "state.jsonl"
FORM = 1  # of the state


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A file that was written and compared."""

    root: int
    name: str  # below its root, as hexadecimal digits: any bytes
    size: int  # of the source, with its time of change
    mtime_ns: int
    staged: str  # below the staged tree, as hexadecimal digits
    length: int
    before: str  # SHA-256
    after: str
    edits: int
    state: str
    kinds: dict[str, int]
    places: list[Place]
    rows: str  # SHA-256 of the rows

    @property
    def path(self) -> str:
        """Where it lies below the staged tree."""
        return os.fsdecode(bytes.fromhex(self.staged))


class State:
    """The state of a run.

    Args:
        place: The staging folder.
        digest: Of the job.

    """

    def __init__(self, place: Path, digest: str) -> None:
        self._place = place
        self._digest = digest
        self._stream: BinaryIO | None = None
        self.says_any = False  # there is something to go on from

    def open(self, roots: Mapping[int, Path], *, in_place: bool) -> tuple[EditFile, list[Staged]]:
        """Make the staging folder ready; return the file of edits, and what is taken over.

        Args:
            roots: Where each root is.
            in_place: Files may stand in the places of originals.

        """
        place = self._place
        found = [one for one in self._read() if self._is_whole(one, roots, in_place=in_place)]
        if not found:
            shutil.rmtree(place, ignore_errors=True)
        (place / TREE).mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        self._sweep({place / TREE / one.path for one in found})
        edits = EditFile(place / EDITS)
        found = [one for one in found if digest(Rows(edits, one.places)) == one.rows]
        (place / STATE).unlink(missing_ok=True)
        self._stream = os.fdopen(create_private(place / STATE), "wb", buffering=0)
        self._write({"form": FORM, "job": self._digest})
        for one in found:
            self.add(one)
        return edits, found

    def add(self, one: Staged) -> None:
        """Note a file that was written and compared."""
        self._write(asdict(one))
        self.says_any = True

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()

    def _write(self, record: Mapping[str, object]) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(record).encode() + b"\n")

    def _read(self) -> Iterator[Staged]:
        """Yield what the state says, up to where it was cut."""
        path = self._place / STATE
        if self._place.is_symlink() or path.is_symlink() or not path.is_file():
            return
        with path.open("rb") as stream:
            try:
                head = json.loads(stream.readline())
                if head != {"form": FORM, "job": self._digest}:
                    return
                for line in stream:
                    record = json.loads(line)
                    record["places"] = [tuple(place) for place in record["places"]]
                    yield Staged(**record)
            except (ValueError, TypeError, KeyError):
                return

    def _is_whole(self, one: Staged, roots: Mapping[int, Path], *, in_place: bool) -> bool:
        """Return whether what was written is there."""
        wanted = (one.length, bytes.fromhex(one.after))
        staged = self._place / TREE / one.path
        if staged.is_file() and not staged.is_symlink():
            return hash_of(staged) == wanted
        root = roots.get(one.root)
        if not in_place or root is None:
            return False
        # The name may begin with that of its root, or be that of a root that is a file.
        parts = Path(os.fsdecode(bytes.fromhex(one.name))).parts
        below = (Path(root, *parts[start:]) for start in range(len(parts) + 1))
        return any(path.is_file() and hash_of(path) == wanted for path in below)

    def _sweep(self, wanted: set[Path]) -> None:
        """Remove files that nobody takes over."""
        for path in list((self._place / TREE).rglob("*")):
            if path.is_symlink() or (not path.is_dir() and path not in wanted):
                path.unlink()


def digest(rows: Rows) -> str:
    """Return the SHA-256 of the rows of a file."""
    made = sha256()
    for _, each in rows:
        made.update(each)
    return made.hexdigest()
