"""Where a sweep reads and what it must not write to: roots, files below them, store and key."""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from piiscan.errors import KeyMismatchError, StoreError
from piiscan.findings import printable
from piiscan.store import default_path, load_or_create, open_store

__all__ = ["find_path", "find_roots", "keep_outside", "open_key", "root_id"]


def find_roots(names: Sequence[str]) -> tuple[str, ...]:
    """Return the roots of a sweep without those that lie in another.

    Args:
        names: What the user named.

    Raises:
        FileNotFoundError: There is nothing of that name.

    """
    roots: dict[Path, str] = {}
    for name in names:
        if not name or not os.path.lexists(name):
            raise FileNotFoundError(
                f"there is nothing at `{printable(name)}`\n\nhint: check the spelling"
            )
        roots.setdefault(Path(name).resolve(), name)
    return tuple(
        name for path, name in roots.items() if not any(other in path.parents for other in roots)
    )


def open_key(store: Path, key_file: Path | None, roots: Sequence[str]) -> tuple[Path, bytes]:
    """Return the key file of a store and the key, made now if the store is new.

    Args:
        store: The file of the store.
        key_file: Where the user keeps the key; None for the place beside the store.
        roots: What is swept: neither store nor key may lie there.

    Raises:
        KeyMismatchError: The store is there and its key is not.
        StoreError: Store or key lie in a root, or the key file is no key.

    """
    path = default_path(store) if key_file is None else key_file
    keep_outside(roots, store, path)
    if store.exists() and not path.exists():
        open_store(store).close()  # says so if it is no store at all
        raise KeyMismatchError(
            f"the key of store `{store}` is not at `{path}`\n\n"
            "hint: name it with --key-file, or start a new store with --store"
        )
    return path, load_or_create(path)


def keep_outside(roots: Sequence[str], *paths: Path) -> None:
    """Refuse to write into what is swept.

    Args:
        roots: What is swept.
        *paths: What will be written.

    Raises:
        StoreError: A path lies in a root.

    """
    for root in roots:
        folder = Path(root).resolve()
        for path in paths:
            target = path.resolve()
            if target == folder or (folder.is_dir() and folder in target.parents):
                raise StoreError(
                    f"`{path}` lies inside `{root}`, which is only read\n\n"
                    f"hint: name a file elsewhere, such as {_beside(folder, path.name)}"
                )


def _beside(folder: Path, name: str) -> Path:
    try:
        return Path(os.path.relpath(folder.parent), name)
    except ValueError:  # another drive
        return folder.parent / name


def find_path(root: str, name: bytes, size: int, mtime_ns: int) -> Path | None:
    """Return the path of a file that a sweep has read; None if it is not there any more as it was.

    Args:
        root: Its root.
        name: Its exact location: a path below the root, after the root's name if there are more.
        size: As it was.
        mtime_ns: As it was.

    """
    parts = Path(os.fsdecode(name)).parts
    for start in range(len(parts) + 1):
        path = Path(root, *parts[start:])
        try:
            status = path.stat()
        except OSError:
            continue
        if path.is_file() and (status.st_size, status.st_mtime_ns) == (size, mtime_ns):
            return path
    return None


def root_id(root: str, key: bytes) -> bytes:
    """Return the keyed hash under which a store knows the path of a root."""
    path = os.fsencode(Path(root).resolve())
    return blake2b(path, key=key, digest_size=8).digest()
