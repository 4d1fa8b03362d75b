"""The archives of policies hold what their truth says: messages, times, values, channels.

A sweep with the policy's own options is compared with the truth message by message, so that the
tests of checks, retention and rewriting can lean on it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from samples import Made

from piiscan.findings import MEDIUM, MESSAGE, RECORD
from piiscan.policy import BUILTIN, LoadedPolicy, Promise, field_fits, load, name_fits
from piiscan.scanning import ObjectDone, Part, Scanner, events
from piiscan.store.blocks import OUTSIDE

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LARGEST = 300_000  # bytes of an archive
STATES = ("broken", "kept")
ARCHIVES = [(name, state) for name in BUILTIN for state in STATES]
TIMED = ("anonymize", "erase", "encrypt")
JUDGED = (*TIMED, "never")
OFFICES = ("role_mailbox", "org_phone", "role_address")
ROLES = (
    "body", "subject", "sender", "recipient", "time", "closed", "channel", "attachment-name",
    "entry-name", "meta", "opaque",
)  # fmt: skip


@dataclass
class Seen:
    """A message as a sweep reads it."""

    sent: int
    closed: int
    channel: str | None
    values: Counter[tuple[str, str]] = field(default_factory=Counter)


def scanner_of(policy: LoadedPolicy) -> Scanner:
    scan = policy.policy.scan
    return Scanner(
        detectors=scan.detectors,
        locales=scan.locales,
        reference_date=NOW.date(),
        min_digits=scan.min_digits,
        strict=scan.strict,
        grouped=scan.grouped,
    )


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
    found = [Seen(row["sent"], row["closed"], name) for row in rows]
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


def clock_of(promise: Promise) -> str:
    """Return which time of a message a promise counts by."""
    return "closed" if promise.clock in {"closed", "contract_end"} else "sent"


def plausible(moment: int) -> bool:
    first = datetime(1995, 1, 1, tzinfo=UTC).timestamp() * 1000
    return first <= moment <= NOW.timestamp() * 1000


@pytest.mark.parametrize(("name", "state"), ARCHIVES)
def test_a_sweep_sees_the_messages_of_the_truth(made: Made, name: str, state: str) -> None:
    root, truth = made[name, state]
    policy = load(name)
    seen, states = sweep(root, policy)
    assert set(states.values()) <= {"ok", "warn", "skipped"}
    assert {loc for loc, status in states.items() if status == "skipped"} == set(truth["opaque"])
    expected = {(row["file"], row["record"]) for row in truth["messages"]}
    assert expected == {place for place in seen if not place[0].endswith(".html")}
    for row in truth["messages"]:
        message = seen[row["file"], row["record"]]
        where = f"{row['file']}#{row['record']} ({row['state']})"
        planted = Counter(
            (value["detector"], value["value"])
            for value in row["values"]
            if "office" not in value  # nobody's own: promises pass them over
        )
        assert message.values == planted, where
        assert message.channel == row["channel"], where


@pytest.mark.parametrize(("name", "state"), ARCHIVES)
def test_a_sweep_reads_the_times_of_the_truth(made: Made, name: str, state: str) -> None:
    root, truth = made[name, state]
    policy = load(name)
    seen, _ = sweep(root, policy)
    for row in truth["messages"]:
        message = seen[row["file"], row["record"]]
        clocks = {
            clock_of(promise)
            for promise in policy.policy.promise
            if promise.action in TIMED and name_fits(promise.channel, row["channel"])
        }
        for clock in clocks:
            moment = getattr(message, clock)
            where = f"{row['file']}#{row['record']} ({row['state']})"
            if row["clock"] is None:
                assert not plausible(moment), where
            else:
                assert moment == datetime.fromisoformat(row["clock"]).timestamp() * 1000, where


@pytest.mark.parametrize("name", BUILTIN)
def test_a_broken_archive_breaks_every_promise_that_a_scan_can_judge(made: Made, name: str) -> None:
    _, truth = made[name, "broken"]
    for promise in load(name).policy.promise:
        if promise.action in JUDGED:
            found = truth["promises"][promise.id]
            assert found["verdict"] == "broken", promise.id
            assert found["messages"] > found["overdue"] > 0, promise.id


@pytest.mark.parametrize("name", BUILTIN)
def test_an_archive_that_is_kept_breaks_none(made: Made, name: str) -> None:
    _, truth = made[name, "kept"]
    assert {found["verdict"] for found in truth["promises"].values()} <= {"kept", "undecidable"}
    assert not any(found.get("overdue") for found in truth["promises"].values())


@pytest.mark.parametrize("name", BUILTIN)
def test_one_message_stands_on_either_side_of_every_border(made: Made, name: str) -> None:
    """Of each period the last overdue second and the first kept one are there."""
    _, truth = made[name, "broken"]
    zone = ZoneInfo(truth["zone"])
    for promise in load(name).policy.promise:
        found = truth["promises"][promise.id]
        if promise.action not in TIMED or promise.within == "P0D":
            continue
        rows = {
            state: [truth["messages"][at] for at in places]
            for state, places in found["places"].items()
        }
        late = max(datetime.fromisoformat(row["clock"]) for row in rows["overdue"])
        early = min(datetime.fromisoformat(row["clock"]) for row in rows["due"])
        assert early.astimezone(UTC) - late.astimezone(UTC) == timedelta(seconds=1), promise.id
        assert early.astimezone(zone).time().isoformat() == "00:00:00", promise.id


@pytest.mark.parametrize("name", BUILTIN)
def test_what_is_held_undetermined_and_undeclared_is_there(made: Made, name: str) -> None:
    root, truth = made[name, "broken"]
    states = Counter(row["state"] for row in truth["messages"])
    assert states["held"]
    assert states["due"]
    has_clock = any(promise.within != "P0D" for promise in load(name).policy.promise)
    assert states["undetermined"] or not has_clock
    assert "[[hold]]" in (root.parent / "holds.toml").read_text(encoding="utf-8")
    declares = any(channel.declared is not None for channel in load(name).policy.channel)
    assert truth["undeclared"] or not declares or name == "kommune-kari"


@pytest.mark.parametrize(("name", "state"), ARCHIVES)
def test_an_archive_is_small(made: Made, name: str, state: str) -> None:
    root, _ = made[name, state]
    assert sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) < LARGEST
