"""The store: whole objects, one key, no values, and a clear word when something is wrong."""

import os
import sqlite3
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from piiscan.errors import KeyMismatchError, StoreError
from piiscan.findings import HIGH, LOW, MEDIUM, MESSAGE, RAW, RECORD
from piiscan.store import Store, Writer, default_path, load, load_or_create, open_store, sent_text
from piiscan.store.blocks import OUTSIDE, UNKNOWN_TIME

KEY = bytes(range(32))
CATALOG = {"email": ("contact", "ordinary"), "health": ("health", "art9")}
ROOT = b"root-one"


@dataclass(frozen=True)
class Block:
    """Findings as the core packs them: (field, detector, confidence, byte of the fingerprint)."""

    rows: tuple[tuple[int, int, int, int], ...]
    detectors: list[str] = field(default_factory=lambda: ["health", "email"])
    attribute_sets: list[dict[str, object]] = field(default_factory=lambda: [{}])
    sets: tuple[int, ...] = ()  # which of them a row has; the first if it does not say

    @property
    def records(self) -> bytes:
        packed = [
            (number, 4, 9, detector, confidence, which, bytes([mark] * 16))
            for (number, detector, confidence, mark), which in zip(
                self.rows, self.sets or (0,) * len(self.rows), strict=True
            )
        ]
        return np.array(packed, dtype=RECORD).tobytes()

    @property
    def raws(self) -> bytes:
        return np.array([(100, 105, 1, 0)] * len(self.rows), dtype=RAW).tobytes()

    def select(self, places: bytes) -> "Block":
        return replace(self, rows=tuple(self.rows[at] for at in np.frombuffer(places, "<u4")))

    def __len__(self) -> int:
        return len(self.rows)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise NotImplementedError(requested_schema)

    def __arrow_c_schema__(self) -> object:
        raise NotImplementedError


def message(first_field: int, *, sent: int = UNKNOWN_TIME, flags: int = 0) -> tuple[int, ...]:
    return (0, sent, UNKNOWN_TIME, 10, first_field, 0, flags, 1)


@dataclass(frozen=True)
class Part:
    object: int
    block: Block
    index: int = 0
    rows: tuple[tuple[int, ...], ...] = ()
    roles: bytes = b"\x00\x01\x00\x00"
    first_record: int = 0
    paths: list[tuple[int, str]] = field(default_factory=list)
    keys: bytes = b""

    @property
    def messages(self) -> bytes:
        return np.array(list(self.rows), dtype=MESSAGE).tobytes()


@dataclass(frozen=True)
class Done:
    ordinal: int
    id: bytes
    loc: str = "a.txt"
    parent: int | None = None
    root: int = 0
    size: int = 50
    mtime_ns: int = 7
    status: str = "ok"
    reason: str = ""
    format: str = "text"
    profile: str | None = None
    channel: str | None = None
    scanned: int = 50
    lossy: int = 0
    not_scanned: int = 0
    messages: int = 0
    findings: int = 1
    content_hash: bytes | None = None
    problems: list[tuple[int, int, str, str]] = field(default_factory=list)


EMAIL_ROW = (0, 1, HIGH, 0xAA)


def begin(path: Path | None, *, key: bytes = KEY, root: bytes = ROOT, engine: str = "e1") -> Writer:
    return Writer(
        path,
        key=key,
        key_id="bdfh",
        key_file=Path("key"),
        catalog=CATALOG,
        roots=["archive"],
        root_ids=[root],
        engine_digest=engine,
        policy_digest="p1",
        info={"version": "0"},
        started="2026-11-22T09:00:00Z",
    )


def add(writer: Writer, done: Done, *rows: tuple[int, int, int, int]) -> None:
    block = Block(rows or (EMAIL_ROW,))
    writer.part(Part(done.ordinal, block), block.raws, [])
    writer.object(replace(done, findings=len(block)))


def fill(path: Path, *done: Done) -> None:
    with begin(path) as writer:
        for each in done:
            add(writer, each)
        writer.finish(interrupted=False, ended="")


def locs(path: Path) -> list[str]:
    with open_store(path) as store:
        return [owner.loc for owner in store.objects()]


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


