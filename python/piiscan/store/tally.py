"""What one object holds, counted: findings by detector, and by alert.

A sensitive word has a reading: `personal` is a fact about somebody, `topical` the theme alone.
Topical findings are counted among the others, and once more by themselves, so that a report can
keep them apart. They are of at least medium confidence, as are the people.
"""

import sqlite3

import msgspec
import numpy as np
import numpy.typing as npt

from piiscan.findings import HIGH, MEDIUM, RECORD

__all__ = ["TOPICAL", "distinct", "fill_topical", "tally"]

TOPICAL = "topical"


def tally(database: sqlite3.Connection, owner: int) -> None:
    """Write how much an object holds.

    Args:
        database: The store, open for writing.
        owner: Row of the object, whose parts are all there.

    """
    parts = database.execute("SELECT records FROM block WHERE object = ? AND n > 0", (owner,))
    records = np.concatenate([np.frombuffer(row[0], dtype=RECORD) for row in parts])
    topical = _topical(database, owner)
    rows = []
    for number in np.unique(records["detector"]).tolist():
        of = records[records["detector"] == number]
        sure = of[of["confidence"] >= MEDIUM]
        high = int(np.count_nonzero(of["confidence"] == HIGH))
        medium, people = len(sure) - high, len(distinct(sure))
        rows.append((owner, number, len(of), high, medium, people, topical.get(number, 0)))
    database.executemany("INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.executemany(
        "INSERT INTO alert_tally VALUES (?, ?, ?, ?, ?)",
        [(owner, alert, *count) for alert, count in _alerts(database, owner).items()],
    )


def fill_topical(database: sqlite3.Connection) -> None:
    """Count the topical findings of every object of a store that did not count them.

    Args:
        database: The store, open for writing, of the version that has a column for them.

    """
    query = "SELECT DISTINCT object FROM block WHERE n > 0 AND instr(attribute_sets, ?)"
    for (owner,) in database.execute(query, (f'"{TOPICAL}"',)).fetchall():
        database.executemany(
            "UPDATE tally SET topical = ? WHERE object = ? AND detector = ?",
            [(count, owner, number) for number, count in _topical(database, owner).items()],
        )


def _topical(database: sqlite3.Connection, owner: int) -> dict[int, int]:
    """Return how many findings of an object are topical, by detector."""
    found: dict[int, int] = {}
    query = (
        "SELECT records, attribute_sets FROM block"
        " WHERE object = ? AND n > 0 AND instr(attribute_sets, ?)"
    )
    for packed, sets in database.execute(query, (owner, f'"{TOPICAL}"')):
        records = np.frombuffer(packed, dtype=RECORD)
        readings = [each.get("reading") == TOPICAL for each in msgspec.json.decode(sets)]
        chosen = np.array(readings)[records["attributes"]] & (records["confidence"] >= MEDIUM)
        numbers, counts = np.unique(records["detector"][chosen], return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            found[number] = found.get(number, 0) + count
    return found


def distinct(records: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
    """Return the distinct fingerprints, cut to 64 bits: enough to count 10^8 of them."""
    packed = np.ascontiguousarray(records["fingerprint"])
    heads: npt.NDArray[np.uint64] = np.unique(packed.view(np.uint64).reshape(-1, 2)[:, 0])
    return np.asarray(heads[heads != 0], dtype=np.uint64)  # zero: scanned without a key


def _alerts(database: sqlite3.Connection, owner: int) -> dict[str, list[int]]:
    """Return the findings of an object by alert: all, high, medium."""
    found: dict[str, list[int]] = {}
    query = (
        "SELECT records, attribute_sets FROM block"
        " WHERE object = ? AND n > 0 AND instr(attribute_sets, '\"alert\":')"
    )
    for packed, sets in database.execute(query, (owner,)):
        records = np.frombuffer(packed, dtype=RECORD)
        for number, attributes in enumerate(msgspec.json.decode(sets)):
            if alert := attributes.get("alert"):
                levels = records["confidence"][records["attributes"] == number]
                high, medium = (int(np.count_nonzero(levels == at)) for at in (HIGH, MEDIUM))
                before = found.get(alert, [0, 0, 0])
                found[alert] = [
                    old + new for old, new in zip(before, (len(levels), high, medium), strict=True)
                ]
    return found
