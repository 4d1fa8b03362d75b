"""Writing one file of the staged tree, and making sure of it.

The core writes it and says its hash; then it is read back, its length and hash are compared, and it
is put on the disk. For a large file that happens aside, while the tree is read and scanned again:
nothing is published before all files are settled.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from piiscan.anonymize.aside import POLL_S
from piiscan.errors import InternalError
from piiscan.files import create_private
from piiscan.rewriting import ObjectDone, Rewriter, Written

__all__ = ["MARK", "Settling", "hash_of", "is_temporary", "sync_folder", "write"]

MARK = ".piiscan-"
CHUNK = 1 << 20
LARGE = 4 << 20  # bytes: from here on a file is settled aside


def write(rewriter: Rewriter, done: ObjectDone, source: Path, target: Path) -> Written:
    """Write a file with its changes to `target`, in place of one that is there already.

    Args:
        rewriter: The pass that found the changes.
        done: The file.
        source: Where it is.
        target: Where it goes; its folder is there.

    Raises:
        ArchiveError: The file changed since it was read, or cannot be written with its changes.
        OSError: The disk is full, or fails.

    """
    with suppress(FileNotFoundError):
        target.unlink()
    os.close(create_private(target))
    try:
        return rewriter.write(done, source, target)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise


class Settling:
    """Compares files with what was written, and puts them on the disk.

    At its end it waits for no file, however large: those that are settled by then count.
    """

    def __init__(self) -> None:
        self._stop = Event()
        self._aside = ThreadPoolExecutor(1, "settling")
        self._running: list[tuple[Future[None], Callable[[], None]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._aside.shutdown(cancel_futures=True)
        for each, then in self._running:
            if not each.cancelled() and each.exception() is None:
                with suppress(OSError):  # what ended the block is what is told
                    then()

    def add(self, path: Path, written: Written, then: Callable[[], None]) -> None:
        """Settle a file, now or soon.

        Args:
            path: The file.
            written: What was written.
            then: Called when it is settled, by whoever waits.

        Raises:
            InternalError: Something else stands there.
            OSError: The disk is full, or fails.

        """
        if written.bytes_written < LARGE:
            _settle(path, written, self._stop)
            then()
        else:
            self._running.append((self._aside.submit(_settle, path, written, self._stop), then))

    def wait(self) -> Iterator[None]:
        """Wait until every file is settled; yield each tenth of a second.

        Raises:
            InternalError: Something else stands in one of them.
            OSError: The disk is full, or fails.

        """
        running, self._running = self._running, []
        for each, then in running:
            while not each.done():
                yield
                wait([each], POLL_S)
            each.result()
            then()


def _settle(path: Path, written: Written, stop: Event) -> None:
    """Compare what stands on the disk with what was written, and make it last."""
    size, digest = hash_of(path, stop)
    if (size, digest) != (written.bytes_written, written.target_hash):
        raise InternalError("what was written is not what stands on the disk")
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_of(path: Path, stop: Event | None = None) -> tuple[int, bytes]:
    """Return length and SHA-256 of a file.

    Args:
        path: The file.
        stop: When it is set, nobody waits for the hash any more.

    Raises:
        CancelledError: It was set.

    """
    digest, size = sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if stop is not None and stop.is_set():
                raise CancelledError
            digest.update(chunk)
            size += len(chunk)
    return size, digest.digest()


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
