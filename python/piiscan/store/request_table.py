"""The requests of data subjects that a store keeps: what was asked, when it is due, how it stands.

A row holds fingerprints of the person, no value. A case has one row; what is asked later in the
same case is added to its kinds.
"""

from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from piiscan.store.database import guarded
from piiscan.store.hold_table import writing

__all__ = ["StoredRequest", "note_request", "stored_requests"]

DIGEST = 16  # bytes


class StoredRequest(NamedTuple):
    """A row; `subject` holds fingerprints, 16 bytes each."""

    id: int
    kind: str
    case_ref: str
    subject: bytes
    received: str
    due: str
    verified: str
    state: str


def stored_requests(database: Connection) -> list[StoredRequest]:
    """Return every row, the oldest first.

    Args:
        database: The store, open.

    """
    query = (
        "SELECT id, kind, coalesce(case_ref, ''), subject, received, coalesce(due, ''),"
        " coalesce(verified, ''), state FROM request ORDER BY id"
    )
    return [StoredRequest(*row) for row in database.execute(query)]


def note_request(
    store: Path,
    *,
    kind: str,
    case_ref: str,
    subject: bytes,
    received: str,
    due: str,
    verified: str,
    state: str,
) -> int:
    """Add a request, or what has become of one, and return the number of its row.

    Args:
        store: The file of the store.
        kind: `access`, `erase` ...
        case_ref: The case; requests without one get a row each.
        subject: Fingerprints, 16 bytes each.
        received: Day, ISO 8601.
        due: Day, ISO 8601.
        verified: How the person proved who they are.
        state: `open`, `done`, `refused`.

    Raises:
        StoreError: The store is no store, or in use.

    """
    with writing(store) as database, guarded(store):
        before = database.execute(
            "SELECT id, kind, verified FROM request WHERE case_ref = ?", (case_ref,)
        ).fetchone()
        if before is None or not case_ref:
            cursor = database.execute(
                "INSERT INTO request(kind, case_ref, subject, received, due, verified, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (kind, case_ref or None, subject, received, due, verified, state),
            )
            return int(cursor.lastrowid or 0)
        number, kinds, proof = before
        known = kinds.split(" ")
        database.execute(
            "UPDATE request SET kind = ?, subject = ?, verified = ?, state = ? WHERE id = ?",
            (
                kinds if kind in known else f"{kinds} {kind}",
                subject,
                verified or proof,
                state,
                number,
            ),
        )
        return int(number)
