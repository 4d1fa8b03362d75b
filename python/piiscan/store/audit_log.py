"""The audit log: one line of JSON for each event, each chained to the line before it.

A line holds `seq time uid who tool policy_digest decision event`, the event's own fields, `prev`
and `hash`: SHA-256 over the line without `hash`. Lines are ASCII, and only ever appended. A second
file, `<log>.head`, repeats count, head and size, since a chain alone does not show that its end is
cut off. A store repeats count and head, and signed papers should: without a copy elsewhere a chain
proves nothing against its keeper.

Before lines are written, the head file says which (`pending`); after it, that they stand. Whatever
a killed run leaves is the beginning of what was pending. Such a rest stays where it is, and the
next line is an event `log-repaired` that states its length and hash. No field holds a value of an
archive.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Self

from piiscan.errors import StoreError
from piiscan.files import create_private, replacing
from piiscan.store.audit_chain import (
    FIXED,
    NO_HEAD,
    REPAIRED,
    AuditEntry,
    Chain,
    as_entry,
    as_line,
    parse_line,
    sealed,
)
from piiscan.store.database import connect, guarded

__all__ = ["NO_HEAD", "AuditEntry", "AuditLog", "default_log"]

CUT_SHORT = "the last entry is cut short: a run was killed while it wrote; the next entry says so"


@dataclass(frozen=True, slots=True)
class _Head:
    """What the second file says."""

    count: int = 0
    head: str = NO_HEAD
    size: int = 0  # bytes of the log up to and with entry `count`
    pending: str = ""  # what should follow


class AuditLog:
    """An append-only log. To append, it needs a clock and should know who acts.

    Args:
        path: The file; made with the first entry.
        who: Name of the person who acts, as given.
        tool: Name and version of the program.
        policy_digest: Of the policy that is carried out.
        decision: Reference of the decision behind it.
        clock: Gives the time of an entry, RFC 3339 in UTC; without one the log can only be read.
        store: A store that repeats count and head when the log is closed.

    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        who: str = "",
        tool: str = "",
        policy_digest: str = "",
        decision: str = "",
        clock: Callable[[], str] | None = None,
        store: Path | None = None,
    ) -> None:
        self.path = Path(path)
        self._who = who
        self._tool = tool
        self._policy_digest = policy_digest
        self._decision = decision
        self._clock = clock
        self._store = store
        self._checked: _Head | None = None  # the state after this object's own last entry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<AuditLog: {self.path}>"

    @property
    def head_path(self) -> Path:
        """The second file."""
        return self.path.with_name(f"{self.path.name}.head")

    @property
    def count(self) -> int:
        """Number of entries."""
        return self._read(Chain()).count

    @property
    def head(self) -> str:
        """Hash of the last entry; 64 zeros if there is none."""
        return self._read(Chain()).head

    def entries(self) -> Iterator[AuditEntry]:
        """Yield the entries, the oldest first; what is no entry is left out, `verify` names it."""
        if not self.path.is_file():
            return
        with self.path.open("rb") as stream:
            for line in stream:
                record = parse_line(line)
                if record is not None:
                    yield as_entry(record)

    def append(self, event: str, **fields: object) -> AuditEntry:
        """Add an entry; it is on the disk when this returns.

        Args:
            event: What happened, in a word or two with dashes.
            **fields: What else is to be said of it. No value of an archive.

        Raises:
            StoreError: The log is damaged, or it has no clock.
            ValueError: A field has a name that every line uses.

        """
        return self.extend([(event, fields)])[0]

    def extend(self, events: Sequence[tuple[str, Mapping[str, object]]]) -> list[AuditEntry]:
        """Add entries; they are on the disk when this returns, the first ones if it is killed.

        Args:
            events: Pairs as of `append`.

        Raises:
            StoreError: The log is damaged, or it has no clock.
            ValueError: A field has a name that every line uses.

        """
        if self._clock is None:
            raise StoreError(f"audit log `{self.path}` was opened for reading")
        if clash := sorted({name for _, fields in events for name in fields} & set(FIXED)):
            raise ValueError(f"a field cannot be called `{clash[0]}`")
        with self._locked() as stream:
            before, torn = self._settle(stream)
            pending, seq, prev = torn, before.count, before.head
            new = list(events)
            if torn:
                note = {"torn_bytes": len(torn), "torn_sha256": sha256(torn.encode()).hexdigest()}
                new.insert(0, (REPAIRED, note))
                pending += "\n"
            entries = []
            for event, fields in new:
                seq += 1
                record = self._record(seq, prev, event, fields)
                pending += as_line(record)
                entries.append(as_entry(record))
                prev = entries[-1].hash
            self._write_head(_Head(before.count, before.head, before.size, pending))
            stream.write(pending[len(torn) :].encode())
            stream.flush()
            os.fsync(stream.fileno())
            after = _Head(seq, prev, before.size + len(pending))
            self._write_head(after)
            self._checked = after
        return entries[len(new) - len(events) :]

    def verify(self) -> list[str]:
        """Return what is wrong: any edit, deletion, insertion, cut or change of order.

        A store that was given is compared too. An empty list means that nothing is.
        """
        said, problem = self._read_head()
        pinned = _pinned(self._store)
        chain = Chain(hashes={pinned[0]: ""} if pinned else {})
        rest = self._rest(said.size)
        size = None if problem else said.size
        chain = self._read(chain, size)
        found = [*chain.problems, *([problem] if problem else [])]
        if chain.torn:
            found.append(f"line {chain.torn_at} and what follows is no entry of this log")
        if not problem:
            if (chain.count, chain.head) != (said.count, said.head):
                found.append(
                    f"the log holds {chain.count} entries, its head file speaks of {said.count}"
                    if chain.count != said.count
                    else "the last entry is not the one that the head file speaks of"
                )
            if not said.pending.encode().startswith(rest):
                found.append("something follows the last entry that piiscan did not write there")
            elif rest and rest != said.pending.encode():
                found.append(CUT_SHORT)
            elif rest:
                chain = self._read(Chain(hashes=chain.hashes))
        if pinned and pinned != (0, NO_HEAD) and chain.hashes.get(pinned[0]) != pinned[1]:
            found.append(f"entry {pinned[0]} is not the one that the store speaks of")
        return found

    def close(self) -> None:
        """Repeat count and head in the store, if one was given and entries were added."""
        if self._store is None or self._checked is None:
            return
        with guarded(self._store):
            database = connect(str(self._store))
            try:
                database.executemany(
                    "INSERT INTO meta VALUES (?, ?)"
                    " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                    [
                        ("audit_count", str(self._checked.count)),
                        ("audit_head", self._checked.head),
                    ],
                )
            finally:
                database.close()

    def _record(
        self, seq: int, prev: str, event: str, fields: Mapping[str, object]
    ) -> dict[str, object]:
        assert self._clock  # noqa: S101 - append has looked
        record: dict[str, object] = {
            "seq": seq,
            "time": self._clock(),
            "uid": os.getuid() if hasattr(os, "getuid") else None,
            "who": self._who,
            "tool": self._tool,
            "policy_digest": self._policy_digest,
            "decision": self._decision,
            "event": event,
            **fields,
            "prev": prev,
        }
        return sealed(record)

    def _settle(self, stream: BinaryIO) -> tuple[_Head, str]:
        """Return where the next entry goes, and the torn rest that stands there."""
        size = os.fstat(stream.fileno()).st_size
        if self._checked is not None and self._checked.size == size:
            return self._checked, ""
        wrong = [problem for problem in self.verify() if problem != CUT_SHORT]
        if wrong:
            raise StoreError(
                f"audit log `{self.path}` is damaged: {wrong[0]}\n\n"
                "hint: `piiscan store verify` lists all; keep the file, and start with a new one"
            )
        chain = self._read(Chain())
        rest = self._rest(chain.size).decode()
        last = rest.rsplit("\n", 1)[-1]  # a torn line may stand before it
        if parse_line(last.encode() + b"\n"):  # only the end of the line is missing
            stream.write(b"\n")
            stream.flush()
            chain, rest = self._read(Chain()), ""
        return _Head(chain.count, chain.head, chain.size), rest

    def _read(self, chain: Chain, size: int | None = None) -> Chain:
        """Read the log up to `size` bytes, or to its last full line, into `chain`."""
        if not self.path.is_file():
            return chain
        with self.path.open("rb") as stream:
            at = 0
            for number, line in enumerate(stream, start=1):
                at += len(line)
                if not line.endswith(b"\n") or (size is not None and at > size):
                    break
                chain.follow(number, line, at)
        return chain

    def _rest(self, at: int) -> bytes:
        if not self.path.is_file():
            return b""
        with self.path.open("rb") as stream:
            stream.seek(at)
            return stream.read()

    def _read_head(self) -> tuple[_Head, str]:
        """Return what the second file says, and what is wrong with it."""
        try:
            found = json.loads(self.head_path.read_bytes())
            said = _Head(
                int(found["count"]), str(found["head"]), int(found["size"]), str(found["pending"])
            )
        except FileNotFoundError:
            lost = self.path.is_file() and self.path.stat().st_size > 0
            return _Head(), f"`{self.head_path.name}` is missing" if lost else ""
        except (ValueError, KeyError, TypeError, RecursionError):
            return _Head(), f"`{self.head_path.name}` is damaged"
        if _head_text(said).encode() != self.head_path.read_bytes():
            return said, f"`{self.head_path.name}` is damaged"
        return said, ""

    def _write_head(self, said: _Head) -> None:
        with replacing(self.head_path) as stream:
            stream.write(_head_text(said))
        _sync(self.path.parent)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """Open the log for appending; others wait."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.path.exists():
            os.close(create_private(self.path))
            _sync(self.path.parent)
        flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(self.path, flags), "ab") as stream:
            if sys.platform != "win32":
                import fcntl  # noqa: PLC0415 - not everywhere

                fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream


def default_log(store: Path) -> Path:
    """Return where the audit log of a store lies: beside it.

    Args:
        store: The file of the store.

    """
    return store.with_name(f"{store.stem}.audit.jsonl")


def _head_text(said: _Head) -> str:
    return as_line(
        {"count": said.count, "head": said.head, "size": said.size, "pending": said.pending}
    )


def _pinned(store: Path | None) -> tuple[int, str] | None:
    """Return the count and head that a store speaks of."""
    if store is None or not store.is_file():
        return None
    with guarded(store):
        database = connect(store.resolve().as_uri() + "?mode=ro", uri=True)
        try:
            found = dict(
                database.execute("SELECT key, value FROM meta WHERE key GLOB 'audit_*'").fetchall()
            )
        finally:
            database.close()
    count = found.get("audit_count", "0")
    return int(count) if str(count).isdigit() else -1, str(found.get("audit_head", NO_HEAD))


def _sync(folder: Path) -> None:
    """Make names in a folder durable, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
