"""A plan of retention: what it counts, which files it names, and that it stays as it is."""

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from retaining import FILES, NEW, NOW, OLD, POLICY, Case, chat, counts, mail, treatments
from samples import EMAIL, PERSON, PHONE, tree, write

from piiscan.errors import PolicyError, RefusedError
from piiscan.retention.plan import (
    find_plan,
    in_spans,
    plan_id,
    read_plan,
    spans,
    write_plan,
)
from piiscan.retention.tree import Tree
from piiscan.scanning import Scanner
from piiscan.store import load, open_store
from piiscan.sweeping import sweep


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, FILES)


def test_a_plan_counts_what_is_due_overdue_held_and_undetermined(case: Case) -> None:
    plan = case.plan()
    assert counts(plan) == {
        "chatt-30": (1, 1, 0, 2),
        "samtal-3": (2, 2, 0, 1),
        "post-1": (1, 1, 0, 0),
    }
    assert (plan.changed, plan.erased) == (4, 3)


def test_a_plan_names_files_by_id_size_time_and_hash(case: Case) -> None:
    [file] = [each for each in case.plan().files if each.loc == "chatt/log.jsonl"]
    path = case.root / file.loc
    assert (file.size, file.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert file.sha256 == sha256(path.read_bytes()).hexdigest()
    assert len(file.id) == 16
    assert file.parts == {file.id: [(0, 0)]}


def test_a_message_of_its_own_file_is_removed_and_one_among_others_rewritten(case: Case) -> None:
    assert treatments(case.plan()) == {
        "chatt/log.jsonl": "rewrite",
        "post/1.eml": "remove",
        "samtal/1.json": "remove",
        "samtal/1.wav": "remove",
    }


def test_a_dry_run_changes_nothing(case: Case) -> None:
    before = tree(case.root)
    case.plan()
    assert tree(case.root) == before


@pytest.mark.parametrize(
    ("odd", "newest"),
    [("2031-05-04T12:00:00Z", NEW), ("1901-01-01T00:00:00Z", NEW), ("2027-02-01T00:00:00Z", None)],
)
def test_the_newest_message_is_the_newest_plausible_one(
    odd: str, newest: str | None, tmp_path: Path
) -> None:
    case = Case(tmp_path, {"chatt/log.jsonl": chat(NEW, "Hej") + chat(odd, "Hej", 2)})
    found = case.plan().newest_ms
    assert found == datetime.fromisoformat(newest or odd).timestamp() * 1000


def test_a_plan_says_since_when_the_oldest_is_overdue(case: Case) -> None:
    [rule] = [each for each in case.plan().rules if each.promise == "chatt-30"]
    assert (rule.oldest, rule.since) == (OLD, "2026-07-02T22:00:00Z")


def test_a_channel_that_keeps_fields_loses_no_file(tmp_path: Path) -> None:
    text = POLICY.replace('path = "post/**" }', 'path = "post/**" }\nkeep = ["time"]')
    plan = Case(tmp_path, {"post/1.eml": mail(OLD)}, text).plan()
    assert treatments(plan) == {"post/1.eml": "rewrite"}
    assert plan.erased == 0


def test_a_plan_holds_no_value_and_is_private(tmp_path: Path) -> None:
    case = Case(tmp_path, {f"chatt/kund {PERSON}.jsonl": chat(OLD, f"Mejla {EMAIL}")})
    path, _ = write_plan(case.plan(), case.store)
    text = path.read_text()
    assert PERSON not in text
    assert EMAIL not in text
    assert len(read_plan(path)[0].files) == 1  # the file is found by its masked name
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


def test_files_that_look_the_same_under_their_masks_are_told_apart(tmp_path: Path) -> None:
    names = [f"chatt/kund {person}.jsonl" for person in (PERSON, "811228-9874")]
    case = Case(tmp_path, {names[0]: chat(OLD, PHONE), names[1]: chat(NEW, PHONE)})
    for name in names:
        os.utime(case.root / name, ns=(10**18, 10**18))
    [file] = case.plan().files
    assert file.sha256 == sha256((case.root / names[0]).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "roots", [["a/x"], ["a/x", "b/x"], ["a/x/1.jsonl"], ["b/x", "a/x/1.jsonl"], ["a", "b"]]
)
def test_files_are_found_below_any_roots(roots: list[str], tmp_path: Path) -> None:
    write(tmp_path / "a/x/1.jsonl", chat(OLD, PHONE))
    write(tmp_path / "b/x/1.jsonl", chat(OLD, EMAIL))
    places = [tmp_path / root for root in roots]
    for _ in sweep(*places, store=tmp_path / "store.db", started=NOW):
        pass
    files = Tree([places], Scanner(key=load(tmp_path / ".piiscan" / "key")).file_ident)
    with open_store(tmp_path / "store.db") as store:
        for owner in store.objects():
            found = files.unchanged(owner.ident.hex(), owner.size, owner.mtime_ns)
            assert found
            assert str(found.path).endswith(owner.loc)


# The file of a plan.


def test_a_plan_is_found_by_its_id_or_path(case: Case) -> None:
    plan = case.plan()
    path, digest = write_plan(plan, case.store)
    assert find_plan(plan_id(digest), case.store) == path
    assert find_plan(str(path), case.store) == path
    assert read_plan(path) == (plan, digest)
    with pytest.raises(FileNotFoundError):
        find_plan("00000000", case.store)


def test_a_plan_that_was_changed_is_refused(case: Case) -> None:
    path, _ = write_plan(case.plan(), case.store)
    path.write_text(path.read_text().replace('"P30D"', '"P20D"'))
    with pytest.raises(RefusedError, match="was changed"):
        read_plan(path)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"sha256":"x","plan":{}}', b"[" * 100_000])
def test_what_is_no_plan_is_said_so(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is no plan"):
        read_plan(write(tmp_path / "plan.json", content))


@given(st.lists(st.integers(-1, 60)))
def test_runs_of_numbers_are_those_numbers(numbers: list[int]) -> None:
    assert in_spans(spans(numbers)) == sorted(set(numbers))
