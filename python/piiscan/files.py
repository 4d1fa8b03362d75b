"""Writing result files: complete or not at all, and readable by their owner only.

A result goes to a temporary file in the folder of its target, mode 0600, and takes the target's
name when it is complete. A link at the target's place is replaced and never followed. A device such
as `/dev/null` is written to.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, BinaryIO

__all__ = ["create_private", "replacing", "replacing_bytes", "writable"]

PRIVATE = 0o600


def create_private(path: Path) -> int:
    """Create `path` for its owner only and return the open descriptor.

    Args:
        path: A file that does not exist yet.

    Raises:
        FileExistsError: Something is there already, be it a link that leads nowhere.

    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, PRIVATE)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, PRIVATE)  # a mask of 0777 would otherwise lock the owner out
    return descriptor


def writable(path: Path) -> None:
    """Check before the work that a result can be written to `path`.

    Args:
        path: Where the result will go.

    Raises:
        FileNotFoundError: The folder does not exist.
        IsADirectoryError: `path` is a folder.
        PermissionError: The folder cannot be written to.

    """
    if path.is_dir():
        raise IsADirectoryError(f"`{path}` is a folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder of `{path}` does not exist")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"the folder of `{path}` cannot be written to")


@contextmanager
def replacing(path: Path, *, newline: str | None = "\n") -> Iterator[IO[str]]:
    """Give a stream of UTF-8 text that becomes `path` when the block ends without an error.

    Args:
        path: The target.
        newline: What a line ends with; None leaves line ends written by the caller alone on every
            system.

    Yields:
        The stream.

    """
    ending = "" if newline is None else newline
    with replacing_bytes(path) as raw:
        stream = TextIOWrapper(raw, encoding="utf-8", newline=ending)
        yield stream
        stream.flush()
        stream.detach()  # `raw` is closed by its own block


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """Give a stream of bytes that becomes `path` when the block ends without an error.

    Args:
        path: The target.

    Yields:
        The stream.

    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = create_private(temporary)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
