"""Is a rewritten file still what it was? The standard library reads it, which shares no code.

Compares form, never content: keys and their order, rows and columns, parts and headers, entries.
What the source itself does not keep (a broken line, a cut mail) is not asked of the result.
"""

import csv
import json
import re
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_binary_file
from email.message import Message
from itertools import zip_longest
from pathlib import Path

__all__ = ["SIZE_MAX", "differences"]

LINES = 100  # of a table that tell its delimiter
SIZE_MAX = 16 << 20  # bytes: larger files are compared by their numbers of messages only
CODECS = ("utf-8-sig", "cp1252")
NAME = re.compile(r"[A-Za-z_.$-]{1,40}")


def differences(source: Path, target: Path, format: str) -> list[str]:  # noqa: A002 - the word of the field
    """Return what differs in form; empty if nothing does, or nobody can say.

    Args:
        source: As it was.
        target: As it is.
        format: Id of the syntax or container.

    """
    compare = _COMPARE.get(format)
    if compare is None or source.stat().st_size > SIZE_MAX:
        return []
    return compare(source, target)


def _json(source: Path, target: Path) -> list[str]:
    before = _loaded(_text(source))
    if before is None:
        return []
    after = _loaded(_text(target))
    return [] if after == before else ["keys, order or kinds of JSON values differ"]


def _jsonl(source: Path, target: Path) -> list[str]:
    found = []
    pairs = zip_longest(_text(source).split("\n"), _text(target).split("\n"))
    for number, (before, after) in enumerate(pairs, start=1):
        if before is None or after is None:
            return ["the number of lines differs"]
        shape = _loaded(before)
        if shape is not None and _loaded(after) != shape:
            found.append(f"line {number} has other keys or kinds of values")
    return found


def _delimiter(lines: list[str]) -> str:
    """Return the character that stands equally often in most lines: text has commas, too."""

    def fit(delimiter: str) -> tuple[int, int]:
        ((most, lines_with),) = Counter(line.count(delimiter) for line in lines).most_common(1)
        return (lines_with, most) if most else (0, 0)

    return max("\t;|,", key=fit) if lines else ","


def _csv(source: Path, target: Path) -> list[str]:
    text = _text(source)
    delimiter = _delimiter(text.splitlines()[:LINES])
    shape = [len(row) for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter)]
    rows = csv.reader(_text(target).splitlines(keepends=True), delimiter=delimiter)
    return [] if [len(row) for row in rows] == shape else ["rows or columns differ"]


def _mail(source: Path, target: Path) -> list[str]:
    before, after = _mail_shape(source), _mail_shape(target)
    return [] if before == after else ["headers or parts of the mail differ"]


def _zip(source: Path, target: Path) -> list[str]:
    with suppress(zipfile.BadZipFile, NotImplementedError, RuntimeError):
        with zipfile.ZipFile(source) as old:
            count = len(old.infolist())
            whole = old.testzip() is None
        try:
            with zipfile.ZipFile(target) as new:
                if len(new.infolist()) != count:
                    return ["the number of entries differs"]
                if whole and new.testzip() is not None:
                    return ["an entry is damaged"]
        except zipfile.BadZipFile:
            return ["the zip cannot be read"]
    return []


def _tar(source: Path, target: Path) -> list[str]:
    with suppress(tarfile.TarError, OSError, EOFError):
        with tarfile.open(source) as old:
            kinds = [member.type for member in old]
        try:
            with tarfile.open(target) as new:
                return [] if [member.type for member in new] == kinds else ["entries differ"]
        except (tarfile.TarError, OSError, EOFError):
            return ["the tar cannot be read"]
    return []


def _loaded(text: str) -> object:
    """Keys, order and kinds of a JSON document, None if it is none; numbers count as strings."""
    try:
        return _kinds(json.loads(text, object_pairs_hook=_Pairs))
    except (ValueError, RecursionError):
        return None


class _Pairs(list[tuple[str, object]]):
    """The members of an object, in order, with repeated keys."""


def _kinds(value: object) -> object:
    match value:
        case _Pairs():
            return ("object", [(_key(key), _kinds(member)) for key, member in value])
        case list():
            return ("array", [_kinds(member) for member in value])
        case bool() | None:
            return str(value)
        case _:
            return "scalar"


def _key(key: str) -> str:
    """A key that looks like a program's stays; any other may hold data, and may have changed."""
    return key if NAME.fullmatch(key) else ""


def _mail_shape(path: Path) -> list[object]:
    with path.open("rb") as stream:
        mail = message_from_binary_file(stream)
    return list(_parts(mail))


def _parts(mail: Message) -> Iterator[object]:
    for part in mail.walk():
        yield (part.get_content_type(), [name.lower() for name, _ in part.items()])


def _text(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for codec in CODECS:
        with suppress(UnicodeDecodeError):
            return data.decode(codec)
    return data.decode("latin-1")


_COMPARE: dict[str, Callable[[Path, Path], list[str]]] = {
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "mime": _mail,
    "zip": _zip,
    "tar": _tar,
}
