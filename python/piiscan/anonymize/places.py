"""Where a rewrite stages its files, what another has left there, and the names in a new tree."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from piiscan.anonymize.resuming import TREE
from piiscan.anonymize.writing import is_temporary
from piiscan.errors import RefusedError

__all__ = ["Names", "clear", "settle_place", "staging"]

STAGING = ".piiscan-staging"


def staging(roots: Sequence[str], target: Path | None) -> Path:
    """Return the staging folder: on the disk of the target.

    Args:
        roots: What is rewritten.
        target: A new tree or file; None for the places of the originals.

    """
    if target is None:
        first = Path(roots[0]).resolve()
        return first.parent / f"{STAGING}-{first.name}"
    return target.resolve().parent / f"{STAGING}-{target.name}"


def settle_place(roots: Sequence[str], target: Path | None) -> Path:
    """Return the staging folder, if a rewrite may begin.

    Args:
        roots: What is rewritten.
        target: A new tree or file; None for the places of the originals.

    Raises:
        FileNotFoundError: The folder of the target does not exist.
        RefusedError: The target is there already, or lies within the source.

    """
    place = staging(roots, target)
    if target is None:
        return place
    parent = place.parent
    if target.exists() or target.is_symlink():
        if place.is_dir() and not (place / TREE).exists():
            clear(parent / place.name, all_of_it=True)  # killed after the tree took its name
        raise RefusedError(
            f"`{target}` is there already\n\nhint: name a new place; nothing is overwritten"
        )
    if not parent.is_dir():
        raise FileNotFoundError(f"the folder of `{target}` does not exist")
    for root in roots:
        folder = Path(root).resolve()
        if folder == parent or folder in parent.parents or target.resolve() == folder:
            raise RefusedError(
                f"`{target}` lies within the source `{root}`\n\nhint: name a place outside of it"
            )
    return place


def clear(place: Path, *, all_of_it: bool = False) -> None:
    """Remove what a run that was killed has left and nobody can go on from.

    Args:
        place: The staging folder.
        all_of_it: Itself too.

    """
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        place.unlink()
    if all_of_it:
        shutil.rmtree(place)
    if place.parent.is_dir():
        for path in place.parent.iterdir():
            if is_temporary(path):
                path.unlink()


class Names:
    """Names in a new tree: no two are the same, and none is that of a folder."""

    def __init__(self) -> None:
        self._taken: set[str] = set()  # by files
        self._folders: set[str] = set()

    def take(self, name: str) -> str:
        """Return a path for a file, and keep it.

        Args:
            name: The one that it should have.

        """
        *folders, last = [part for part in name.split("/") if part not in {"", ".", ".."}] or [
            "file"
        ]
        above = ""
        for folder in folders:
            above = self._free(above, folder, self._taken) + "/"
            self._folders.add(above[:-1])
        unique = self._free(above, last, self._taken, self._folders)
        self._taken.add(unique)
        return unique

    @staticmethod
    def _free(above: str, name: str, *taken: set[str]) -> str:
        """Return a path that is not taken, with a number before the suffix if need be."""
        unique, number = above + name, 2
        stem, dot, tail = name.rpartition(".")
        while any(unique in each for each in taken):
            unique = above + (f"{stem}~{number}.{tail}" if dot else f"{name}~{number}")
            number += 1
        return unique
