"""Finding the files of a plan on the disk again, without a name of theirs in plan or store.

The store knows a file by a keyed hash and a masked path. A file is found by size and time of
change, and by a path that fits the masked one: a value in a name may be any text. If two files fit,
neither is taken.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

__all__ = ["Found", "Tree", "hash_file"]

CHUNK = 1 << 20
# What stands in the place of a value or of an odd byte.
MASKED = re.compile(r"\[[a-z0-9-]+ \d+(?: [^\]]*)?\]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\[nrt\\]")


class Found(NamedTuple):
    """A regular file below a root."""

    path: Path
    root: int
    name: str  # below its root, with `/`
    size: int
    mtime_ns: int
    links: int


class Tree:
    """The files below some roots, as they are now. Links are not followed.

    Args:
        roots: Folders and files, in the order of the sweep.

    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._files = [found for at, root in enumerate(roots) for found in _walk(at, root)]
        self._roots = roots
        self._by_look: dict[tuple[int, int], list[Found]] = {}
        for found in self._files:
            self._by_look.setdefault((found.size, found.mtime_ns), []).append(found)

    def unchanged(self, loc: str, size: int, mtime_ns: int) -> Found | None:
        """Return the file that looks as it did; None if there is none, or more than one.

        Args:
            loc: Its masked path.
            size: In bytes.
            mtime_ns: Time of the last change.

        """
        return self._only(loc, self._by_look.get((size, mtime_ns), []))

    def named(self, loc: str) -> Found | None:
        """Return the file whose path fits; None if there is none, or more than one.

        Args:
            loc: Its masked path.

        """
        return self._only(loc, self._files)

    def _only(self, loc: str, candidates: Iterable[Found]) -> Found | None:
        fits = re.compile(
            ".*".join(re.escape(piece) for piece in MASKED.split(loc)), re.DOTALL
        ).fullmatch
        found = [each for each in candidates if any(map(fits, self._names(each)))]
        return found[0] if len(found) == 1 else None

    def _names(self, found: Found) -> tuple[str, ...]:
        """Return the forms in which the store may name a file: with several roots, after theirs."""
        root = self._roots[found.root].name
        return (found.name, f"{root}/{found.name}") if root else (found.name,)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hex.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read.

    """
    digest = sha256()
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _walk(at: int, root: Path) -> Iterator[Found]:
    if root.is_file():
        yield from _look(at, root, root.name)
        return
    for folder, folders, names in os.walk(root):
        folders.sort()
        below = Path(folder).relative_to(root).as_posix()
        for name in sorted(names):
            yield from _look(at, Path(folder, name), name if below == "." else f"{below}/{name}")


def _look(at: int, path: Path, name: str) -> Iterator[Found]:
    try:
        status = path.lstat()
    except OSError:
        return
    if stat.S_ISREG(status.st_mode):
        yield Found(path, at, name, status.st_size, status.st_mtime_ns, status.st_nlink)
