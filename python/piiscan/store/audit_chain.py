"""The chain of an audit log: what a line is, and how one follows the other.

A line is JSON in ASCII, in one spelling only: any other spelling of the same is no line. Lines that
are none are what a killed run has left, if the next line says so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

__all__ = [
    "FIXED",
    "NO_HEAD",
    "REPAIRED",
    "AuditEntry",
    "Chain",
    "as_entry",
    "as_line",
    "parse_line",
    "sealed",
]

NO_HEAD = "0" * 64  # what the first line is chained to
REPAIRED = "log-repaired"
FIXED = ("seq", "time", "uid", "who", "tool", "policy_digest", "decision", "event", "prev", "hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One event: who did what, when, under which policy and decision."""

    seq: int
    time: str
    uid: int | None
    who: str
    tool: str
    policy_digest: str
    decision: str
    event: str
    fields: Mapping[str, object]
    prev: str
    hash: str


@dataclass(slots=True)
class Chain:
    """What was read of a log, line by line."""

    count: int = 0
    head: str = NO_HEAD
    size: int = 0  # bytes up to and with the last entry
    problems: list[str] = field(default_factory=list)
    torn: bytes = b""  # lines that are no entries, until a note explains them
    torn_at: int = 0
    hashes: dict[int, str] = field(default_factory=dict)  # of the entries that were asked for

    def follow(self, number: int, line: bytes, end: int) -> None:
        """Add one line, which ends at byte `end`, to what was read; note what is wrong with it."""
        record = parse_line(line)
        if record is None:
            self.torn_at = self.torn_at if self.torn else number
            self.torn += line
            return
        note = (record.get("torn_bytes"), record.get("torn_sha256"))
        torn = self.torn[:-1]
        if record["event"] == REPAIRED:
            if note != (len(torn), sha256(torn).hexdigest()) or not torn:
                self.problems.append(f"line {number} notes a torn entry that is not there")
        elif torn:
            self.problems.append(f"line {self.torn_at} is no entry of this log")
        self.torn = b""
        if record["seq"] != self.count + 1:
            self.problems.append(f"line {number} is entry {record['seq']}, not {self.count + 1}")
        if record["prev"] != self.head:
            self.problems.append(f"line {number} does not follow the entry before it")
        own = {name: value for name, value in record.items() if name != "hash"}
        if sealed(own) != record:
            self.problems.append(f"line {number} was changed: its hash does not fit")
        self.count += 1
        self.head = str(record["hash"])
        self.size = end
        if self.count in self.hashes:
            self.hashes[self.count] = self.head


def _text(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def as_line(record: Mapping[str, object]) -> str:
    """Return a record in the one spelling that counts."""
    return _text(record).decode() + "\n"


def parse_line(line: bytes) -> dict[str, object] | None:
    """Return a line's record; None if it is no line that piiscan writes."""
    try:
        record = json.loads(line)
        if not isinstance(record, dict) or _text(record) + b"\n" != line:
            return None
    except (ValueError, RecursionError):
        return None
    whole = set(FIXED) <= set(record) and list(record)[-1] == "hash"
    return record if whole and isinstance(record["seq"], int) else None


def sealed(record: Mapping[str, object]) -> dict[str, object]:
    """Return a record with its hash."""
    return {**record, "hash": sha256(_text(record)).hexdigest()}


def as_entry(record: Mapping[str, object]) -> AuditEntry:
    """Return a record for people."""
    uid = record["uid"]
    return AuditEntry(
        seq=int(str(record["seq"])),
        time=str(record["time"]),
        uid=uid if isinstance(uid, int) else None,
        who=str(record["who"]),
        tool=str(record["tool"]),
        policy_digest=str(record["policy_digest"]),
        decision=str(record["decision"]),
        event=str(record["event"]),
        fields={name: value for name, value in record.items() if name not in FIXED},
        prev=str(record["prev"]),
        hash=str(record["hash"]),
    )
