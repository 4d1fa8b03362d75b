"""The texts of a file as the standard library reads them: a second pair of eyes.

Shares no code with the core: `json`, `csv`, `email`, `mailbox`, `html.parser`, `zipfile`, `tarfile`
and the decompressors of Python. It knows less: no profiles, no joined runs, no odd charsets. What
it sees, the core should have seen too.
"""

import bz2
import csv
import gzip
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import NamedTuple

__all__ = ["SIZE_MAX", "Seen", "texts"]

SIZE_MAX = 32 << 20  # bytes of one object: larger ones are left to the core
DEPTH_MAX = 4
LINES = 200  # of a plain text that are read as one
OPAQUE_HEADERS = frozenset({"content-type", "mime-version", "content-transfer-encoding"})
ID_HEADERS = frozenset(
    {"message-id", "references", "in-reply-to", "content-id", "resent-message-id"}
)
MESSAGE_ID = re.compile(r"<[^<>]*>")  # names a message, though it has the form of an address


class Seen(NamedTuple):
    """A text, and where it stands: path in a document, column or header."""

    path: str
    text: str


def texts(data: bytes, depth: int = 0) -> Iterator[Seen]:
    """Yield the texts of an object, and of the objects within it.

    Args:
        data: Its bytes.
        depth: How many objects are around it.

    """
    if depth > DEPTH_MAX or len(data) > SIZE_MAX:
        return
    for magic, read in _CONTAINERS:
        if data.startswith(magic) or (magic == b"ustar" and data[257:262] == magic):
            with suppress(OSError, EOFError, ValueError, RuntimeError, lzma.LZMAError):
                for inner in read(data):
                    yield from texts(inner, depth + 1)
            return
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    yield from _read(data, depth)


def _read(data: bytes, depth: int) -> Iterator[Seen]:
    text = _decoded(data)
    head = text.lstrip("\ufeff \t\r\n")[:1]
    if head in {"{", "["}:
        found = list(_json(text))
        if found:
            yield from found
            return
    if data.startswith(b"From ") and b"\n" in data:
        for part in (b"\n" + data).split(b"\nFrom ")[1:]:
            yield from _mail(message_from_bytes(part.partition(b"\n")[2]), depth)
        return
    mail = message_from_bytes(data)
    if mail.get("From") or mail.get("Received") or mail.get("Message-ID"):
        yield from _mail(mail, depth)
        return
    if head == "<":
        yield from (Seen("", part) for part in _html(text))
        return
    yield from _lines(text)


def _json(text: str) -> Iterator[Seen]:
    try:
        yield from _strings("", json.loads(text))
    except (ValueError, RecursionError):
        for line in text.splitlines():
            with suppress(ValueError, RecursionError):
                yield from _strings("", json.loads(line))


def _strings(path: str, value: object) -> Iterator[Seen]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _strings(f"{path}/{key}", member)
    elif isinstance(value, list):
        for at, member in enumerate(value):
            yield from _strings(f"{path}/{at}", member)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield Seen(path, str(value))


def _mail(mail: Message, depth: int) -> Iterator[Seen]:
    for part in mail.walk():
        for name, value in part.items():
            if name.lower() not in OPAQUE_HEADERS:
                with suppress(ValueError, LookupError):
                    read = str(make_header(decode_header(str(value))))
                    yield Seen(
                        name, MESSAGE_ID.sub("", read) if name.lower() in ID_HEADERS else read
                    )
        if part.is_multipart():
            continue
        body = part.get_payload(decode=True)
        if not isinstance(body, bytes):
            continue
        if part.get_content_maintype() == "text":
            charset = part.get_content_charset() or ""
            with suppress(LookupError):
                text = body.decode(charset or "utf-8", "replace")
                html = part.get_content_subtype() == "html"
                yield from (Seen("", run) for run in (_html(text) if html else [text]))
        else:
            yield from texts(body, depth + 1)


class _Runs(HTMLParser):
    """The runs of text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_data(self, data: str) -> None:
        self.runs.append(data)


def _html(text: str) -> list[str]:
    parser = _Runs()
    parser.feed(text)
    return parser.runs


def _lines(text: str) -> Iterator[Seen]:
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    if first.count(delimiter) > 1:
        with suppress(csv.Error):
            rows = csv.reader(StringIO(text), delimiter=delimiter)
            names = next(rows, [])
            for row in rows:
                for at, cell in enumerate(row):
                    yield Seen(names[at] if at < len(names) else "", cell)
            return
    lines = text.splitlines()
    for at in range(0, len(lines), LINES):
        yield Seen("", "\n".join(lines[at : at + LINES]))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return data.decode("cp1252", "replace")


def _zip(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(BytesIO(data)) as container:
        for entry in container.infolist():
            if not entry.flag_bits & 1 and entry.file_size <= SIZE_MAX:
                yield container.read(entry)


def _tar(data: bytes) -> Iterator[bytes]:
    with tarfile.open(fileobj=BytesIO(data)) as container:
        for member in container:
            stream = container.extractfile(member) if member.isfile() else None
            if stream is not None and member.size <= SIZE_MAX:
                yield stream.read()


def _gzip(data: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=BytesIO(data)) as stream:
        yield stream.read(SIZE_MAX)


def _bzip2(data: bytes) -> Iterator[bytes]:
    with bz2.BZ2File(BytesIO(data)) as stream:
        yield stream.read(SIZE_MAX)


def _xz(data: bytes) -> Iterator[bytes]:
    with lzma.LZMAFile(BytesIO(data)) as stream:
        yield stream.read(SIZE_MAX)


_CONTAINERS: tuple[tuple[bytes, Callable[[bytes], Iterator[bytes]]], ...] = (
    (b"PK\x03\x04", _zip),
    (b"\x1f\x8b", _gzip),
    (b"BZh", _bzip2),
    (b"\xfd7zXZ\0", _xz),
    (b"ustar", _tar),
)
