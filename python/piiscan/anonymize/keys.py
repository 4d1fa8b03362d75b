"""The key of pseudonyms: apart from the store's key, from the archive and from the result.

A key is 32 random bytes in a file of its own, mode 0600, or what a command prints. Its name of
four letters stands in every token. Destroying a key is an event of the audit log: from then on
nobody can join its tokens with values.

Rotation: a new key file is a new name, and from then on new tokens carry it. What was written
before keeps its tokens: they hold no digit, no word and no address, so no detector finds them, and
a copy of a copy leaves them alone; so does its verification. Only the key that made a token joins
it with its value: keep a former one for as long as somebody has to, and destroy it then.
"""

import os
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path

from piiscan.errors import KeyMismatchError, StoreError
from piiscan.scanning import Scanner
from piiscan.store.audit_log import AuditLog
from piiscan.store.key import load, load_or_create

__all__ = ["command_key", "destroy", "fleeting", "key_name", "open_key"]

LENGTH = 32
TIMEOUT_S = 60


def open_key(path: Path, *, outside: Sequence[Path], name: str = "") -> bytes:
    """Return the key in a file, made now if there is none.

    Args:
        path: The key file.
        outside: Source and result: the key lies in none of them.
        name: The name that the key must have; any if empty.

    Raises:
        KeyMismatchError: It has another name.
        StoreError: It lies with the data, is no key, or others can read it.

    """
    target = path.resolve()
    for place in outside:
        folder = place.resolve()
        if target == folder or folder in target.parents:
            raise StoreError(
                f"key file `{path}` lies with the data in `{place}`\n\nhint: keep keys apart"
            )
    if name and not path.exists():
        raise FileNotFoundError(f"there is no key file at `{path}`")
    key = load_or_create(path)
    _agree(key, name, str(path))
    return key


def command_key(command: Sequence[str], *, name: str = "") -> bytes:
    """Return the key that a command prints: 64 hexadecimal digits.

    Args:
        command: Program and arguments, without a shell.
        name: The name that the key must have; any if empty.

    Raises:
        KeyMismatchError: It has another name.
        StoreError: The command fails, or prints something else.

    """
    try:
        done = subprocess.run(list(command), capture_output=True, check=True, timeout=TIMEOUT_S)  # noqa: S603 - the operator's own command
        key = bytes.fromhex(done.stdout.strip().decode("ascii"))
    except (OSError, subprocess.SubprocessError, ValueError):
        raise StoreError("the key command gave no key of 64 hexadecimal digits") from None
    if len(key) != LENGTH:
        raise StoreError("the key command gave no key of 64 hexadecimal digits")
    _agree(key, name, "the key command")
    return key


def fleeting() -> bytes:
    """Return a key that is kept nowhere: its tokens can be counted, and traced by nobody."""
    return secrets.token_bytes(LENGTH)


def key_name(key: bytes) -> str:
    """Return the four letters that name a key in its tokens."""
    return Scanner(detectors=["email"], key=key).key_id


def destroy(path: Path, *, log: AuditLog, reason: str) -> str:
    """Destroy a key file and log it; return the name of the key.

    Overwriting does not reach copies elsewhere: backups and journals are the operator's.

    Args:
        path: The key file.
        log: Learns of it first: a destruction that nobody recorded proves nothing.
        reason: Why.

    Raises:
        FileNotFoundError: There is no such file.
        StoreError: The file is no key, or the log cannot be written.

    """
    name = key_name(load(path))
    log.append("key-destroyed", key=name, reason=reason)
    with path.open("r+b") as stream:
        stream.write(os.urandom(path.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
    path.unlink()
    return name


def _agree(key: bytes, name: str, place: str) -> None:
    if name and key_name(key) != name:
        raise KeyMismatchError(f"the key of `{place}` is not `{name}`\n\nhint: name the right one")
