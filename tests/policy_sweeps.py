"""Archives of policies as a sweep reads them, message by message."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from piiscan.findings import MEDIUM, MESSAGE, RECORD
from piiscan.policy import LoadedPolicy, field_fits
from piiscan.scanning import ObjectDone, Part, Scanner, events
from piiscan.store.blocks import OUTSIDE, ROLES

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OFFICES = ("role_mailbox", "org_phone", "role_address")


@dataclass
class Seen:
    """A message as a sweep reads it."""

    sent: int
    closed: int
    channel: str | None
    raw: slice  # its bytes in its object
    values: Counter[tuple[str, str]] = field(default_factory=Counter)


_SCANNERS: dict[tuple[str, bytes | None], Scanner] = {}
_ORIGINALS: dict[Path, tuple[dict[tuple[str, int], Seen], dict[str, str]]] = {}


def scanner_of(policy: LoadedPolicy, key: bytes | None = None) -> Scanner:
    """Return the scanner of a policy, made once: it takes longer than most sweeps here."""
    wanted = policy.digest, key
    if wanted not in _SCANNERS:
        scan = policy.policy.scan
        _SCANNERS[wanted] = Scanner(
            detectors=scan.detectors,
            locales=scan.locales,
            reference_date=NOW.date(),
            min_digits=scan.min_digits,
            strict=scan.strict,
            grouped=scan.grouped,
            key=key,
        )
    return _SCANNERS[wanted]


def swept(root: Path, policy: LoadedPolicy) -> tuple[dict[tuple[str, int], Seen], dict[str, str]]:
    """Return what `sweep` does, of an archive that no test changes: read once."""
    if root not in _ORIGINALS:
        _ORIGINALS[root] = sweep(root, policy)
    return _ORIGINALS[root]


def sweep(root: Path, policy: LoadedPolicy) -> tuple[dict[tuple[str, int], Seen], dict[str, str]]:
    """Return every message by file and number, and the status of every object."""
    parts: dict[int, list[Part]] = {}
    seen: dict[tuple[str, int], Seen] = {}
    states: dict[str, str] = {}
    for event, _ in events([root], scanner=scanner_of(policy), reveal=True):
        if isinstance(event, Part):
            parts.setdefault(event.object, []).append(event)
        elif isinstance(event, ObjectDone):
            states[event.loc] = event.status
            for part in parts.get(event.ordinal, []):
                seen.update(messages_of(part, event, policy))
    return seen, states


def messages_of(
    part: Part, owner: ObjectDone, policy: LoadedPolicy
) -> Iterator[tuple[tuple[str, int], Seen]]:
    rows = np.frombuffer(part.messages, MESSAGE)
    path = owner.loc.replace("!/", "/")
    channel = policy.channel_of(path, owner.profile or "", owner.format, owner.channel or "")
    keep = channel.keep if channel else []
    name = channel.name if channel else None
    starts = [int(row["raw_start"]) for row in rows]
    raws = [slice(at, at + int(row["raw_len"])) for at, row in zip(starts, rows, strict=True)]
    found = [
        Seen(row["sent"], row["closed"], name, raw) for row, raw in zip(rows, raws, strict=True)
    ]
    paths = dict(part.paths)
    values = part.block.values or []
    records = np.frombuffer(part.block.records, RECORD)
    for record, value in zip(records, values, strict=True):
        at = int(np.searchsorted(rows["first_field"], record["field"], side="right")) - 1
        attributes = part.block.attribute_sets[record["attributes"]]
        role = ROLES[part.roles[record["field"]]]
        is_kept = field_fits(keep, role, paths.get(int(record["field"]), ""))
        is_of_office = any(attributes.get(name) for name in OFFICES)
        if record["confidence"] >= MEDIUM and at >= 0 and not is_kept and not is_of_office:
            found[at].values[part.block.detectors[record["detector"]], value] += 1
    inside = [
        message for row, message in zip(rows, found, strict=True) if not row["flags"] & OUTSIDE
    ]
    for number, message in enumerate(inside):
        yield (owner.loc, part.first_record + number), message
