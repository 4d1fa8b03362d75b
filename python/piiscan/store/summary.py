"""Totals of a sweep: findings, people, objects, bytes, and what was not scanned.

`people` counts distinct fingerprints of findings that are at least of medium confidence. A word of
a sensitive category says nothing about who is meant, so those have no number of people. Findings
with an alert are counted in their categories and, apart, by alert, whatever their confidence.
`topical` counts those of at least medium confidence that are about a theme and nobody in
particular; they are among the others.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np
import numpy.typing as npt

from piiscan.findings import MEDIUM, RECORD
from piiscan.store.tally import distinct

__all__ = [
    "INCOMPLETE",
    "STATUSES",
    "Count",
    "Summary",
    "count_people",
    "summarize",
]

STATUSES = ("ok", "warn", "limit", "error", "encrypted", "unsupported", "skipped")
INCOMPLETE = ("limit", "error", "encrypted", "unsupported")
BATCH = 1_000_000  # findings whose fingerprints are merged at a time


@dataclass(frozen=True, slots=True)
class Count:
    """How much was found.

    `people` is None where a finding names nobody, `topical` where none has a reading.
    """

    findings: int
    people: int | None
    objects: int
    high: int
    medium: int
    low: int
    topical: int | None = None

    @property
    def sure(self) -> int:
        """Findings of at least medium confidence."""
        return self.high + self.medium

    @property
    def personal(self) -> int:
        """Those of them that are about a person: all but the topical ones."""
        return self.sure - (self.topical or 0)


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals of a finished or interrupted sweep."""

    state: str
    roots: tuple[str, ...] = ()
    started: str = ""
    ended: str = ""
    elapsed_s: float = 0.0
    objects: dict[str, int] = field(default_factory=dict)
    size: int = 0
    scanned: int = 0
    lossy: int = 0
    not_scanned: int = 0
    messages: int = 0
    by_detector: dict[str, Count] = field(default_factory=dict)
    by_category: dict[str, Count] = field(default_factory=dict)
    by_alert: dict[str, Count] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    read: int = 0
    unchanged: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        """Number of objects."""
        return sum(self.objects.values())

    @property
    def findings(self) -> int:
        """Number of findings of any confidence."""
        return sum(count.findings for count in self.by_detector.values())

    @property
    def sure(self) -> int:
        """Number of findings of at least medium confidence."""
        return sum(count.sure for count in self.by_detector.values())

    @property
    def personal(self) -> int:
        """Number of them that are about a person."""
        return sum(count.personal for count in self.by_detector.values())

    @property
    def alerts(self) -> int:
        """Number of findings with an alert, of any confidence."""
        return sum(count.findings for count in self.by_alert.values())

    @property
    def people(self) -> int:
        """Distinct fingerprints of all detectors that name somebody."""
        return sum(count.people or 0 for count in self.by_detector.values())

    @property
    def incomplete(self) -> dict[str, int]:
        """Number of objects by the statuses that make a sweep incomplete."""
        return {status: self.objects[status] for status in INCOMPLETE if self.objects.get(status)}


def _alerts(database: sqlite3.Connection) -> dict[str, Count]:
    query = (
        "SELECT alert, sum(n), count(*), sum(high), sum(medium) FROM alert_tally"
        " GROUP BY alert ORDER BY alert"
    )
    return {
        alert: Count(n, None, objects, high, medium, n - high - medium)
        for alert, n, objects, high, medium in database.execute(query)
    }


def count_people(database: sqlite3.Connection, sweep: int, *, changed: bool) -> None:
    """Fill the trend row of a sweep; people are counted anew only if something changed."""
    people = _people(database) if changed else _stored_people(database, sweep - 1)
    database.executemany(
        "INSERT INTO sweep_tally(sweep, detector, n, high, medium, topical, people, objects)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (sweep, number, n, high, medium, topical, people.get(number, 0), objects)
            for number, n, high, medium, topical, objects in _counts(database)
        ],
    )


def _counts(database: sqlite3.Connection) -> list[tuple[int, int, int, int, int, int]]:
    """Return detector, findings, high, medium, topical and objects of what the store holds."""
    return database.execute(
        "SELECT detector, sum(n), sum(high), sum(medium), sum(topical), count(*) FROM tally"
        " GROUP BY detector ORDER BY detector"
    ).fetchall()


