"""The audit log: what is written stays, and whatever else happens to the file is found."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from piiscan.errors import StoreError
from piiscan.store import open_store
from piiscan.store.audit_log import NO_HEAD, AuditLog, default_log
from piiscan.store.database import open_for_writing

NOW = "2026-11-22T10:00:00Z"


def opened(path: Path, store: Path | None = None) -> AuditLog:
    return AuditLog(
        path,
        who="Kim Exempel",
        tool="piiscan 0.1",
        policy_digest="9c1e04aa" * 8,
        decision="KS 2026/1 § 4",
        clock=lambda: NOW,
        store=store,
    )


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    made = opened(tmp_path / "audit.jsonl")
    made.append("run-started", files=2)
    made.append("changed", loc="chatt.jsonl", before="aa", after="bb", edits=[[4, 11, "[nummer]"]])
    made.append("hold-placed", hold="1", reason="begäran 2026-811")
    made.append("run-ended")
    return made


def test_an_entry_says_who_what_when_and_under_which_decision(log: AuditLog) -> None:
    entry = list(log.entries())[1]
    assert (entry.seq, entry.time, entry.who, entry.event) == (2, NOW, "Kim Exempel", "changed")
    assert (entry.tool, entry.decision) == ("piiscan 0.1", "KS 2026/1 § 4")
    assert entry.uid == (os.getuid() if hasattr(os, "getuid") else None)
    assert entry.fields["edits"] == [[4, 11, "[nummer]"]]


def test_entries_are_chained_and_the_head_is_the_last_hash(log: AuditLog) -> None:
    entries = list(log.entries())
    assert entries[0].prev == NO_HEAD
    assert [entry.prev for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert (log.count, log.head) == (4, entries[-1].hash)


def test_a_log_that_was_only_appended_to_is_right(log: AuditLog) -> None:
    assert log.verify() == []
    opened(log.path).append("another run")
    assert log.verify() == []
    assert log.count == 5


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "none.jsonl")
    assert (log.verify(), log.count, log.head, list(log.entries())) == ([], 0, NO_HEAD, [])


def test_two_writers_take_turns(log: AuditLog) -> None:
    other = opened(log.path)
    for _ in range(3):
        log.append("mine")
        other.append("theirs")
    assert log.verify() == []
    assert log.count == 10


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_both_files_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log = opened(tmp_path / "audit.jsonl")
        log.append("event")
    finally:
        os.umask(before)
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.head_path.stat().st_mode & 0o777 == 0o600


def test_a_log_without_a_clock_is_only_read(log: AuditLog) -> None:
    with pytest.raises(StoreError, match="opened for reading"):
        AuditLog(log.path).append("event")


@pytest.mark.parametrize("name", ["seq", "hash", "who"])
def test_a_field_cannot_take_the_place_of_one_that_every_line_has(name: str, log: AuditLog) -> None:
    with pytest.raises(ValueError, match=name):
        log.append("event", **{name: "x"})


def lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


MUTATIONS: dict[str, Callable[[bytes], bytes]] = {
    "a letter is changed": lambda data: data.replace(b"chatt", b"chatT", 1),
    "a name is changed": lambda data: data.replace(b"Kim", b"Kam", 1),
    "a space is added": lambda data: data.replace(b":2,", b": 2,", 1),
    "a line is deleted": lambda data: b"".join(lines(data)[:1] + lines(data)[2:]),
    "the first line is deleted": lambda data: b"".join(lines(data)[1:]),
    "the last line is deleted": lambda data: b"".join(lines(data)[:-1]),
    "all lines are deleted": lambda _data: b"",
    "two lines are swapped": lambda data: b"".join([lines(data)[i] for i in (0, 2, 1, 3)]),
    "a line is repeated": lambda data: data + lines(data)[-1],
    "a line is inserted": lambda data: lines(data)[0] + b'{"event":"x"}\n' + data,
    "an empty line is inserted": lambda data: data.replace(b"\n", b"\n\n", 1),
    "the end is cut": lambda data: data[:-20],
    "the last newline is cut": lambda data: data[:-1],
    "rubbish is appended": lambda data: data + b"rubbish",
    "line ends are changed": lambda data: data.replace(b"\n", b"\r\n"),
    "not a number is written": lambda data: data.replace(b'"files":2', b'"files":NaN'),
    "the hash stands first": lambda data: re.sub(
        rb'\{(.*),("hash":"[0-9a-f]+")\}', rb"{\2,\1}", data, count=1
    ),
    "deep brackets are written": lambda data: data.replace(b'"files":2', b"[" * 200_000),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_of_the_file_is_found_and_nothing_more_is_written(
    name: str, log: AuditLog
) -> None:
    log.path.write_bytes(MUTATIONS[name](log.path.read_bytes()))
    assert log.verify()
    with pytest.raises(StoreError, match="damaged"):
        opened(log.path).append("event")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_single_mutation_is_found(data: st.DataObject, log: AuditLog) -> None:
    before = log.path.read_bytes()
    start = data.draw(st.integers(0, len(before)), label="start")
    end = data.draw(st.integers(start, min(len(before), start + 900)), label="end")
    new = data.draw(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(lines(before)),
            st.sampled_from([b"\n", b"{}\n", b" ", b"\0"]),
        ),
        label="new",
    )
    after = before[:start] + new + before[end:]
    try:
        log.path.write_bytes(after)
        assert bool(AuditLog(log.path).verify()) == (after != before)
    finally:
        log.path.write_bytes(before)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(4)))
def test_any_change_of_order_is_found(order: list[int], log: AuditLog) -> None:
    before = log.path.read_bytes()
    try:
        log.path.write_bytes(b"".join(lines(before)[at] for at in order))
        assert bool(AuditLog(log.path).verify()) == (order != [0, 1, 2, 3])
    finally:
        log.path.write_bytes(before)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1]", b"null", b'{"count":3}'])
def test_a_lost_or_damaged_head_file_is_found(content: bytes | None, log: AuditLog) -> None:
    if content is None:
        log.head_path.unlink()
    else:
        log.head_path.write_bytes(content)
    assert log.verify()


def test_a_lost_log_is_found(log: AuditLog) -> None:
    log.path.unlink()
    assert log.verify()


def killed(log: AuditLog, at: int) -> None:
    """Leave what a run leaves that is killed when `at` bytes of an entry are written."""
    before, head = log.path.read_bytes(), log.head_path.read_bytes()
    log.append("killed", loc="brev.txt")
    line = log.path.read_bytes()[len(before) :]
    said = json.loads(head) | {"pending": line.decode()}
    log.path.write_bytes(before + line[:at])
    log.head_path.write_text(json.dumps(said, separators=(",", ":")) + "\n")


@pytest.mark.parametrize("at", [0, 1, 60, -2, -1])
def test_a_killed_entry_is_noted_and_what_it_left_stays(at: int, log: AuditLog) -> None:
    before = log.path.read_bytes()
    killed(log, at)
    rest = log.path.read_bytes()
    assert bool(log.verify()) == (at != 0)
    again = opened(log.path)
    again.append("next")
    assert again.verify() == []
    assert log.path.read_bytes().startswith(rest)
    events = [entry.event for entry in again.entries()][4:]
    expected = {0: ["next"], -1: ["killed", "next"]}
    assert events == expected.get(at, ["log-repaired", "next"])
    log.path.write_bytes(log.path.read_bytes().replace(rest[len(before) :], b"x", 1))
    assert again.verify() or at == 0


def test_an_entry_that_stands_whole_after_a_kill_counts(log: AuditLog) -> None:
    before = json.loads(log.head_path.read_text())
    log.append("killed")
    line = lines(log.path.read_bytes())[-1].decode()
    log.head_path.write_text(json.dumps(before | {"pending": line}, separators=(",", ":")) + "\n")
    assert opened(log.path).verify() == []
    opened(log.path).append("next")
    assert [entry.event for entry in log.entries()][4:] == ["killed", "next"]
    assert log.verify() == []


@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, 300), second=st.integers(0, 700))
@example(first=1, second=471)  # the note of the first kill stands whole, but for its end of line
def test_a_kill_while_a_kill_is_noted_is_noted_too(
    first: int, second: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = opened(tmp_path_factory.mktemp("log") / "audit.jsonl")
    log.append("before")
    killed(log, first)
    rest = log.path.read_bytes()
    start = json.loads(log.head_path.read_text())["size"]
    again = opened(log.path)
    again.append("again")
    whole = log.path.read_bytes()
    said = json.loads(log.head_path.read_text())
    stood = lines(whole[:start])
    hashes = [json.loads(line)["hash"] for line in stood]
    pending = {"count": len(stood), "head": hashes[-1], "size": start, "pending": ""}
    if len(whole) - len(rest) <= second:
        return
    pending["pending"] = whole[start:].decode()
    log.path.write_bytes(whole[: len(rest) + second])
    log.head_path.write_text(json.dumps(pending, separators=(",", ":")) + "\n")
    opened(log.path).append("after")
    assert said["count"] >= 2
    assert log.verify() == []
    assert list(log.entries())[-1].event == "after"


def test_a_change_beside_a_killed_entry_is_found(log: AuditLog) -> None:
    killed(log, 60)
    log.path.write_bytes(log.path.read_bytes()[:-1] + b"#")
    with pytest.raises(StoreError, match="damaged"):
        opened(log.path).append("next")


def test_a_store_pins_the_log(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    open_for_writing(store).close()
    path = default_log(store)
    assert path.name == "store.audit.jsonl"
    with opened(path, store) as log:
        log.append("one")
        log.append("two")
    with open_store(store) as read:
        assert [entry.event for entry in read.audit()] == ["one", "two"]
    assert log.verify() == []
    log.append("three")  # killed before the store learns of it
    assert opened(path, store).verify() == []
    path.unlink()
    log.head_path.unlink()
    assert opened(path, store).verify() == ["entry 2 is not the one that the store speaks of"]
    with opened(path) as other:
        other.append("one")
        other.append("forged")
    assert opened(path, store).verify()
    with open_store(store) as read:
        assert read.holds() == []


def test_entries_may_be_added_together(log: AuditLog) -> None:
    made = opened(log.path).extend([("one", {"n": 1}), ("two", {"n": 2}), ("three", {})])
    assert [(entry.seq, entry.event) for entry in made] == [(5, "one"), (6, "two"), (7, "three")]
    assert log.verify() == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 1300))
def test_entries_that_were_added_together_count_as_far_as_they_came(
    at: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = opened(tmp_path_factory.mktemp("log") / "audit.jsonl")
    log.append("before")
    before, head = log.path.read_bytes(), json.loads(log.head_path.read_text())
    log.extend([("one", {}), ("two", {}), ("three", {})])
    new = log.path.read_bytes()[len(before) :]
    log.path.write_bytes(before + new[:at])
    said = json.dumps(head | {"pending": new.decode()}, separators=(",", ":"))
    log.head_path.write_text(said + "\n")
    whole = new[:at].count(b"\n") + (new[at : at + 1] == b"\n")
    opened(log.path).append("next")
    events = [entry.event for entry in log.entries()]
    assert [event for event in events if event != "log-repaired"] == [
        "before",
        *["one", "two", "three"][:whole],
        "next",
    ]
    assert log.verify() == []
