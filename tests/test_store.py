"""The store: whole objects, one key, no values, and a clear word when something is wrong."""

import sqlite3
from pathlib import Path

import pytest
from stores import CATALOG, EMAIL_ROW, Block, Done, Part, add, begin, fill, locs, message

from piiscan.findings import HIGH, LOW
from piiscan.store import Store, open_store, sent_text
from piiscan.store.blocks import OUTSIDE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_what_was_written_is_read(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with open_store(path) as store:
        found = list(store.findings())
    assert [finding.detector for finding in found] == ["email"]
    assert found[0].loc == "a.txt/body"
    assert found[0].fingerprint == "bdfh:" + "aa" * 16
    assert found[0].raw == (100, 105)


def test_detectors_keep_their_numbers_whatever_the_scanner_numbers(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with open_store(path) as store:
        assert [name for name, _, _ in store.detector_rows.values()] == list(CATALOG)


def test_a_changed_object_takes_the_place_of_the_old(path: Path) -> None:
    fill(path, Done(0, b"12345678", size=50))
    fill(path, Done(0, b"12345678", size=60))
    with open_store(path) as store:
        assert [owner.size for owner in store.objects()] == [60]
        assert len(list(store.findings())) == 1


def test_what_was_in_a_changed_container_goes_with_it(path: Path) -> None:
    fill(path, Done(1, b"child---", loc="a.zip!/x", parent=0), Done(0, b"zip-----", loc="a.zip"))
    fill(path, Done(0, b"zip-----", loc="a.zip"))
    assert locs(path) == ["a.zip"]


def test_what_has_vanished_is_forgotten(path: Path) -> None:
    fill(path, Done(0, b"12345678", loc="a"), Done(1, b"87654321", loc="b"))
    fill(path, Done(0, b"12345678", loc="a"))
    assert locs(path) == ["a"]


def test_an_interrupted_sweep_forgets_nothing(path: Path) -> None:
    fill(path, Done(0, b"12345678", loc="a"))
    with begin(path) as writer:
        writer.finish(interrupted=True, ended="")
    assert locs(path) == ["a"]


def test_another_root_is_left_alone(path: Path) -> None:
    fill(path, Done(0, b"12345678", loc="a"))
    with begin(path, root=b"root-two") as writer:
        add(writer, Done(0, b"12345678", loc="b"))
        writer.finish(interrupted=False, ended="")
    assert locs(path) == ["a", "b"]


def test_an_unchanged_file_stays_with_all_that_is_in_it(path: Path) -> None:
    fill(path, Done(1, b"child---", loc="a.zip!/x", parent=0), Done(0, b"zip-----", loc="a.zip"))
    with begin(path) as writer:
        writer.unchanged(0, b"zip-----")
        totals = writer.finish(interrupted=False, ended="")
    assert locs(path) == ["a.zip", "a.zip!/x"]
    assert (totals.read, totals.unchanged, totals.removed) == (0, 1, 0)


def test_people_are_carried_over_when_nothing_changed(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with begin(path) as writer:
        writer.unchanged(0, b"12345678")
        totals = writer.finish(interrupted=False, ended="")
    assert totals.by_detector["email"].people == 1


def test_files_are_known_by_size_and_time(path: Path) -> None:
    fill(path, Done(0, b"12345678", size=50, mtime_ns=7))
    with begin(path) as writer:
        assert writer.known() == {b"12345678": (50, 7)}


def test_other_detectors_make_every_file_unknown(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with begin(path, engine="e2") as writer:
        assert writer.known() == {}


def test_what_could_not_be_read_is_tried_again(path: Path) -> None:
    fill(path, Done(0, b"12345678", status="error", reason="permission denied"))
    with begin(path) as writer:
        assert writer.known() == {}


def test_an_object_that_was_not_finished_does_not_count(path: Path) -> None:
    with begin(path) as writer:
        block = Block((EMAIL_ROW,))
        writer.part(Part(0, block), block.raws, [])
        totals = writer.finish(interrupted=True, ended="")
    assert totals.total == 0
    assert locs(path) == []


def test_an_error_leaves_no_half_object(path: Path) -> None:
    def fail() -> None:
        with begin(path) as writer:
            add(writer, Done(0, b"12345678"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM object").fetchone() == (0,)


def test_a_killed_sweep_is_counted_as_far_as_it_came(path: Path) -> None:
    with begin(path) as writer:
        add(writer, Done(0, b"12345678"))
    with open_store(path) as store:
        totals = store.summary()
    assert totals.state == "interrupted"
    assert totals.by_detector["email"].people == 1


def test_people_are_distinct_fingerprints_over_all_objects(path: Path) -> None:
    with begin(path) as writer:
        add(writer, Done(0, b"12345678"), (0, 1, HIGH, 1), (0, 1, HIGH, 2), (0, 1, HIGH, 1))
        add(writer, Done(1, b"87654321", loc="b"), (0, 1, HIGH, 2))
        totals = writer.finish(interrupted=False, ended="")
    count = totals.by_detector["email"]
    assert (count.findings, count.people, count.objects) == (4, 2, 2)


def test_low_confidence_is_counted_apart(path: Path) -> None:
    with begin(path) as writer:
        add(writer, Done(0, b"12345678"), (0, 1, LOW, 1), (0, 1, HIGH, 2))
        totals = writer.finish(interrupted=False, ended="")
    count = totals.by_detector["email"]
    assert (count.low, count.high, count.people) == (1, 1, 1)
    assert (totals.findings, totals.sure) == (2, 1)


def test_a_sensitive_word_names_nobody(path: Path) -> None:
    with begin(path) as writer:
        add(writer, Done(0, b"12345678"), (0, 0, HIGH, 1))
        totals = writer.finish(interrupted=False, ended="")
    assert totals.by_category["health"].people is None


def test_an_object_counts_once_for_a_category(path: Path) -> None:
    with begin(path) as writer:
        add(writer, Done(0, b"12345678"), (0, 0, HIGH, 1), (0, 1, HIGH, 1))
        totals = writer.finish(interrupted=False, ended="")
    assert totals.by_category["contact"].objects == 1


def test_a_sweep_with_an_encrypted_object_is_incomplete(path: Path) -> None:
    with begin(path) as writer:
        add(writer, Done(0, b"12345678", status="encrypted", reason="needs a key"))
        totals = writer.finish(interrupted=False, ended="")
    assert totals.state == "incomplete"
    assert totals.incomplete == {"encrypted": 1}


def test_a_message_is_numbered_from_the_start_of_its_object() -> None:
    with begin(None) as writer:
        block = Block(((1, 1, HIGH, 1), (2, 1, HIGH, 1)))
        part = Part(
            0,
            block,
            rows=(message(0), message(1, flags=OUTSIDE), message(2, sent=0)),
            first_record=5,
        )
        writer.part(part, block.raws, [(2, "/text")])
        writer.object(Done(0, b"12345678", findings=2))
        writer.finish(interrupted=False, ended="")
        store = Store(writer.database, None)
        rows = list(store.rows(next(store.objects())))
    assert [row.message for row in rows] == [None, 6]
    assert [row.role for row in rows] == ["subject", "body"]
    assert [row.path for row in rows] == ["", "/text"]
    assert [row.sent for row in rows] == [None, 0]


def test_times_are_written_in_utc() -> None:
    assert sent_text(0) == "1970-01-01T00:00:00Z"
    assert sent_text(None) == ""
    assert sent_text(2**62) == ""
