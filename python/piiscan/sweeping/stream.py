"""Text from a stream, in the form of a sweep: one object called `-`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

import numpy as np

from piiscan.findings import RAW, Findings
from piiscan.scanning import Scanner
from piiscan.store import Writer

__all__ = ["record_text"]

CHUNK = 8 << 20  # bytes of stdin that are scanned at a time


def record_text(
    into: Writer,
    scanner: Scanner,
    stream: BinaryIO,
    *,
    keep: dict[int, bytes] | None = None,
    values: dict[int, list[str]] | None = None,
) -> None:
    """Scan text from a stream into `into`, as an object called `-`.

    Args:
        into: The open store.
        scanner: With which detectors.
        stream: UTF-8, or windows-1252 where it is not valid UTF-8.
        keep: Gets the bytes by row of the object, for a caller that shows what stands around.
        values: Gets the matched texts in the same way.

    """
    at, kept, odd, found = 0, [], False, 0
    texts: list[str] = []
    for index, chunk in enumerate(_chunks(stream)):
        try:
            text, lossless = chunk.decode(), True
        except UnicodeDecodeError:
            text, lossless, odd = chunk.decode("cp1252", errors="replace"), False, True
        findings = scanner.scan(text)
        part = _TextPart(index, findings)
        into.part(part, _raws(findings, at, None if lossless else text), [])
        found += len(findings)
        at += len(chunk)
        if keep is not None:
            kept.append(chunk)
        if values is not None:
            texts += findings.values(text)
    row = into.object(
        _TextDone(
            size=at,
            findings=found,
            status="warn" if odd else "ok",
            reason="not valid UTF-8: read as windows-1252" if odd else "",
        )
    )
    if keep is not None:
        keep[row] = b"".join(kept)
    if values is not None:
        values[row] = texts


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield pieces of about `CHUNK` bytes that end with a line, or at a space."""
    rest = b""
    while True:
        data = stream.read(CHUNK)
        if len(data) < CHUNK:  # the end
            break
        data = rest + data
        end = data.rfind(b"\n") + 1 or data.rfind(b" ") + 1 or len(data)
        rest = data[end:]
        yield data[:end]
    if rest or data:
        yield rest + data


class _TextPart:
    """A piece of text on stdin, in the form of a part of a sweep."""

    object = -1  # sweeps count from 0
    messages = b""
    roles = b"\0"  # body
    first_record = 0
    paths: ClassVar[list[tuple[int, str]]] = []
    keys = b""

    def __init__(self, index: int, findings: Findings) -> None:
        self.index = index
        self.block = findings.block


def _raws(findings: Findings, at: int, recoded: str | None) -> bytes:
    """Return where the values stand in a stream: one byte a character in recoded text."""
    spans = findings.spans() if recoded is None else findings.spans(unit="char", text=recoded)
    raws = np.zeros(len(findings), dtype=RAW)
    raws["start"], raws["end"] = spans[:, 0] + np.uint64(at), spans[:, 1] + np.uint64(at)
    raws["ranges"] = 1
    return raws.tobytes()


@dataclass(frozen=True, slots=True)
class _TextDone:
    """The text on stdin, in the form of an object of a sweep."""

    size: int
    findings: int
    status: str
    reason: str
    ordinal: int = -1
    parent: int | None = None
    root: int = 0
    loc: str = "-"
    mtime_ns: int = 0
    format: str = "text"
    profile: str = ""
    channel: str = ""
    lossy: int = 0
    not_scanned: int = 0
    messages: int = 0
    content_hash: bytes | None = None
    id: ClassVar[bytes] = b"\0" * 8

    @property
    def scanned(self) -> int:
        return self.size

    @property
    def problems(self) -> list[tuple[int, int, str, str]]:
        return []
