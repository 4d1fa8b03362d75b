"""Messages as columns: what a sweep read, a row a message, with its findings beside.

Checks and retention look at every message of an archive. They get them in batches of many objects,
as NumPy columns over the packed blocks, so that a million messages take no loop of a million steps.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from piiscan.findings import MESSAGE, RECORD
from piiscan.store.blocks import KEY, OUTSIDE, Row
from piiscan.store.tally import TOPICAL

__all__ = ["MESSAGE_ROW", "Batch", "Owner", "Part", "batches", "gather", "message_findings"]

MESSAGE_ROW = np.dtype(
    [
        ("object", "<u4"),  # place in `Batch.owners`
        ("number", "<u4"),  # in its object
        ("raw_start", "<u8"),
        ("raw_len", "<u4"),
        ("sent", "<i8"),  # milliseconds since 1970; the smallest number if unknown
        ("closed", "<i8"),
        ("channel", "<u4"),  # place in `Batch.channels`
        ("findings", "<u4"),
        ("flags", "<u2"),
        ("roles", "<u2"),  # bit n: it has a field of role `ROLES[n]` that is not empty
        ("key", "V8"),  # keyed hash of its id; zeros if it has no findings
    ]
)
BATCH = 1 << 17  # messages and findings that are looked at together: some 30 MB
LEAN = "first_record, x'', messages, x'', '[]', '[]', keys, channels"
COLUMNS = "first_record, records, messages, roles, attribute_sets, paths, keys, channels"


AnOwner = TypeVar("AnOwner", bound="Owner")


class Owner(Protocol):
    """What a batch needs to know of an object."""

    @property
    def id(self) -> int:
        """Its row."""

    @property
    def channel(self) -> str:
        """The channel of messages that name none."""


class Part(NamedTuple):
    """A row of the table `block`, with the place of its object in the batch."""

    object: int
    first_record: int
    records: bytes
    messages: bytes
    roles: bytes
    attribute_sets: str
    paths: str
    keys: bytes
    channels: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages and findings of some objects.

    `messages` has the columns of `MESSAGE_ROW`. `records` has those of `RECORD`; the other arrays
    have an item for each of them: `objects` is the place of its object, `message` the place of its
    message or -1 if it stands between messages, such as in the name of a file; `roles` is the
    number of the role of its field, `attributes` the place in `attribute_sets`. `continued` says
    that the batch before ended within the first object.
    """

    messages: npt.NDArray[np.void]
    channels: tuple[str, ...]
    records: npt.NDArray[np.void]
    objects: npt.NDArray[np.int64]
    message: npt.NDArray[np.int64]
    roles: npt.NDArray[np.uint8]
    attributes: npt.NDArray[np.int64]
    attribute_sets: tuple[dict[str, object], ...]
    continued: bool
    _parts: Sequence[Part]
    _ends: npt.NDArray[np.int64]  # of the findings of each part
    _paths: dict[int, dict[int, str]] = field(default_factory=dict)

    def topical(self) -> npt.NDArray[np.bool_]:
        """Return which findings are about a theme and nobody in particular."""
        readings = [each.get("reading") == TOPICAL for each in self.attribute_sets]
        return np.array([*readings, False])[self.attributes]

    def path(self, at: int) -> str:
        """Return the path of the field of a finding; empty if its format has none.

        Args:
            at: Place of the finding.

        """
        part = int(np.searchsorted(self._ends, at, side="right"))
        if part not in self._paths:
            self._paths[part] = dict(msgspec.json.decode(self._parts[part].paths))
        return self._paths[part].get(int(self.records["field"][at]), "")

    def in_fields(self, wanted: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        """Return which findings stand in fields whose path is wanted.

        Args:
            wanted: Says it of a path; asked once for each.

        """
        known: dict[str, bool] = {}
        chosen = np.zeros(len(self.records), dtype=np.bool_)
        start = 0
        for part, end in zip(self._parts, self._ends.tolist(), strict=True):
            if end > start:
                fields = []
                for number, path in msgspec.json.decode(part.paths):
                    if path not in known:
                        known[path] = wanted(path)
                    if known[path]:
                        fields.append(number)
                if fields:
                    chosen[start:end] = np.isin(self.records["field"][start:end], fields)
            start = end
        return chosen


def batches(
    database: sqlite3.Connection,
    owners: Iterable[AnOwner],
    *,
    size: int = BATCH,
    lean: bool = False,
) -> Iterator[tuple[list[AnOwner], Batch]]:
    """Yield the messages of objects, many at a time, with those objects.

    A batch goes on with the last object of the one before if its parts were not yet all there.

    Args:
        database: The store.
        owners: The objects, in the order in which they are wanted.
        size: Messages and findings after which a batch ends.
        lean: Leave out the findings, and the roles of the messages' fields.

    """
    held: list[AnOwner] = []
    parts: list[Part] = []
    amount, continued = 0, False
    for owner in owners:
        held.append(owner)
        amount += 1
        chosen = LEAN if lean else COLUMNS
        query = f"SELECT {chosen} FROM block WHERE object = ? ORDER BY part"  # noqa: S608 - constants
        for row in database.execute(query, (owner.id,)):
            if amount >= size:
                yield held, gather(held, parts, continued=continued)
                held, parts, amount = [owner], [], 1
                continued = True
            parts.append(Part(len(held) - 1, *row))
            amount += len(row[1]) // RECORD.itemsize + len(row[2]) // MESSAGE.itemsize
        if amount >= size:
            yield held, gather(held, parts, continued=continued)
            held, parts, amount, continued = [], [], 0, False
    if held:
        yield held, gather(held, parts, continued=continued)


def gather(owners: Sequence[Owner], parts: Sequence[Part], *, continued: bool = False) -> Batch:
    """Return the columns of some parts.

    Args:
        owners: The objects.
        parts: Their parts, in order.
        continued: Parts of the first object were in the batch before.

    """
    packed = np.frombuffer(b"".join(part.messages for part in parts), dtype=MESSAGE)
    records = np.frombuffer(b"".join(part.records for part in parts), dtype=RECORD)
    roles = np.frombuffer(b"".join(part.roles for part in parts), dtype=np.uint8)
    rows = _lengths(parts, lambda part: len(part.messages) // MESSAGE.itemsize)
    found = _lengths(parts, lambda part: len(part.records) // RECORD.itemsize)
    bases = _starts(_lengths(parts, lambda part: len(part.roles)))

    # Fields are numbered in their part; in a batch the fields of earlier parts come before.
    first = packed["first_field"].astype(np.int64) + np.repeat(bases, rows)
    fields = records["field"].astype(np.int64) + np.repeat(bases, found)
    inside = (packed["flags"] & OUTSIDE) == 0
    before = np.cumsum(inside) - inside  # messages before each row
    row_starts = _starts(rows)

    above = np.searchsorted(first, fields, side="right") - 1
    lowest = np.repeat(row_starts, found)  # a finding belongs to a row of its own part, or to none
    within = above >= lowest
    within[within] = inside[above[within]]
    message = np.where(within, before[above] if len(before) else -1, -1)

    names, numbers = _channels(owners, parts, rows, packed["channel"])
    sets, attributes = _attributes(parts, found, records["attributes"])
    objects = np.array([part.object for part in parts], dtype=np.int64)
    kept = packed[inside]
    messages = np.empty(len(kept), dtype=MESSAGE_ROW)
    for column in ("raw_start", "raw_len", "sent", "closed", "findings", "flags"):
        messages[column] = kept[column]
    messages["object"] = np.repeat(objects, rows)[inside]
    messages["channel"] = numbers[inside]
    starts = np.array([part.first_record for part in parts], dtype=np.int64)
    opening = np.repeat(_at(before, row_starts), rows)  # messages before the part of each row
    messages["number"] = (np.repeat(starts, rows) + before - opening)[inside]
    messages["key"] = _keys(parts, row_starts, len(packed))[inside]
    messages["roles"] = _role_bits(roles, first, bases, row_starts, rows)[inside]
    return Batch(
        messages=messages,
        channels=names,
        records=records,
        objects=np.repeat(objects, found),
        message=message.astype(np.int64),
        roles=roles[fields] if len(fields) else np.empty(0, dtype=np.uint8),
        attributes=attributes,
        attribute_sets=sets,
        continued=continued,
        _parts=parts,
        _ends=np.cumsum(found, dtype=np.int64),
    )


def message_findings(rows: Iterable[Row]) -> Iterator[tuple[int | None, Row]]:
    """Yield findings with the number of their message; None for what stands between messages."""
    return ((row.message, row) for row in rows)


def _lengths(parts: Sequence[Part], size: Callable[[Part], int]) -> npt.NDArray[np.int64]:
    return np.array([size(part) for part in parts], dtype=np.int64)


def _starts(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.asarray(np.cumsum(lengths) - lengths, dtype=np.int64)


def _at(column: npt.NDArray[np.int64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the items at some places, which may be the end where nothing follows."""
    return np.append(column, 0)[places]


def _channels(
    owners: Sequence[Owner],
    parts: Sequence[Part],
    rows: npt.NDArray[np.int64],
    column: npt.NDArray[np.uint16],
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Return the names of channels, and for each row the place of its own.

    In a part 0 stands for the channel of the object and n for the n-th that its messages name.
    """
    names: dict[str, int] = {}
    table: list[int] = []
    bases = []
    for part in parts:
        bases.append(len(table))
        own = [] if part.channels == "[]" else msgspec.json.decode(part.channels, type=list[str])
        table += [
            names.setdefault(name, len(names)) for name in (owners[part.object].channel, *own)
        ]
    places = column.astype(np.int64) + np.repeat(np.array(bases, dtype=np.int64), rows)
    return tuple(names), np.array(table, dtype=np.int64)[places] if len(places) else places


def _attributes(
    parts: Sequence[Part], found: npt.NDArray[np.int64], column: npt.NDArray[np.uint16]
) -> tuple[tuple[dict[str, object], ...], npt.NDArray[np.int64]]:
    """Return the sets of attributes, and for each finding the place of its own."""
    known: dict[str, int] = {}
    sets: list[dict[str, object]] = []
    bases = []
    for part in parts:
        if part.attribute_sets not in known:
            known[part.attribute_sets] = len(sets)
            sets += msgspec.json.decode(part.attribute_sets, type=list[dict[str, object]])
        bases.append(known[part.attribute_sets])
    places = column.astype(np.int64) + np.repeat(np.array(bases, dtype=np.int64), found)
    return tuple(sets), places


def _keys(
    parts: Sequence[Part], row_starts: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.void]:
    """Return for each row its key, zeros where it has none."""
    keys = np.zeros(count, dtype=KEY["hash"])
    packed = np.frombuffer(b"".join(part.keys for part in parts), dtype=KEY)
    if len(packed):
        held = _lengths(parts, lambda part: len(part.keys) // KEY.itemsize)
        keys[packed["message"] + np.repeat(row_starts, held)] = packed["hash"]
    return keys


def _role_bits(
    roles: npt.NDArray[np.uint8],
    first: npt.NDArray[np.int64],
    bases: npt.NDArray[np.int64],
    row_starts: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint16]:
    """Return for each row the roles of its fields, as bits."""
    if not len(first) or not len(roles):
        return np.zeros(len(first), dtype=np.uint16)
    bits = np.append(np.left_shift(np.uint16(1), roles.astype(np.uint16)), np.uint16(0))
    ends = np.append(first[1:], len(roles))
    last = row_starts[rows > 0] + rows[rows > 0] - 1  # the last row of a part ends with the part
    part_ends = np.append(bases[1:], len(roles))[rows > 0]
    ends[last] = part_ends
    sums = np.bitwise_or.reduceat(bits, np.column_stack([first, ends]).ravel())[::2]
    return np.where(ends > first, sums, np.uint16(0)).astype(np.uint16)
