"""What a store holds, as its readers see it: sweeps, objects, places; and how they are named."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from piiscan.store.blocks import Row

__all__ = [
    "AlertPlace",
    "Place",
    "Problem",
    "StoredLexicon",
    "StoredObject",
    "StoredSweep",
    "named",
    "place",
    "sent_text",
    "stored_sweeps",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredLexicon:
    """A list of words that ran; `own` if it was the user's."""

    name: str
    version: str
    digest: str
    own: bool


@dataclass(frozen=True, slots=True)
class StoredSweep:
    """One run of `piiscan sweep`."""

    id: int
    started: str
    ended: str
    state: str
    roots: tuple[str, ...]
    policy_digest: str
    engine_digest: str
    detectors: tuple[str, ...]
    info: dict[str, object]
    elapsed_s: float

    @property
    def lexicons(self) -> tuple[StoredLexicon, ...]:
        """The lexicons that ran, as far as the store knows them."""
        rows = self.info.get("lexicons")
        return tuple(msgspec.convert(rows or [], list[StoredLexicon]))


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A file or an entry of a container, and what became of its bytes."""

    id: int
    ident: bytes
    parent: int | None
    loc: str
    size: int
    mtime_ns: int
    content_hash: bytes | None
    format: str
    profile: str
    channel: str
    status: str
    reason: str
    scanned: int
    lossy: int
    not_scanned: int
    messages: int
    findings: int
    changed: bool
    sweep: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """An object, how much is in it, and which kinds."""

    loc: str
    findings: int  # about a person
    topical: int  # about a theme
    people: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """An object with findings of one alert."""

    loc: str
    alert: str
    findings: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A place in an object that is not ok."""

    loc: str
    raw: tuple[int, int]
    status: str
    reason: str


def stored_sweeps(database: sqlite3.Connection) -> list[StoredSweep]:
    """Return every sweep, the oldest first."""
    found = database.execute(
        "SELECT id, started, ended, state, roots, policy_digest, engine_digest,"
        " detectors, info, elapsed_s"
        " FROM sweep ORDER BY id"
    )
    return [
        StoredSweep(
            id=row[0],
            started=row[1],
            ended=row[2] or "",
            state=row[3],
            roots=tuple(msgspec.json.decode(row[4])),
            policy_digest=row[5],
            engine_digest=row[6],
            detectors=tuple(msgspec.json.decode(row[7])),
            info=msgspec.json.decode(row[8]),
            elapsed_s=row[9] or 0.0,
        )
        for row in found
    ]


def named(lexicons: Sequence[StoredLexicon]) -> str:
    """Return lexicons in short: `36 of 2026.1, my.toml 1`; only the user's by name.

    Args:
        lexicons: Of a sweep.

    """
    shipped = Counter(one.version or "no version" for one in lexicons if not one.own)
    own = [f"{one.name} {one.version}".rstrip() for one in lexicons if one.own]
    return ", ".join([*(f"{count} of {name}" for name, count in shipped.items()), *own])


def place(owner: StoredObject, row: Row) -> str:
    """Return where a finding stands: `export.zip!/inbox.mbox#142/body`."""
    message = "" if row.message is None else f"#{row.message}"
    return f"{owner.loc}{message}/{row.path.removeprefix('/') or row.role}"


def sent_text(milliseconds: int | None) -> str:
    """Return an instant in RFC 3339, UTC; empty when unknown or outside the calendar."""
    if milliseconds is None:
        return ""
    try:
        instant = EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return ""
    return instant.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
