"""The trail of a rewrite: an audit log beside the result, and the edits of every file.

`<target>.audit.jsonl` is a hash chain, an entry a file, with the hashes before and after.
`<target>.edits.jsonl` has a line an object: its location, and for each place where it begins, how
long it was, how long it is, why, and what came there if an operator wrote all of it. Neither holds
a value. With the source, the edits give the result back; with the result, they give the source.
"""

import json
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from piiscan.anonymize.outcome import FileResult, Total
from piiscan.files import create_private
from piiscan.store.audit_log import AuditLog

__all__ = ["Trail", "hashes", "places"]


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
    """Writes the trail while files come.

    Args:
        log: The audit log.
        edits: A file that is not there yet; None writes no edits.

    """

    def __init__(self, log: AuditLog, edits: Path | None) -> None:
        self._log = log
        self._path = edits
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._stream = os.fdopen(create_private(self._path), "wb")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
        self._log.close()

    def begin(self, *, policy: str, sources: int, key: str, operators: Sequence[str]) -> None:
        """Log that a rewrite begins.

        Args:
            policy: Its name.
            sources: How many roots.
            key: Name of the key of tokens; empty without one.
            operators: Those that may be carried out.

        """
        self._log.append(
            "rewrite-started", policy=policy, sources=sources, key=key, operators=list(operators)
        )

    def file(self, result: FileResult, rows: Sequence[tuple[str, bytes]]) -> None:
        """Log one file, and write its edits.

        Args:
            result: What became of it.
            rows: Location and rows of its objects.

        """
        digest = sha256()
        for loc, each in rows if result.state == "changed" else ():
            line = b'{"loc":%b,"edits":[%b]}\n' % (json.dumps(loc).encode(), each)
            digest.update(line)
            if self._stream is not None:
                self._stream.write(line)
        self._log.append(
            "file-rewritten",
            loc=result.loc,
            state=result.state,
            reason=result.reason.partition("\n")[0],
            before=result.before,
            after=result.after,
            edits=result.edits,
            edits_sha256=digest.hexdigest(),
            kinds=result.kinds,
        )

    def end(self, total: Total) -> None:
        """Log that it is done.

        Args:
            total: The sum.

        """
        if self._stream is not None:
            self._stream.flush()
        self._log.append(
            "rewrite-ended",
            files=dict(total.files),
            edits=total.edits,
            published=total.published,
            wording=total.wording,
        )