def _stored_people(database: sqlite3.Connection, newest: int) -> dict[int, int]:
    """Return the people of the last finished sweep up to `newest`, by detector."""
    found = database.execute(
        "SELECT detector, people FROM sweep_tally"
        " WHERE sweep = (SELECT max(sweep) FROM sweep_tally WHERE sweep <= ?)",
        (newest,),
    )
    return dict(found.fetchall())


def _people(database: sqlite3.Connection) -> dict[int, int]:
    seen: dict[int, npt.NDArray[np.uint64]] = {}
    waiting: list[npt.NDArray[np.void]] = []
    waiting_size = 0
    for (records,) in database.execute("SELECT records FROM block WHERE n > 0"):
        waiting.append(np.frombuffer(records, dtype=RECORD))
        waiting_size += len(waiting[-1])
        if waiting_size >= BATCH:
            _merge(seen, waiting)
            waiting, waiting_size = [], 0
    _merge(seen, waiting)
    return {detector: len(heads) for detector, heads in seen.items()}


def _merge(
    seen: dict[int, npt.NDArray[np.uint64]], waiting: Iterable[npt.NDArray[np.void]]
) -> None:
    waiting = list(waiting)
    if not waiting:
        return
    records = np.concatenate(waiting)
    records = records[records["confidence"] >= MEDIUM]
    for number in np.unique(records["detector"]):
        heads = distinct(records[records["detector"] == number])
        before = seen.get(int(number))
        seen[int(number)] = heads if before is None else np.union1d(before, heads)


def summarize(database: sqlite3.Connection, sweep: int) -> Summary:
    """Return the totals of what the store holds, with the times of `sweep`."""
    row = database.execute(
        "SELECT state, roots, started, ended, elapsed_s, scanned, unchanged, removed FROM sweep"
        " WHERE id = ?",
        (sweep,),
    ).fetchone()
    objects = dict(
        database.execute(
            "SELECT status, count(*) FROM object WHERE ident IS NOT NULL GROUP BY status"
        )
    )
    amounts = database.execute(
        "SELECT coalesce(sum(CASE WHEN parent IS NULL THEN size END), 0), coalesce(sum(scanned),"
        " 0),"
        " coalesce(sum(lossy), 0), coalesce(sum(not_scanned), 0), coalesce(sum(messages), 0)"
        " FROM object WHERE ident IS NOT NULL"
    ).fetchone()
    by_detector: dict[str, Count] = {}
    members: dict[str, list[Count]] = {}
    classes: dict[str, str] = {}
    running = row[0] == "running"  # its counts are written at its end
    people = _people(database) if running else _stored_people(database, sweep)
    names = {
        number: (name, category, law)
        for number, name, category, law in database.execute(
            "SELECT id, name, category, class FROM detector"
        )
    }
    for number, n, high, medium, topical, held in _counts(database):
        name, category, law = names[number]
        ordinary = law == "ordinary"
        count = Count(
            findings=n,
            people=people.get(number, 0) if ordinary else None,
            objects=held,
            high=high,
            medium=medium,
            low=n - high - medium,
            topical=None if ordinary else topical,
        )
        by_detector[name] = count
        members.setdefault(category, []).append(count)
        classes[name] = classes[category] = law
    held_by_category = dict(
        database.execute(
            "SELECT category, count(DISTINCT object) FROM tally JOIN detector ON detector.id ="
            " detector GROUP BY category"
        )
    )
    return Summary(
        state="interrupted" if running else row[0],
        roots=tuple(msgspec.json.decode(row[1])),
        started=row[2],
        ended=row[3] or "",
        elapsed_s=row[4] or 0.0,
        objects={status: objects[status] for status in STATUSES if status in objects},
        size=amounts[0],
        scanned=amounts[1],
        lossy=amounts[2],
        not_scanned=amounts[3],
        messages=amounts[4],
        by_detector=by_detector,
        by_category={
            category: _sum(counts, held_by_category.get(category, 0))
            for category, counts in members.items()
        },
        by_alert=_alerts(database),
        classes=classes,
        read=row[5],
        unchanged=row[6],
        removed=row[7],
    )


def _sum(counts: list[Count], objects: int) -> Count:
    people = [count.people for count in counts if count.people is not None]
    topical = [count.topical for count in counts if count.topical is not None]
    return Count(
        findings=sum(count.findings for count in counts),
        people=sum(people) if people else None,
        objects=objects,
        high=sum(count.high for count in counts),
        medium=sum(count.medium for count in counts),
        low=sum(count.low for count in counts),
        topical=sum(topical) if topical else None,
    )
