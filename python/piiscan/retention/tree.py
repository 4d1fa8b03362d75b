"""The files of an archive as they are now, by the keyed ids under which a store knows them.

A store knows a file by a keyed hash of its path below its root. The same hash of what is there now
finds it again, so that neither store nor plan needs a name.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

__all__ = ["Found", "Tree", "hash_file"]

CHUNK = 1 << 20


class Found(NamedTuple):
    """A regular file below a root."""

    path: Path
    name: str  # below its root, with `/`
    size: int
    mtime_ns: int
    links: int


class Tree:
    """The files below some roots, as they are now. Links are not followed.

    Args:
        groups: Folders and files, as they were swept together.
        ident: Gives the keyed id of a location.

    """

    def __init__(self, groups: Iterable[Sequence[Path]], ident: Callable[[bytes], bytes]) -> None:
        self._files: dict[str, Found] = {}
        for roots in groups:
            for root, label in zip(roots, _labels(roots), strict=True):
                for name, found in _walk(root, label):
                    self._files.setdefault(ident(os.fsencode(name)).hex(), found)

    def file(self, name: str) -> Found | None:
        """Return a file; None if it is not there.

        Args:
            name: Its id, 16 hex.

        """
        return self._files.get(name)

    def unchanged(self, name: str, size: int, mtime_ns: int) -> Found | None:
        """Return a file that looks as it did; None if there is none.

        Args:
            name: Its id, 16 hex.
            size: In bytes.
            mtime_ns: Time of the last change.

        """
        found = self._files.get(name)
        same = found is not None and (found.size, found.mtime_ns) == (size, mtime_ns)
        return found if same else None


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


def _labels(roots: Sequence[Path]) -> list[str]:
    """Return how several roots are told apart: by their last steps, as many as it takes."""
    parts = [root.resolve().parts for root in roots]
    for count in range(1, max(map(len, parts)) + 1 if len(roots) > 1 else 0):
        names = ["/".join(each[-count:]) for each in parts]
        if len(set(names)) == len(names):
            return names
    return [""] * len(roots)


def _walk(root: Path, label: str) -> Iterator[tuple[str, Found]]:
    """Yield the location of each file, and the file."""
    if root.is_file():
        yield from _look(root, root.name, label or root.resolve().name)
        return
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            below = (Path(folder) / name).relative_to(root).as_posix()
            yield from _look(Path(folder, name), below, f"{label}/{below}" if label else below)


def _look(path: Path, name: str, loc: str) -> Iterator[tuple[str, Found]]:
    try:
        status = path.lstat()
    except OSError:
        return
    if stat.S_ISREG(status.st_mode):
        yield loc, Found(path, name, status.st_size, status.st_mtime_ns, status.st_nlink)
