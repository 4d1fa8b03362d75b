"""The trail of a rewrite: an audit log beside the result, and the edits of every file.

`<target>.audit.jsonl` is a hash chain, an entry a file, with the hashes before and after. It speaks
of what is going to be published: after a kill, an entry may have no file, and no file has no entry.
`<target>.edits.jsonl` has a line an object: its location, and for each place where it begins, how
long it was, how long it is, why, and what came there if an operator wrote all of it. Neither holds
a value. With the source, the edits give the result back; with the result, they give the source.
"""

import glob
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from piiscan.anonymize.outcome import FileResult, Total
from piiscan.anonymize.writing import MARK, sync_folder
from piiscan.errors import StoreError
from piiscan.files import create_private
from piiscan.store.audit_log import AuditLog

__all__ = ["Trail", "hashes", "places"]

BATCH = 500  # entries that are added to the log at once


def places(target: Path) -> tuple[Path, Path]:
    """Return where the audit log and the edits of a result lie."""
    return (
        target.with_name(f"{target.name}.audit.jsonl"),
        target.with_name(f"{target.name}.edits.jsonl"),
    )


def hashes(log: AuditLog) -> dict[str, str]:
    """Return the hash that the log states for each location, that of the last entry.

    Args:
        log: Of a result.

    """
    stated = {}
    for entry in log.entries():
        loc, after = entry.fields.get("loc"), entry.fields.get("after")
        if entry.event == "file-rewritten" and isinstance(loc, str) and isinstance(after, str):
            stated[loc] = after
    return stated


class Trail:
    """Writes the trail of a run: all of it stands before anything is published.

    Entries are added to the log in batches, and the edits take their name when they are complete.

    Args:
        log: The audit log.
        edits: Where the edits go; None writes none.
        policy: Its name.
        sources: How many roots.
        key: Name of the key of tokens; empty without one.
        operators: Those that may be carried out.

    """

    def __init__(
        self,
        log: AuditLog,
        edits: Path | None,
        *,
        policy: str,
        sources: int,
        key: str,
        operators: Sequence[str],
    ) -> None:
        self._started = {
            "policy": policy, "sources": sources, "key": key, "operators": list(operators)
        }  # fmt: skip
        self._begun = False
        self._log = log
        self._path = edits
        self._temporary: Path | None = None
        self._stream: IO[bytes] | None = None
        self._waiting: list[tuple[str, Mapping[str, object]]] = []
        self._stands = False

    def __enter__(self) -> Self:
        for path in (self._log.head_path, *([self._path] if self._path else [])):
            _clear(path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
        if kind is not None and self._stands:
            with suppress(OSError, StoreError):
                self._log.append("rewrite-stopped", reason=kind.__name__)
        self._log.close()

    def _begin(self) -> None:
        """Note that a rewrite begins. One that comes to nothing leaves no trail."""
        if self._begun:
            return
        self._begun = True
        self._waiting.append(("rewrite-started", self._started))
        if self._path is not None:
            self._temporary = self._path.with_name(f"{MARK}{secrets.token_hex(8)}.tmp")
            self._stream = os.fdopen(create_private(self._temporary), "wb")

    def file(self, result: FileResult, rows: Sequence[tuple[str, bytes]]) -> None:
        """Note what becomes of one file, and write its edits.

        Args:
            result: What becomes of it.
            rows: Location and rows of its objects.

        """
        self._begin()
        digest = sha256()
        for loc, each in rows if result.state == "changed" else ():
            line = b'{"loc":%b,"edits":[%b]}\n' % (json.dumps(loc).encode(), each)
            digest.update(line)
            if self._stream is not None:
                self._stream.write(line)
        said: dict[str, object] = {
            "loc": result.loc,
            "state": result.state,
            "reason": result.reason.partition("\n")[0],
            "before": result.before,
            "after": result.after,
            "edits": result.edits,
            "edits_sha256": digest.hexdigest(),
            "kinds": result.kinds,
        }
        if result.taken_over:
            said["taken_over"] = True
        self._waiting.append(("file-rewritten", said))
        if len(self._waiting) >= BATCH:
            self._log_waiting()

    def ready(self) -> None:
        """Put the trail on the disk: what it speaks of may now be published."""
        self._begin()
        if self._stream is not None and self._temporary is not None and self._path is not None:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._temporary.replace(self._path)
            self._temporary = None
            sync_folder(self._path.parent)
        self._log_waiting()

    def end(self, total: Total) -> None:
        """Log that it is done.

        Args:
            total: The sum.

        """
        self._log.append(
            "rewrite-ended",
            files=dict(total.files),
            edits=total.edits,
            published=total.published,
            wording=total.wording,
        )

    def _log_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._log.extend(waiting)
        self._stands = True


def _clear(path: Path) -> None:
    """Remove what a killed run has left of a file that is written whole or not at all."""
    for rest in path.parent.glob(f".{glob.escape(path.name)}.????????.tmp"):
        rest.unlink(missing_ok=True)
