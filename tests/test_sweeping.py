"""Sweeps into a store: only what is new is read, and nothing is written into the archive."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from samples import PERSON, tree, write

import piiscan
from piiscan.errors import KeyMismatchError, StoreError
from piiscan.sweeping import Settings, find_roots, mask_text


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "out" / "sweep.db"


def swept(archive: Path, store: Path) -> piiscan.Summary:
    *_, last = piiscan.sweep(archive, store=store)
    assert isinstance(last, piiscan.Summary)
    return last


def locs(store: Path) -> set[str]:
    with piiscan.open_store(store) as opened:
        return {owner.loc for owner in opened.objects()}


def test_a_sweep_ends_with_its_summary(archive: Path, store: Path) -> None:
    totals = swept(archive, store)
    assert totals.state == "complete"
    assert totals.by_detector["se-personnummer"].findings >= 2


def test_a_sweep_yields_every_object(archive: Path, store: Path) -> None:
    done = [
        event
        for event in piiscan.sweep(archive, store=store)
        if isinstance(event, piiscan.ObjectDone)
    ]
    assert len(done) == 4


def test_the_archive_is_only_read(archive: Path, store: Path) -> None:
    before = tree(archive)
    swept(archive, store)
    assert tree(archive) == before


def test_an_unchanged_archive_is_not_read_again(archive: Path, store: Path) -> None:
    first, second = swept(archive, store), swept(archive, store)
    assert (second.read, second.unchanged) == (0, 4)
    assert second.by_detector == first.by_detector


def test_a_changed_file_is_read_again(archive: Path, store: Path) -> None:
    swept(archive, store)
    write(archive / "brev.txt", "Inget här längre.\n")
    totals = swept(archive, store)
    assert totals.read == 1
    with piiscan.open_store(store) as opened:
        assert not [finding for finding in opened.findings() if finding.loc.startswith("brev.txt")]


def test_a_new_file_is_read(archive: Path, store: Path) -> None:
    swept(archive, store)
    write(archive / "ny.txt", f"Personnummer {PERSON}\n")
    assert swept(archive, store).read == 1
    assert "ny.txt" in locs(store)


def test_a_vanished_file_is_forgotten(archive: Path, store: Path) -> None:
    swept(archive, store)
    (archive / "brev.txt").unlink()
    assert swept(archive, store).removed == 1
    assert "brev.txt" not in locs(store)


def test_everything_is_read_again_when_asked(archive: Path, store: Path) -> None:
    swept(archive, store)
    *_, totals = piiscan.sweep(archive, store=store, full=True)
    assert isinstance(totals, piiscan.Summary)
    assert totals.read == 4


def test_another_day_reads_nothing_again(archive: Path, store: Path) -> None:
    totals: object = None
    for day in (1, 2):
        *_, totals = piiscan.sweep(
            archive, store=store, started=datetime(2026, 11, day, tzinfo=UTC)
        )
    assert isinstance(totals, piiscan.Summary)
    assert totals.read == 0


def test_other_detectors_read_everything_again(archive: Path, store: Path) -> None:
    swept(archive, store)
    *_, totals = piiscan.sweep(archive, store=store, detectors=["email"])
    assert isinstance(totals, piiscan.Summary)
    assert totals.read == 4
    assert set(totals.by_detector) == {"email"}


def test_a_sweep_that_was_left_goes_on(archive: Path, store: Path) -> None:
    running = piiscan.sweep(archive, store=store)
    next(event for event in running if isinstance(event, piiscan.ObjectDone))
    running.close()  # type: ignore[attr-defined]
    assert swept(archive, store).total == 4


def test_the_number_of_threads_does_not_change_the_result(archive: Path, tmp_path: Path) -> None:
    results = []
    for jobs in (1, 2, 8):
        place = tmp_path / f"out-{jobs}" / "sweep.db"
        list(piiscan.sweep(archive, store=place, key_file=tmp_path / "key", jobs=jobs))
        with piiscan.open_store(place) as opened:
            results.append(list(opened.findings(minimum=piiscan.LOW)))
    assert results[0] == results[1] == results[2]


def test_a_store_in_the_archive_is_refused(archive: Path) -> None:
    with pytest.raises(StoreError, match="only read"):
        next(piiscan.sweep(archive, store=archive / "store.db"))
    assert not (archive / "store.db").exists()


def test_a_key_in_the_archive_is_refused(archive: Path, store: Path) -> None:
    with pytest.raises(StoreError, match="only read"):
        next(piiscan.sweep(archive, store=store, key_file=archive / "key"))


def test_a_lost_key_is_said_and_no_new_one_made(archive: Path, store: Path) -> None:
    swept(archive, store)
    key = store.parent / ".piiscan" / "key"
    key.unlink()
    with pytest.raises(KeyMismatchError, match="not at"):
        next(piiscan.sweep(archive, store=store))
    assert not key.exists()


def test_a_missing_root_is_named(store: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing at `nowhere`"):
        next(piiscan.sweep("nowhere", store=store))


def test_a_root_in_another_root_is_swept_once(archive: Path) -> None:
    assert find_roots([str(archive / "chat"), str(archive)]) == (str(archive),)


def test_two_roots_go_into_one_store(archive: Path, store: Path) -> None:
    swept(archive / "chat", store)
    swept(archive / "brev.txt", store)
    assert {"log.jsonl", "brev.txt"} <= locs(store)


def test_settings_of_threads_and_places_make_nothing_unknown() -> None:
    assert Settings(("a",), jobs=1).digest == Settings(("b",), jobs=2).digest


def test_other_limits_make_files_unknown() -> None:
    assert Settings(("a",)).digest != Settings(("a",), limits={"depth": 2}).digest


def test_values_in_paths_are_masked_and_controls_escaped() -> None:
    shown = mask_text(piiscan.Scanner(), f"/kund\x1b/{PERSON}/namn")
    assert shown == "/kund\\x1b/[se-personnummer 11]/namn"


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_the_result_of_a_sweep_is_private(archive: Path, store: Path) -> None:
    swept(archive, store)
    assert {path.stat().st_mode & 0o077 for path in store.parent.iterdir()} == {0}


def test_a_bot_that_a_profile_names_is_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "arkiv"
    folder.mkdir()
    line = {"sent": "2026-03-06T11:00:00Z", "conversation": "c-1", "platform": "dator"}
    line |= {"browser": "Firefox 131.0", "text": "Hej och tack."}
    names = ("Kommun Kim", "Kim Karlsson", "kommun kim")
    lines = (json.dumps(line | {"sender": name}) + "\n" for name in names)
    (folder / "logg.jsonl").write_text("".join(lines))
    list(piiscan.sweep(folder, store=tmp_path / "store.db"))
    with piiscan.open_store(tmp_path / "store.db") as store:
        found = [finding.loc for finding in store.findings(detector="person-name")]
    assert found == ["logg.jsonl#1/sender"]
