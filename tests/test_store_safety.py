"""A store is for its owner, its key and its version; damage and other writers are noticed."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from stores import EMAIL_ROW, KEY, Block, Done, Part, add, begin, fill

from piiscan.errors import KeyMismatchError, StoreError
from piiscan.findings import HIGH, LOW, MEDIUM
from piiscan.store import default_path, load, load_or_create, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


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
