"""Containers that come out byte for byte the same: no times of writing, no names of the machine."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from archive import Output

STAMP = (2025, 1, 7, 12, 0, 0)
ENCRYPTED = 1  # bit of the flags of an entry
FLAGS_AT, SIZE_AT = 6, 22  # bytes into the header of an entry
SALT = 12  # bytes before the text of an encrypted entry
Write = Callable[[Output], None]


class Zip:
    """A zip file within an object. Entries are bounded, so each is held in memory."""

    def __init__(self, out: Output, method: int = zipfile.ZIP_DEFLATED) -> None:
        self.out = out
        self.method = method
        self.file = zipfile.ZipFile(out.stream, "w", method)
        self.start = out.stream.tell()

    def add(self, name: str, write: Write) -> None:
        """Add an entry."""
        info = zipfile.ZipInfo(name, STAMP)
        info.compress_type = self.method
        info.create_system = 3  # Unix, wherever this runs
        info.external_attr = 0o644 << 16
        self.file.writestr(info, built(self.out, name, write))
        self.out.size = self.out.stream.tell() - self.start

    def lock(self, name: str, data: bytes) -> None:
        """Add an entry that says it is encrypted; `data` is what nobody can read."""
        info = zipfile.ZipInfo(name, STAMP)
        info.create_system, info.external_attr = 3, 0o644 << 16
        self.file.writestr(info, data)
        info.flag_bits |= ENCRYPTED  # in the directory, which is written last
        info.file_size -= SALT
        stream, end = self.out.stream, self.out.stream.tell()
        stream.seek(info.header_offset + FLAGS_AT)
        stream.write(info.flag_bits.to_bytes(2, "little"))
        stream.seek(info.header_offset + SIZE_AT)
        stream.write(info.file_size.to_bytes(4, "little"))
        stream.seek(end)

    def close(self) -> None:
        """Write the directory of the file."""
        self.file.close()
        self.out.size = self.out.stream.tell() - self.start


def built(out: Output, name: str, write: Write) -> bytes:
    """Return the bytes of an object within `out`."""
    stream = io.BytesIO()
    write(out.inner(name, stream))
    return stream.getvalue()


def write_tar(out: Output, entries: list[tuple[str, Write]]) -> None:
    """Write a tar file."""
    with tarfile.open(fileobj=out.stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, write in entries:
            data = built(out, name, write)
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), 1736251200, 0o644
            tar.addfile(info, io.BytesIO(data))


@contextmanager
def compressed(out: Output, suffix: str) -> Iterator[Output]:
    """Open the single object within a compressed file."""
    name = out.name.rpartition("/")[2].removesuffix(f".{suffix}")
    if suffix == "gz":
        with gzip.GzipFile("", "wb", 6, out.stream, mtime=0) as gz:
            yield out.inner(name, cast("IO[bytes]", gz))
    elif suffix == "bz2":
        with bz2.BZ2File(out.stream, "wb") as bz:
            yield out.inner(name, cast("IO[bytes]", bz))
    else:
        with lzma.LZMAFile(out.stream, "wb", preset=1) as xz:
            yield out.inner(name, cast("IO[bytes]", xz))
