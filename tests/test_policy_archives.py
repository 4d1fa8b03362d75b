"""The archives of policies hold what their truth says: messages, times, values, channels.

A sweep with the policy's own options is compared with the truth message by message, so that the
tests of checks, retention and rewriting can lean on it.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from policy_sweeps import NOW, swept
from samples import Made

from piiscan.policy import BUILTIN, Promise, load, name_fits

LARGEST = 300_000  # bytes of an archive
STATES = ("broken", "kept")
ARCHIVES = [(name, state) for name in BUILTIN for state in STATES]
TIMED = ("anonymize", "erase", "encrypt")
JUDGED = (*TIMED, "never")


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
    seen, states = swept(root, policy)
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
    seen, _ = swept(root, policy)
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
