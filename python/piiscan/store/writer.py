"""Writing what a sweep finds: parts as they come, a commit about once a second, whole objects only.

A part of an object that is still being read hangs on a row without an id. When the object is done
its row takes the id, and the object of an earlier sweep with the same id goes away with everything
that hangs on it. A killed sweep therefore leaves each object as the old or the new one; rows
without an id are swept out by the next run.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Self

import msgspec
import numpy as np
import numpy.typing as npt

from piiscan.findings import RECORD, Catalog
from piiscan.store.blocks import pack_raws
from piiscan.store.database import guarded, open_for_writing
from piiscan.store.incoming import DonePart, FinishedObject
from piiscan.store.key import agree
from piiscan.store.summary import Summary, count_people, summarize
from piiscan.store.tally import tally

__all__ = ["Writer"]

COMMIT_S = 1.0  # what a killed sweep has to do again
UNKEYED = re.compile(r"\[([a-z-]+ \d+) [0-9a-f]{8}\]")  # a mask with a key that nobody keeps
RETRIED = "error"  # a file that could not be read is tried again


class Writer:
    """One sweep into one store.

    Args:
        path: The file of the store; None keeps it in memory.
        key: The fingerprint key; None for a store in memory that nobody will join with another.
        key_file: The file of the key, for messages.
        key_id: Name of the key.
        catalog: Category and class of each detector.
        roots: What is swept, as shown.
        root_ids: Keyed hashes of their paths: what another sweep of another root left stays.
        engine_digest: Of the scanner.
        policy_digest: Of everything else that decides what is read and how.
        info: Versions, digests and limits, for the outputs.
        started: When the sweep started, RFC 3339; empty if the caller did not say.

    Raises:
        KeyMismatchError: The store was made with another key.
        StoreError: The store is damaged, or another sweep is writing to it.

    """

    def __init__(
        self,
        path: Path | None,
        *,
        key: bytes | None,
        key_file: Path | None = None,
        catalog: Catalog,
        key_id: str = "",
        roots: Sequence[str],
        root_ids: Sequence[bytes] = (),
        engine_digest: str,
        policy_digest: str,
        info: Mapping[str, object],
        started: str,
    ) -> None:
        self._path = path
        self.database = open_for_writing(path)
        try:
            with guarded(path):
                self.database.execute("BEGIN IMMEDIATE")
                if key is not None:
                    agree(self.database, key, key_id, key_file or Path())
                if started:
                    self.database.execute(
                        "INSERT OR IGNORE INTO meta VALUES ('created', ?)", (started,)
                    )
                self._numbers = self._number(catalog)
                self.database.execute("DELETE FROM object WHERE ident IS NULL")
                self.database.execute(
                    "UPDATE sweep SET state = 'interrupted' WHERE state = 'running'"
                )
                self.sweep = self._insert_sweep(
                    started,
                    _json(list(roots)),
                    policy_digest,
                    engine_digest,
                    _json(sorted(catalog)),
                    _json(info),
                )
        except BaseException:
            self.database.close()
            raise
        self._keyed = key is not None
        self._digests = (engine_digest, policy_digest)
        self._root_ids = tuple(root_ids)
        self._open: dict[int, int] = {}
        self._started = self._committed = monotonic()
        self._scanned = self._unchanged = 0

    def _number(self, catalog: Catalog) -> dict[str, int]:
        self.database.executemany(
            "INSERT INTO detector(name, category, class) VALUES (?, ?, ?)"
            " ON CONFLICT(name) DO UPDATE SET category = excluded.category, class = excluded.class",
            [(name, category, law) for name, (category, law) in catalog.items()],
        )
        return {
            name: number for number, name in self.database.execute("SELECT id, name FROM detector")
        }

    def _insert_sweep(self, *columns: str) -> int:
        cursor = self.database.execute(
            "INSERT INTO sweep(started, roots, policy_digest, engine_digest, detectors, info,"
            " state)"
            " VALUES (?, ?, ?, ?, ?, ?, 'running')",
            columns,
        )
        return int(cursor.lastrowid or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.database.in_transaction:
            self.database.execute(
                "COMMIT" if kind is None else "ROLLBACK"
            )  # half an object is none
        if self._path is not None:
            self.database.close()

    def known(self) -> dict[bytes, tuple[int, int]]:
        """Return id -> size and time of change of the files that need not be read again."""
        query = (
            "SELECT ident, size, mtime_ns FROM object WHERE parent IS NULL AND ident IS NOT NULL"
            " AND engine_digest = ? AND policy_digest = ? AND status <> ?"
            " AND hex(root) IN (SELECT value FROM json_each(?))"
        )
        values = (*self._digests, RETRIED, self._root_list())
        return {
            bytes(ident): (size, changed)
            for ident, size, changed in self.database.execute(query, values)
        }

    def _root_list(self) -> str:
        return _json([root.hex().upper() for root in self._root_ids])

    def part(
        self,
        part: DonePart,
        raws: bytes,
        paths: list[tuple[int, str]],
        channels: Sequence[str] = (),
    ) -> None:
        """Add a part of an object that is being read.

        Args:
            part: What the core found.
            raws: Where the values stand, as `RAW` rows.
            paths: Its paths, masked.
            channels: The channels that its messages name, masked.

        """
        with guarded(self._path):
            owner = self._row(part.object)
            block = part.block
            records = np.frombuffer(block.records, dtype=RECORD)
            if len(records) or part.messages:
                self.database.execute(
                    "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        owner,
                        part.index,
                        len(records),
                        part.first_record,
                        self._renumbered(records, block.detectors),
                        pack_raws(raws),
                        part.messages,
                        part.roles,
                        _json(block.attribute_sets),
                        _json(paths),
                        part.keys,
                        _json(list(channels)),
                    ),
                )
            self.tick()

    def object(self, done: FinishedObject) -> int:
        """Finish an object: its row takes the place of the row of an earlier sweep.

        Args:
            done: What the core says of it.

        Returns:
            The number of the row.

        """
        with guarded(self._path):
            owner = self._row(done.ordinal)
            parent = None if done.parent is None else self._row(done.parent)
            root = self._root_ids[done.root] if self._root_ids else None
            self.database.execute(
                "DELETE FROM object WHERE root IS ? AND ident = ?", (root, done.id)
            )
            self.database.execute(
                "UPDATE object SET ident = ?, parent = ?, root = ?, loc = ?, size = ?, mtime_ns"
                " = ?,"
                " content_hash = ?, format = ?, profile = ?, channel = ?, status = ?, reason = ?,"
                " scanned = ?, lossy = ?, not_scanned = ?, messages = ?, findings = ? WHERE id = ?",
                (
                    done.id,
                    parent,
                    root,
                    done.loc if self._keyed else UNKEYED.sub(r"[\1]", done.loc),
                    done.size,
                    done.mtime_ns,
                    done.content_hash,
                    done.format,
                    done.profile or "",
                    done.channel or "",
                    done.status,
                    done.reason,
                    done.scanned,
                    done.lossy,
                    done.not_scanned,
                    done.messages,
                    done.findings,
                    owner,
                ),
            )
            self.database.executemany(
                "INSERT INTO problem VALUES (?, ?, ?, ?, ?, ?)",
                [(owner, place, *problem) for place, problem in enumerate(done.problems)],
            )
            if done.findings:
                tally(self.database, owner)
            del self._open[done.ordinal]  # a container is done after all that is in it
            self._scanned += 1
            self.tick()
        return owner

    def unchanged(self, root: int, ident: bytes) -> None:
        """Keep a file, and all that is in it, as an earlier sweep left it.

        Args:
            root: Number of its root.
            ident: Its id.

        """
        with guarded(self._path):
            self.database.execute(
                "WITH RECURSIVE inner(id) AS (SELECT id FROM object WHERE root IS ? AND ident = ?"
                " UNION ALL SELECT object.id FROM object JOIN inner ON object.parent = inner.id)"
                " UPDATE object SET seen = ? WHERE id IN (SELECT id FROM inner)",
                (self._root_ids[root], ident, self.sweep),
            )
            self._unchanged += 1
            self.tick()

    def tick(self) -> None:
        """Commit when the last commit is a second old."""
        if monotonic() - self._committed >= COMMIT_S:
            self.database.execute("COMMIT")
            self.database.execute("BEGIN IMMEDIATE")
            self._committed = monotonic()

    def finish(self, *, interrupted: bool, ended: str) -> Summary:
        """End the sweep: forget what has vanished, count people, and return the totals.

        Args:
            interrupted: The sweep was stopped: nothing is taken for vanished.
            ended: When it ended, RFC 3339.

        """
        with guarded(self._path):
            self.database.execute("DELETE FROM object WHERE ident IS NULL")
            removed = 0 if interrupted else self._remove_vanished()
            changed = bool(self._scanned or removed)
            count_people(self.database, self.sweep, changed=changed)
            incomplete = self.database.execute(
                "SELECT 1 FROM object WHERE status IN ('limit', 'error', 'encrypted',"
                " 'unsupported') LIMIT 1"
            ).fetchone()
            state = "interrupted" if interrupted else "incomplete" if incomplete else "complete"
            self.database.execute(
                "UPDATE sweep SET state = ?, ended = ?, elapsed_s = ?, scanned = ?, unchanged ="
                " ?, removed = ?"
                " WHERE id = ?",
                (
                    state,
                    ended,
                    round(monotonic() - self._started, 3),
                    self._scanned,
                    self._unchanged,
                    removed,
                    self.sweep,
                ),
            )
            self.database.execute("COMMIT")
            return summarize(self.database, self.sweep)

    def _remove_vanished(self) -> int:
        cursor = self.database.execute(
            "DELETE FROM object WHERE parent IS NULL AND seen <> ?"
            " AND hex(root) IN (SELECT value FROM json_each(?))",
            (self.sweep, self._root_list()),
        )
        return cursor.rowcount

    def _row(self, ordinal: int) -> int:
        """Return the row of an object of this sweep, opened now if it is new."""
        if ordinal not in self._open:
            cursor = self.database.execute(
                "INSERT INTO object(loc, sweep, seen, engine_digest, policy_digest)"
                " VALUES ('', ?, ?, ?, ?)",
                (self.sweep, self.sweep, *self._digests),
            )
            self._open[ordinal] = int(cursor.lastrowid or 0)
        return self._open[ordinal]

    def _renumbered(self, records: npt.NDArray[np.void], detectors: list[str]) -> bytes:
        numbers = np.array([self._numbers[name] for name in detectors], dtype="u1")
        renumbered = records.copy()
        renumbered["detector"] = numbers[records["detector"]]
        return renumbered.tobytes()


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
