"""The demo archive holds what its truth says, and a sweep finds all of that and nothing else."""

import json
import struct
import subprocess
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from piiscan.scanning import ObjectDone, Part, Scanner, detectors, events

CORPORA = Path(__file__).parents[1] / "corpora"
RECORD = struct.Struct("<IIIBBH16s")  # field start end detector confidence attributes fingerprint
MESSAGE = struct.Struct("<QqqIIHHI")  # raw_start sent closed raw_len first_field channel flags n
LOW, MEDIUM = 1, 2
MAX_RECORD = 2**64 - 1
LEXICONS = {
    path.stem for path in (CORPORA.parent / "rust" / "piiscan" / "data" / "lexicon").rglob("*.toml")
}
DETECTORS = [detector.id for detector in detectors() if detector.id not in LEXICONS - {"health"}]


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A finding without its text: the object, its record if it has any, and the length in bytes."""

    object: str
    record: int
    detector: str
    length: int


@cache
def truth() -> tuple[Counter[Hit], Counter[Hit], Counter[Hit]]:
    """Return what must be found at medium confidence or above, at any, and what may be found."""
    must, weak, may = Counter[Hit](), Counter[Hit](), Counter[Hit]()
    for line in (CORPORA / "demo-truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        length = len(row["value"].encode())
        hit = Hit(row["object"], row.get("record", MAX_RECORD), row["detector"], length)
        is_free = row.get("optional") or row.get("hard")
        (may if is_free else weak if row["confidence"] == "low" else must)[hit] += 1
    return must, weak, may


@cache
def flat() -> frozenset[str]:
    """Return the objects whose records are not numbered in the truth."""
    return frozenset(hit.object for hit in truth()[0] if hit.record == MAX_RECORD)


def hits(part: Part, name: str, least: int) -> Iterator[Hit]:
    """Yield the findings of at least this confidence in a part of the object `name`."""
    first_fields = [row[4] for row in MESSAGE.iter_unpack(part.messages)]
    for field, start, end, detector, confidence, *_ in RECORD.iter_unpack(part.block.records):
        if confidence >= least:
            record = part.first_record + bisect_right(first_fields, field) - 1
            record = MAX_RECORD if name in flat() else record
            yield Hit(name, record, part.block.detectors[detector], end - start)


@cache
def sweep() -> tuple[Counter[Hit], Counter[Hit], dict[str, str]]:
    """Return what is reported in the demo, also of low confidence, and the status of objects."""
    parts, names, states = defaultdict[int, list[Part]](list), dict[int, str](), {}
    for event, _ in events([CORPORA / "demo"], scanner=Scanner()):
        if isinstance(event, Part):
            parts[event.object].append(event)
        elif isinstance(event, ObjectDone):
            names[event.ordinal] = event.loc
            states[event.loc] = event.status
    found, weak = Counter[Hit](), Counter[Hit]()
    for ordinal, several in parts.items():
        for part in several:
            found.update(hits(part, names[ordinal], MEDIUM))
            weak.update(hits(part, names[ordinal], LOW))
    return found, weak, states


def only(found: Counter[Hit], detector: str) -> Counter[Hit]:
    """Return the findings of one detector."""
    return Counter({hit: count for hit, count in found.items() if hit.detector == detector})


def test_the_demo_is_what_the_generator_writes() -> None:
    make = [sys.executable, str(CORPORA / "make.py"), "--check"]
    check = subprocess.run(make, capture_output=True, text=True, check=False)  # noqa: S603
    assert (check.returncode, check.stderr) == (0, "")


def test_every_object_of_the_demo_but_the_encrypted_one_is_read_to_its_end() -> None:
    unread = {name: status for name, status in sweep()[2].items() if status not in {"ok", "warn"}}
    assert unread == {"arkiv/export-00.zip!/sekretess.docx": "encrypted"}


def test_every_planted_object_is_found() -> None:
    assert {hit.object for hit in truth()[0]} <= set(sweep()[2])


def test_the_truth_covers_these_detectors() -> None:
    assert {hit.detector for hit in truth()[0]} == set(DETECTORS)


@pytest.mark.parametrize("detector", DETECTORS)
def test_everything_planted_is_found(detector: str) -> None:
    missed = only(truth()[0], detector) - only(sweep()[0], detector)
    assert not missed, f"{missed.total()} missed: {sorted(missed)[:10]}"


@pytest.mark.parametrize("detector", DETECTORS)
def test_what_is_weak_is_found_at_some_confidence(detector: str) -> None:
    missed = only(truth()[1], detector) - only(sweep()[1], detector)
    assert not missed, f"{missed.total()} missed: {sorted(missed)[:10]}"


@pytest.mark.parametrize("detector", DETECTORS)
def test_hardly_anything_else_is_found(detector: str) -> None:
    must, weak, may = (only(expected, detector) for expected in truth())
    found = only(sweep()[0], detector)
    extra = found - must - weak - may
    precision = 1 - extra.total() / found.total()
    assert precision >= 0.99, f"{extra.total()} of {found.total()}: {sorted(extra)[:10]}"