def test_a_wrong_key_is_refused(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with pytest.raises(KeyMismatchError):
        begin(path, key=bytes(32))


def test_the_store_does_not_hold_the_key(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    assert KEY not in path.read_bytes()
    assert KEY.hex().encode() not in path.read_bytes()


def test_a_second_sweep_at_the_same_time_is_refused(path: Path) -> None:
    with begin(path), pytest.raises(StoreError, match="in use"):
        begin(path)


def test_a_store_is_read_while_a_sweep_writes(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with begin(path), open_store(path) as store:
        assert len(list(store.findings())) == 1


def test_a_reader_can_change_nothing(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with open_store(path) as store, pytest.raises(sqlite3.OperationalError):
        store._database.execute("DELETE FROM object")


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_store_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError):
        open_store(path)


def test_another_database_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE thing(x)")
    with pytest.raises(StoreError, match="no store"):
        begin(path)


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer"):
        open_store(path)


def test_a_store_of_version_1_is_migrated_and_its_alerts_are_read_again(path: Path) -> None:
    block = Block((EMAIL_ROW,), attribute_sets=[{"alert": "threat"}])
    with begin(path) as writer:
        writer.part(Part(0, block), block.raws, [])
        writer.object(Done(0, b"alarming"))
        add(writer, Done(1, b"peaceful", loc="b.txt"))
        assert writer.finish(interrupted=False, ended="").alerts == 1
    with sqlite3.connect(path) as database:
        database.executescript(
            "DROP TABLE alert_tally; ALTER TABLE block DROP COLUMN channels;"
            " ALTER TABLE tally DROP COLUMN topical; ALTER TABLE sweep_tally DROP COLUMN topical;"
            " PRAGMA user_version = 1;"
        )
    with open_store(path) as store:
        assert store.summary().by_alert == {}
    with begin(path) as writer:
        assert set(writer.known()) == {b"peaceful"}


def test_themes_are_counted_apart_and_a_store_of_version_3_is_migrated(path: Path) -> None:
    readings: list[dict[str, object]] = [{"reading": "personal"}, {"reading": "topical"}]
    rows = tuple((0, 0, level, 0) for level in (HIGH, HIGH, MEDIUM, MEDIUM, LOW, LOW))
    block = Block(rows, attribute_sets=readings, sets=(0, 1) * 3)
    with begin(path) as writer:
        writer.part(Part(0, block), block.raws, [])
        writer.object(Done(0, b"thematic", findings=6))
        add(writer, Done(1, b"ordinary", loc="b.txt"))
        before = writer.finish(interrupted=False, ended="")
    health = before.by_category["health"]
    assert (health.findings, health.sure, health.personal, health.topical) == (6, 4, 2, 2)
    assert before.by_category["contact"].topical is None
    with sqlite3.connect(path) as database:
        database.executescript(
            "ALTER TABLE tally DROP COLUMN topical; ALTER TABLE sweep_tally DROP COLUMN topical;"
            " PRAGMA user_version = 3;"
        )
    with open_store(path) as store:
        assert store.summary().by_category == before.by_category
        places, _ = store.places(10)
        assert [(place.findings, place.topical) for place in places] == [(2, 2), (1, 0)]


def test_a_cut_store_is_refused(path: Path) -> None:
    fill(path, Done(0, b"12345678"))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreError), open_store(path) as store:
        list(store.findings())


def test_a_missing_store_is_not_made_by_reading(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_store(path)
    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_store_and_key_are_private_under_any_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = tmp_path / "new" / "store.db"
        fill(store, Done(0, b"12345678"))
        load_or_create(default_path(store))
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (store, default_path(store))}
    assert modes == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    load_or_create(file)
    file.chmod(0o644)
    with pytest.raises(StoreError, match="read by others"):
        load(file)


def test_a_key_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert load_or_create(file) == load_or_create(file)


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("hello\n")
    file.chmod(0o600)
    with pytest.raises(StoreError, match="no key file"):
        load(file)


def test_the_key_of_the_default_store_lies_beside_it() -> None:
    assert default_path(Path(".piiscan/store.db")) == Path(".piiscan/key")


def test_the_key_of_a_named_store_lies_in_a_folder_of_its_own() -> None:
    assert default_path(Path("out/sweep.db")) == Path("out/.piiscan/key")
