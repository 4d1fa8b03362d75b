"""A new store that turns out to hold nothing, or is never written: it leaves no file behind."""

from contextlib import suppress
from pathlib import Path
from typing import Self

__all__ = ["Provisional", "companions"]


def companions(path: Path) -> list[Path]:
    """Return the files of a store: its own, and those that SQLite puts beside it."""
    return [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm", "-journal")]


class Provisional:
    """Takes a store and its key away that were made in the block, if the block ends with an error.

    What was there before stays, and so does everything once `stays` is set.

    Args:
        store: Its file.
        key: Its key file.

    """

    def __init__(self, store: Path, key: Path) -> None:
        self.stays = False
        files = [*companions(store), key]
        self._files = [] if store.exists() else [path for path in files if not path.exists()]
        self._folders = [path for path in {store.parent, key.parent} if not path.exists()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or self.stays:
            return
        for path in self._files:
            path.unlink(missing_ok=True)
        for path in self._folders:
            with suppress(OSError):  # somebody else has put a file there
                path.rmdir()
