"""Writing one file: whole or not at all, and only if it is what it was when it was scanned.

Temporary file in the folder of the target, written, its length and hash compared with what the
core says it wrote, fsync, renamed, fsync of the folder.
"""

import errno
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from piiscan.errors import ArchiveError, InternalError
from piiscan.files import create_private
from piiscan.rewriting import ObjectDone, Rewriter, Written

__all__ = ["is_temporary", "sync_folder", "write"]

MARK = ".piiscan-"
CHUNK = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)  # only writing meets them


def write(rewriter: Rewriter, done: ObjectDone, source: Path, target: Path) -> Written:
    """Write a file with its changes to `target`, which may be there already.

    Args:
        rewriter: The pass that found the changes.
        done: The file.
        source: Where it is.
        target: Where it goes; its folder is there.

    Raises:
        ArchiveError: The file changed since it was read, or cannot be written with its changes.
        OSError: The disk is full, or fails.

    """
    temporary = target.with_name(f"{MARK}{secrets.token_hex(8)}.tmp")
    os.close(create_private(temporary))
    try:
        written = rewriter.write(done, source, temporary)
        _settle(temporary, written)
        temporary.replace(target)
        sync_folder(target.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, ArchiveError):
            _raise_of_disk(error)
        raise
    return written


def _raise_of_disk(error: ArchiveError) -> None:
    """Raise what is no fault of the file: a full disk ends the run, and refuses no file."""
    for number in FULL:
        if os.strerror(number).lower() in str(error).lower():
            raise OSError(number, os.strerror(number)) from None


def _settle(path: Path, written: Written) -> None:
    """Compare what stands on the disk with what was written, and make it last."""
    digest, size = sha256(), 0
    with path.open("rb+") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
        os.fsync(stream.fileno())
    if (size, digest.digest()) != (written.bytes_written, written.target_hash):
        raise InternalError("what was written is not what stands on the disk")


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, where the system knows how."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_temporary(path: Path) -> bool:
    """Return whether a file was left by a rewrite that was killed."""
    return path.name.startswith(MARK) and path.name.endswith(".tmp")
