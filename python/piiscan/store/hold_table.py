"""The holds that a store keeps: rows that are added and marked as released, never deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from piiscan.store.database import connect, guarded, open_for_reading

__all__ = ["StoredHold", "add_hold", "mark_released", "stored_holds", "writing"]


class StoredHold(NamedTuple):
    """A row; `scope` and `released` are JSON, the latter empty while the hold lasts."""

    id: int
    kind: str
    scope: str
    reason: str
    owner: str
    since: str
    review: str
    released: str


def stored_holds(database: Connection) -> list[StoredHold]:
    """Return every row of a store's holds, the oldest first.

    Args:
        database: The store, open.

    """
    query = (
        "SELECT id, kind, scope, reason, owner, since, coalesce(review, ''),"
        " coalesce(released, '') FROM hold ORDER BY id"
    )
    return [StoredHold(*row) for row in database.execute(query)]


def add_hold(
    store: Path, *, kind: str, scope: str, reason: str, owner: str, since: str, review: str
) -> int:
    """Add a row and return its number.

    Args:
        store: The file of the store.
        kind: Of the hold.
        scope: What it covers, as JSON; hashes and fingerprints, no values.
        reason: Why.
        owner: Who decides about it.
        since: Day, ISO 8601.
        review: Day, ISO 8601; empty without one.

    Raises:
        StoreError: The store is no store, or in use.

    """
    with writing(store) as database:
        cursor = database.execute(
            "INSERT INTO hold(kind, scope, reason, owner, since, review) VALUES (?, ?, ?, ?, ?, ?)",
            (kind, scope, reason, owner, since, review),
        )
        return int(cursor.lastrowid or 0)


def mark_released(store: Path, number: int, released: str) -> bool:
    """Note on a row that it was released; return whether there was such a hold.

    Args:
        store: The file of the store.
        number: Of the row.
        released: Who, why and when, as JSON.

    """
    with writing(store) as database:
        cursor = database.execute(
            "UPDATE hold SET released = ? WHERE id = ? AND released IS NULL", (released, number)
        )
        return cursor.rowcount == 1


@contextmanager
def writing(store: Path) -> Iterator[Connection]:
    """Open a store for a few rows that are no sweep's.

    Args:
        store: The file of the store.

    Yields:
        The database; each statement is a transaction.

    Raises:
        StoreError: The store is no store, or in use.

    """
    open_for_reading(store).close()  # says so if it is no store, and migrates an old one
    with guarded(store):
        database = connect(str(store))
        try:
            yield database
        finally:
            database.close()
