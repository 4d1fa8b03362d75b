"""The key of a store's fingerprints: 32 random bytes in a file of its own.

The key never stands in the store, in an argument or in the environment. The store holds its name
and a check value, so that a wrong key is an error and not a second set of fingerprints. Store and
key together are personal data, since every possible number can be tried: keep them apart.
"""

import hmac
import os
import secrets
import sqlite3
import stat
from hashlib import sha256
from pathlib import Path

from piiscan.errors import KeyMismatchError, StoreError
from piiscan.files import create_private

__all__ = ["agree", "default_path", "load", "load_or_create"]

LENGTH = 32


def default_path(store: Path) -> Path:
    """Return where the key of `store` lies unless it is named: `.piiscan/key` beside the store."""
    folder = store.parent
    return folder / "key" if folder.name == ".piiscan" else folder / ".piiscan" / "key"


def load_or_create(path: Path) -> bytes:
    """Return the key in `path`, made now if there is none.

    Args:
        path: The key file.

    Raises:
        StoreError: The file is no key, or others can read it.

    """
    if path.exists():
        return load(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(LENGTH)
    with os.fdopen(create_private(path), "wb") as stream:
        stream.write(key.hex().encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key


def load(path: Path) -> bytes:
    """Return the key in `path`.

    Args:
        path: The key file: 64 hexadecimal digits.

    Raises:
        FileNotFoundError: There is no such file.
        StoreError: The file is no key, or others can read it.

    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no key file at `{path}`")
    if os.name == "posix":
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise StoreError(f"key file `{path}` can be read by others\n\nhint: chmod 600 {path}")
        if status.st_uid not in {os.getuid(), 0}:
            raise StoreError(f"key file `{path}` belongs to somebody else")
    with path.open("rb") as stream:
        text = stream.read(2 * LENGTH + 2).strip()
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise StoreError(f"`{path}` is no key file: 64 hexadecimal digits are needed")
    return key


def agree(database: sqlite3.Connection, key: bytes, key_id: str, path: Path) -> None:
    """Record the key's check value in a new store; compare it in an old one.

    Args:
        database: The store, open for writing.
        key: The key.
        key_id: Its name.
        path: Its file, for the message.

    Raises:
        KeyMismatchError: The store was made with another key.

    """
    subkey = hmac.digest(key, b"check", sha256)
    check = hmac.digest(subkey, b"piiscan/v1 store", sha256)[:16].hex()
    row = database.execute("SELECT value FROM meta WHERE key = 'key_check'").fetchone()
    if row is None:
        database.executemany(
            "INSERT INTO meta(key, value) VALUES (?, ?)",
            [("key_id", key_id), ("key_check", check)],
        )
    elif not hmac.compare_digest(row[0], check):
        raise KeyMismatchError(
            f"key file `{path}` is not the key that the store was made with\n\n"
            "hint: name the right one with --key-file, or start a new store with --store"
        )
