"""One person in a store: the messages that hold one of their fingerprints.

The packed records of every block are compared as they are, two 64-bit words a fingerprint; only
the messages with a hit are unpacked. No value is needed, and none is there.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import msgspec
import numpy as np
import numpy.typing as npt

from piiscan.findings import MESSAGE, RECORD
from piiscan.store.blocks import OUTSIDE, ROLES, UNKNOWN_TIME, Row, message_keys
from piiscan.store.hold_table import StoredHold

__all__ = ["PersonFinding", "PersonMessage", "find_messages", "hits", "leave_out", "restricted"]

WORDS = RECORD.itemsize // 8  # a record as 64-bit words; the last two are the fingerprint
RESTRICTION = "restriction"  # the kind of hold that also hides


@dataclass(frozen=True, slots=True)
class PersonFinding:
    """One finding in a message that holds one of the person's fingerprints."""

    detector: int
    confidence: int
    field: int
    start: int
    end: int
    role: str
    path: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class PersonMessage:
    """A message with a fingerprint of the person, or a place outside messages if `number` is None.

    `fields` are those of its part; `findings` are all of the message, of whomever. `channel` is
    what the message says of its channel, empty where it says nothing.
    """

    object: int
    part: int
    number: int | None
    fields: tuple[int, int]
    raw: tuple[int, int]
    sent: int | None
    closed: int | None
    channel: str
    key: bytes
    findings: tuple[PersonFinding, ...]

    def fingerprints(self, *, role: str = "") -> set[bytes]:
        """Return the fingerprints in the message.

        Args:
            role: Only in fields with this role.

        """
        return {one.fingerprint for one in self.findings if role in {"", one.role}}


def hits(records: bytes, digests: Collection[bytes]) -> npt.NDArray[np.intp]:
    """Return the places of the records that have one of some fingerprints.

    Args:
        records: Packed, as in `RECORD`.
        digests: Fingerprints, 16 bytes each.

    """
    words = np.frombuffer(records, dtype="<u8").reshape(-1, WORDS)
    first, second = words[:, -2], words[:, -1]
    found = np.zeros(len(words), dtype=bool)
    for digest in digests:
        one, two = np.frombuffer(digest, dtype="<u8")
        places = np.flatnonzero(first == one)
        found[places[second[places] == two]] = True
    return np.flatnonzero(found)


def find_messages(
    database: sqlite3.Connection, digests: Collection[bytes]
) -> Iterator[PersonMessage]:
    """Yield the messages that hold one of some fingerprints, by object and place.

    Args:
        database: The store, open.
        digests: Fingerprints, 16 bytes each.

    """
    wanted = [digest for digest in digests if any(digest)]
    if not wanted:
        return
    query = (
        "SELECT block.object, part, records FROM block JOIN object ON object.id = block.object"
        " WHERE n > 0 AND ident IS NOT NULL ORDER BY block.object, part"
    )
    for owner, part, records in database.execute(query):
        places = hits(records, wanted)
        if len(places):
            yield from _messages(database, (owner, part), records, places)


def restricted(holds: Iterable[StoredHold]) -> frozenset[bytes]:
    """Return the fingerprints of people under a restriction that lasts.

    Args:
        holds: Of a store.

    """
    return frozenset(
        bytes.fromhex(name.partition(":")[2])
        for hold in holds
        if hold.kind == RESTRICTION and not hold.released
        for name in msgspec.json.decode(hold.scope).get("subject", ())
    )


def leave_out(rows: Iterable[Row], digests: Collection[bytes]) -> Iterator[Row]:
    """Yield findings without those of messages that hold one of some fingerprints.

    Args:
        rows: Of one object, in order.
        digests: Fingerprints, 16 bytes each.

    """
    for number, group in groupby(rows, key=lambda row: row.message):
        if number is None:
            yield from (row for row in group if row.fingerprint not in digests)
            continue
        message = list(group)
        if not any(row.fingerprint in digests for row in message):
            yield from message


def _messages(
    database: sqlite3.Connection,
    at: tuple[int, int],
    records: bytes,
    places: npt.NDArray[np.intp],
) -> Iterator[PersonMessage]:
    first, packed, roles, paths, keys, named = database.execute(
        "SELECT first_record, messages, roles, paths, keys, channels FROM block"
        " WHERE object = ? AND part = ?",
        at,
    ).fetchone()
    found = np.frombuffer(records, dtype=RECORD)
    messages = np.frombuffer(packed, dtype=MESSAGE)
    inside = (messages["flags"] & OUTSIDE) == 0
    numbers = first + np.cumsum(inside) - 1
    owners = np.searchsorted(messages["first_field"], found["field"], side="right") - 1
    names = dict(msgspec.json.decode(paths))
    channels = ["", *msgspec.json.decode(named, type=list[str])]
    hashes = message_keys(keys)
    ends = np.append(messages["first_field"][1:], len(roles)).astype(int)
    for owner in np.unique(owners[places]).tolist():
        mine = found[owners == owner]
        rows = [
            PersonFinding(
                detector, sure, field, start, end, ROLES[roles[field]], names.get(field, ""), digest
            )
            for field, start, end, detector, sure, _, digest in mine.tolist()
        ]
        if owner < 0 or not inside[owner]:
            span = (0, len(roles)) if owner < 0 and not len(messages) else _around(rows)
            yield PersonMessage(*at, None, span, (0, 0), None, None, "", b"", tuple(rows))
            continue
        row = messages[owner]
        start = int(row["raw_start"])
        yield PersonMessage(
            *at,
            int(numbers[owner]),
            (int(row["first_field"]), int(ends[owner])),
            (start, start + int(row["raw_len"])),
            _time(int(row["sent"])),
            _time(int(row["closed"])),
            channels[int(row["channel"])],
            hashes.get(owner, b""),
            tuple(rows),
        )


def _around(rows: list[PersonFinding]) -> tuple[int, int]:
    return min(row.field for row in rows), max(row.field for row in rows) + 1


def _time(value: int) -> int | None:
    return None if value == UNKNOWN_TIME else value
