"""The layout of a part: packed records in, rows out.

`records` has 32 bytes a finding, as in `RECORD`, with the store's own detector numbers. `raws` has
16: `start u8, length u4, ranges u4`, bytes of the innermost object. `messages` is as in `MESSAGE`;
`roles` has one byte a field; `keys` has 12 bytes a message that has findings, or any message if the
sweep was to keep them all: `number u4, hash 8 bytes`; `paths` is JSON, `[[field, path]]`;
`channels` is a list of names in JSON, where the number n of a message means the n-th and 0 the
channel of the object. All numbers are little-endian.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from piiscan.findings import MESSAGE, RAW, RECORD

__all__ = [
    "KEY",
    "ROLES",
    "STORED_RAW",
    "UNKNOWN_TIME",
    "Row",
    "message_keys",
    "pack_raws",
    "period",
    "rows",
]

STORED_RAW = np.dtype([("start", "<u8"), ("length", "<u4"), ("ranges", "<u4")])
KEY = np.dtype([("message", "<u4"), ("hash", "V8")])
UNKNOWN_TIME = -(2**63)
OUTSIDE = 2  # flag of a row that is no message: its fields stand between messages

# By number; part of the layout.
ROLES = (
    "body",
    "subject",
    "sender",
    "recipient",
    "time",
    "closed",
    "channel",
    "attachment-name",
    "entry-name",
    "meta",
    "opaque",
)


class Row(NamedTuple):
    """One finding with its place, as the outputs need it; `ordinal` counts in its object."""

    ordinal: int
    detector: int
    confidence: int
    start: int
    end: int
    raw_start: int
    raw_end: int
    ranges: int
    attributes: Mapping[str, object]
    fingerprint: bytes
    message: int | None
    role: str
    path: str
    key: bytes
    sent: int | None


def pack_raws(raws: bytes) -> bytes:
    """Return the core's 24-byte raw spans in the store's 16 bytes."""
    spans = np.frombuffer(raws, dtype=RAW)
    stored = np.empty(len(spans), dtype=STORED_RAW)
    stored["start"] = spans["start"]
    stored["length"] = np.minimum(spans["end"] - spans["start"], np.uint64(2**32 - 1))
    stored["ranges"] = spans["ranges"]
    return stored.tobytes()


def message_keys(packed: bytes) -> dict[int, bytes]:
    """Return the keyed hashes of the keys of messages, by the message's place in its part."""
    return {int(row["message"]): row["hash"].tobytes() for row in np.frombuffer(packed, dtype=KEY)}


def rows(database: sqlite3.Connection, owner: int) -> Iterator[Row]:
    """Yield the findings of one object in the order of their places."""
    query = (
        "SELECT first_record, records, raws, messages, roles, attribute_sets, paths, keys"
        " FROM block WHERE object = ? AND n > 0 ORDER BY part"
    )
    ordinal = 0
    for first, records, raws, messages, roles, sets, paths, keys in database.execute(
        query, (owner,)
    ):
        packed = np.frombuffer(records, dtype=RECORD)
        yield from _part(
            (ordinal, first),
            packed,
            np.frombuffer(raws, dtype=STORED_RAW),
            messages=np.frombuffer(messages, dtype=MESSAGE),
            roles=roles,
            sets=msgspec.json.decode(sets),
            paths=dict(msgspec.json.decode(paths)),
            keys=message_keys(keys),
        )
        ordinal += len(packed)


def _part(
    before: tuple[int, int],
    records: npt.NDArray[np.void],
    raws: npt.NDArray[np.void],
    *,
    messages: npt.NDArray[np.void],
    roles: bytes,
    sets: list[dict[str, object]],
    paths: dict[int, str],
    keys: dict[int, bytes],
) -> Iterator[Row]:
    owners = np.searchsorted(messages["first_field"], records["field"], side="right") - 1
    sent = messages["sent"]
    inside = (messages["flags"] & OUTSIDE) == 0
    ordinal, first = before
    numbers = first + np.cumsum(inside) - 1
    columns = zip(records.tolist(), raws.tolist(), owners.tolist(), strict=True)
    for at, (record, raw, owner) in enumerate(columns, start=ordinal):
        number, start, end, detector, confidence, attributes, digest = record
        within = owner >= 0 and bool(inside[owner])
        known = within and int(sent[owner]) != UNKNOWN_TIME
        yield Row(
            ordinal=at,
            detector=detector,
            confidence=confidence,
            start=start,
            end=end,
            raw_start=raw[0],
            raw_end=raw[0] + raw[1],
            ranges=raw[2],
            attributes=sets[attributes],
            fingerprint=bytes(digest),
            message=int(numbers[owner]) if within else None,
            role=ROLES[roles[number]],
            path=paths.get(number, ""),
            key=keys.get(owner, b"") if within else b"",
            sent=int(sent[owner]) if known else None,
        )


def period(
    database: sqlite3.Connection, *, after: int = UNKNOWN_TIME, before: int | None = None
) -> tuple[int | None, int | None]:
    """Return the first and last known time of a message, in milliseconds since 1970.

    Args:
        database: The store.
        after: Times up to this one do not count.
        before: Times from this one on do not count; all do if None.

    """
    first, last = None, None
    for (packed,) in database.execute("SELECT messages FROM block"):
        sent = np.frombuffer(packed, dtype=MESSAGE)["sent"]
        sent = sent[(sent > after) & (before is None or sent < before)]
        if len(sent):
            low, high = int(sent.min()), int(sent.max())
            first = low if first is None else min(first, low)
            last = high if last is None else max(last, high)
    return first, last
