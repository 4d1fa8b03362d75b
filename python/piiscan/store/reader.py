"""Reading a store: objects, findings, coverage and earlier sweeps. Nothing is changed."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from piiscan.errors import StoreError
from piiscan.findings import MEDIUM, Finding
from piiscan.store import messages as columns
from piiscan.store import places
from piiscan.store.audit_log import AuditEntry, AuditLog, default_log
from piiscan.store.blocks import UNKNOWN_TIME, Row, period, rows
from piiscan.store.database import guarded, open_for_reading
from piiscan.store.hold_table import StoredHold, stored_holds
from piiscan.store.key import agree
from piiscan.store.person import PersonMessage, find_messages, leave_out, restricted
from piiscan.store.request_table import StoredRequest, stored_requests
from piiscan.store.stored import (
    AlertPlace,
    Place,
    Problem,
    StoredObject,
    StoredSweep,
    place,
    stored_sweeps,
)
from piiscan.store.summary import Summary, summarize

__all__ = ["DEFAULT_STORE", "Store", "open_store"]

DEFAULT_STORE = Path(".piiscan/store.db")
WHOLE = 1 << 62  # a batch is never as long


class Store:
    """A read-only view of a store. Close it, or use it in a `with` block.

    Args:
        database: SQLite, open.
        path: Its file; None for a store in memory.

    """

    def __init__(self, database: sqlite3.Connection, path: Path | None) -> None:
        self._database = database
        self.path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __repr__(self) -> str:
        return f"<Store: {self.path or 'in memory'}>"

    @cached_property
    def key_id(self) -> str:
        """Name of the key of the fingerprints; empty without one."""
        return self._meta("key_id")

    @cached_property
    def detector_rows(self) -> dict[int, tuple[str, str, str]]:
        """Number in the blocks -> detector, category, class."""
        with guarded(self.path):
            found = self._database.execute("SELECT id, name, category, class FROM detector")
            return {number: (name, category, law) for number, name, category, law in found}

    def _meta(self, key: str) -> str:
        with guarded(self.path):
            row = self._database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def sweeps(self) -> list[StoredSweep]:
        """Return every sweep, the oldest first."""
        with guarded(self.path):
            return stored_sweeps(self._database)

    def last_sweep(self) -> StoredSweep:
        """Return the newest sweep.

        Raises:
            StoreError: The store holds none.

        """
        found = self.sweeps()
        if not found:
            raise StoreError(f"store `{self.path}` holds no sweep\n\nhint: piiscan sweep PATH")
        return found[-1]

    def summary(self) -> Summary:
        """Return the totals of what the store holds, and the times of the newest sweep."""
        number = self.last_sweep().id
        with guarded(self.path):
            return summarize(self._database, number)

    def objects(self, *, status: str | None = None) -> Iterator[StoredObject]:
        """Yield the objects by location.

        Args:
            status: Only objects with this status.

        """
        newest = self.last_sweep().id
        query = (
            "SELECT id, ident, parent, loc, size, mtime_ns, content_hash, format, profile, channel,"
            " status, reason, scanned, lossy, not_scanned, messages, findings, sweep = ?, sweep"
            " FROM object"
            " WHERE ident IS NOT NULL AND (?2 IS NULL OR status = ?2) ORDER BY loc, id"
        )
        with guarded(self.path):
            for row in self._database.execute(query, (newest, status)):
                yield StoredObject(*row)

    def parents(self) -> set[int]:
        """Return the numbers of the objects that hold others."""
        with guarded(self.path):
            found = self._database.execute(
                "SELECT DISTINCT parent FROM object WHERE parent IS NOT NULL"
            )
            return {row[0] for row in found}

    def outdated(self) -> int:
        """Return how many objects were read with other detectors or options than the newest sweep.

        They lie in roots that it did not sweep.
        """
        with guarded(self.path):
            found = self._database.execute(
                "SELECT count(*) FROM object WHERE ident IS NOT NULL AND engine_digest <>"
                " (SELECT engine_digest FROM sweep ORDER BY id DESC LIMIT 1)"
            )
            return int(found.fetchone()[0])

    @cached_property
    def restricted(self) -> frozenset[bytes]:
        """Fingerprints of people whose data is kept but not to be used (Art. 18)."""
        return restricted(self.holds())

    def rows(self, owner: StoredObject) -> Iterator[Row]:
        """Yield the findings of one object as packed rows, without messages under restriction."""
        with guarded(self.path):
            found = rows(self._database, owner.id)
            yield from leave_out(found, self.restricted) if self.restricted else found

    def messages(self, owner: StoredObject) -> npt.NDArray[np.void]:
        """Return the messages of one object, a row each; columns as in `MESSAGE_ROW`.

        The column `channel` is a place in `channels(owner)`.
        """
        return self.batch(owner).messages

    def channels(self, owner: StoredObject) -> tuple[str, ...]:
        """Return the channels of the messages of one object, its own first if it has messages."""
        return self.batch(owner).channels

    def message_findings(self, owner: StoredObject) -> Iterator[tuple[int | None, Row]]:
        """Yield the findings of one object with the number of their message, if they have one."""
        return columns.message_findings(self.rows(owner))

    def batches(
        self, owners: Iterable[StoredObject]
    ) -> Iterator[tuple[list[StoredObject], columns.Batch]]:
        """Yield the messages and findings of objects as columns, many objects at a time.

        A long object goes on in the next batch, which says so: `continued`.

        Args:
            owners: The objects.

        """
        with guarded(self.path):
            yield from columns.batches(self._database, owners)

    def batch(self, owner: StoredObject, *, lean: bool = False) -> columns.Batch:
        """Return the messages and findings of one object as columns.

        Args:
            owner: The object.
            lean: Leave out the findings, and the roles of the messages' fields.

        """
        with guarded(self.path):
            ((_, batch),) = columns.batches(self._database, [owner], size=WHOLE, lean=lean)
        return batch

    def findings(
        self,
        *,
        detector: str | None = None,
        category: str | None = None,
        minimum: int = MEDIUM,
    ) -> Iterator[Finding]:
        """Yield findings by location.

        Args:
            detector: Only this detector.
            category: Only this category.
            minimum: `LOW`, `MEDIUM` or `HIGH`: the lowest confidence.

        """
        names = self.detector_rows
        wanted = {
            number
            for number, (name, kind, _) in names.items()
            if detector in {None, name} and category in {None, kind}
        }
        for owner in self.objects():
            if not owner.findings:
                continue
            for row in self.rows(owner):
                if row.detector in wanted and row.confidence >= minimum:
                    yield self._finding(owner, row)

    def _finding(self, owner: StoredObject, row: Row) -> Finding:
        name, category, _ = self.detector_rows[row.detector]
        return Finding(
            detector=name,
            category=category,
            confidence=row.confidence,
            start=row.start,
            end=row.end,
            raw=(row.raw_start, row.raw_end),
            attributes=row.attributes,
            fingerprint=self.fingerprint(row),
            loc=place(owner, row),
        )

    def fingerprint(self, row: Row) -> str:
        """Return a row's fingerprint with the name of its key; empty without a key."""
        return (
            f"{self.key_id}:{row.fingerprint.hex()}" if self.key_id and any(row.fingerprint) else ""
        )

    def places(self, limit: int) -> tuple[list[Place], int]:
        """Return the objects with the most findings, and how many more there are.

        Args:
            limit: Length of the list.

        """
        with guarded(self.path):
            return places.richest(self._database, limit)

    def alert_places(self, limit: int) -> tuple[list[AlertPlace], int]:
        """Return where alerts stand, by location, and how many more places there are.

        Args:
            limit: Length of the list.

        """
        with guarded(self.path):
            return places.alert_places(self._database, limit)

    def alerts(self) -> Iterator[tuple[StoredObject, Row]]:
        """Yield every finding with an alert, of any confidence, by location."""
        with guarded(self.path):
            owners = {row[0] for row in self._database.execute("SELECT object FROM alert_tally")}
        for owner in self.objects() if owners else ():
            if owner.id in owners:
                for row in self.rows(owner):
                    if row.attributes.get("alert"):
                        yield owner, row

    def period(
        self, *, after: int = UNKNOWN_TIME, before: int | None = None
    ) -> tuple[int | None, int | None]:
        """Return the first and last known time of a message, in milliseconds since 1970.

        Args:
            after: Times up to this one do not count.
            before: Times from this one on do not count; all do if None.

        """
        with guarded(self.path):
            return period(self._database, after=after, before=before)

    def holds(self) -> list[StoredHold]:
        """Return every hold that was put into the store, released ones too."""
        with guarded(self.path):
            return stored_holds(self._database)

    def requests(self) -> list[StoredRequest]:
        """Return every request of a data subject, the oldest first."""
        with guarded(self.path):
            return stored_requests(self._database)

    def person(self, digests: Collection[bytes]) -> list[PersonMessage]:
        """Return the messages that hold one of some fingerprints.

        Args:
            digests: Fingerprints, 16 bytes each.

        """
        with guarded(self.path):
            return list(find_messages(self._database, digests))

    def agree(self, key: bytes, key_id: str, path: Path) -> None:
        """Refuse a key that is not the one of the fingerprints.

        Args:
            key: The key.
            key_id: Its name.
            path: Its file, for the message.

        Raises:
            KeyMismatchError: The store was made with another key.

        """
        with guarded(self.path):
            agree(self._database, key, key_id, path)

    def root_ids(self) -> dict[int, bytes]:
        """Return number of the object -> keyed hash of the path of its root."""
        with guarded(self.path):
            return dict(
                self._database.execute("SELECT id, root FROM object WHERE root IS NOT NULL")
            )

    def audit(self) -> list[AuditEntry]:
        """Return what the audit log beside the store says, the oldest entry first."""
        return [] if self.path is None else list(AuditLog(default_log(self.path)).entries())

    def coverage(self, *, issues: bool = True) -> Iterator[StoredObject]:
        """Yield the ledger: every object that is not ok, or every object.

        Args:
            issues: Leave out what is ok.

        """
        for owner in self.objects():
            if not issues or owner.status != "ok":
                yield owner

    def problems(self, owner: StoredObject) -> list[Problem]:
        """Return the places in an object that are not ok."""
        with guarded(self.path):
            return places.problems(self._database, owner)


def open_store(path: str | Path = DEFAULT_STORE) -> Store:
    """Open a store for reading; a sweep may be writing to it.

    Args:
        path: The file of the store.

    Raises:
        FileNotFoundError: There is no such file.
        StoreError: The file is no store, or is damaged.

    """
    path = Path(path)
    return Store(open_for_reading(path), path)
