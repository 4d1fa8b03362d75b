"""What a plan leaves alone: what is on hold, and sound whose time nobody knows."""

import json
from pathlib import Path

import pytest
from retaining import FILES, NEW, OLD, POLICY, SOUND, Case, call, counts, held, mail, treatments
from samples import PERSON, Run, write

from piiscan.retention.plan import (
    read_plan,
)
from piiscan.store import open_store


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, FILES)


HELD = [
    ({"path": "chatt"}, {"chatt/log.jsonl"}),
    ({"path": "**/*.eml"}, {"post/1.eml"}),
    ({"channel": "post"}, {"post/1.eml"}),
    ({"path": "samtal/1.wav"}, {"samtal/1.wav", "samtal/1.json"}),
    ({"path": "samtal/1.json"}, {"samtal/1.wav", "samtal/1.json"}),
    ({"path": "**"}, {"chatt/log.jsonl", "post/1.eml", "samtal/1.wav", "samtal/1.json"}),
]


@pytest.mark.parametrize(("scope", "kept"), HELD)
def test_what_is_held_is_not_planned(scope: dict[str, str], kept: set[str], case: Case) -> None:
    free = set(treatments(case.plan()))
    plan = case.plan(holds=[held(**scope)])
    assert set(treatments(plan)) == free - kept
    listed = [each for each in plan.kept if each.hold == "7"]
    assert {each.loc for each in listed} >= kept - {"samtal/1.json"}
    assert {(each.kind, each.reason, each.review) for each in listed} == {
        ("public-access", "dnr 2026-811", "2027-01-31")
    }


def test_a_hold_may_name_a_file_that_the_store_knows_by_its_mask(tmp_path: Path) -> None:
    case = Case(tmp_path, {f"post/kund {PERSON}.eml": mail(OLD)})
    assert len(case.plan().files) == 1
    plan = case.plan(holds=[held(path=f"post/kund {PERSON}.eml")])
    assert plan.files == []
    assert [kept.hold for kept in plan.kept if kept.hold] == ["7"]
    assert PERSON not in str(plan)
    [loc] = [kept.loc for kept in plan.kept if kept.hold]
    assert case.plan(holds=[held(path=loc)]).files == []


def test_a_person_is_held_wherever_she_is_found(case: Case) -> None:
    case.plan()
    with open_store(case.store) as store:
        names = {found.fingerprint for found in store.findings(detector="phone")}
    plan = case.plan(holds=[held(subject=sorted(names))])
    assert set(treatments(plan)) == {"samtal/1.json", "samtal/1.wav"}
    assert counts(plan)["chatt-30"] == (1, 0, 1, 2)
    assert counts(plan)["post-1"] == (1, 0, 1, 0)


def test_a_case_is_held_by_the_hash_of_its_key(case: Case) -> None:
    case.plan()
    with open_store(case.store) as store:
        [mail] = [each for each in store.objects() if each.loc == "post/1.eml"]
        key = next(iter(store.rows(mail))).key.hex()
    assert "post/1.eml" not in treatments(case.plan(holds=[held(case=key)]))


HELD_CASE = """
[[hold]]
kind = "legal-claim"
scope = { channel = "samtal", case = "S-1" }
reason = "tvist"
owner = "Jurist"
"""


def test_a_policy_holds_a_case_whose_messages_hold_nothing(tmp_path: Path, run: Run) -> None:
    rows = [{"id": key, "text": "Hej", "sent": OLD} for key in ("S-1", "S-2", "S-1")]
    write(tmp_path / "arkiv/samtal/log.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    write(tmp_path / "policy.toml", POLICY + HELD_CASE)
    words = ("--policy", "policy.toml", "--store", "s.db", "--now", "2026-11-22")
    run("sweep", "arkiv", "--store", "s.db")
    refused = run("retain", *words)
    assert refused.code == 4
    assert "does not know the case of every message" in refused.err
    assert "samtal: erase, P3M" in (done := run("retain", "arkiv", *words)).out
    assert "Held: 2 messages in samtal/log.jsonl: legal-claim, tvist (Jurist)" in done.out
    [path] = tmp_path.glob("s.plan-*.json")
    [file] = read_plan(path)[0].files
    assert list(file.parts.values()) == [[(1, 1)]]


# Recordings.

RECORDINGS: list[tuple[str, dict[str, str | bytes], str, set[str]]] = [
    ("old", {"1.json": call(OLD)}, "overdue", {"1.wav", "1.json"}),
    ("new", {"1.json": call(NEW)}, "due", set()),
    ("latest", {"1.json": call(OLD, NEW)}, "due", set()),
    ("untimed", {"1.json": call(None)}, "undetermined", set()),
    ("future", {"1.json": call("2031-01-01T00:00:00Z")}, "undetermined", set()),
    ("ancient", {"1.json": call("1970-01-01T00:00:00Z")}, "undetermined", set()),
    ("alone", {}, "undetermined", set()),
    ("other", {"2.json": call(OLD)}, "undetermined", {"2.json"}),
    (
        "transcript",
        {"1.json": call(OLD), "1.txt": "Hej\n"},
        "overdue",
        {"1.wav", "1.json", "1.txt"},
    ),
]


@pytest.mark.parametrize(
    ("files", "standing", "gone"),
    [row[1:] for row in RECORDINGS],
    ids=[row[0] for row in RECORDINGS],
)
def test_a_recording_goes_when_the_file_beside_it_says_so(
    files: dict[str, str | bytes], standing: str, gone: set[str], tmp_path: Path
) -> None:
    case = Case(tmp_path, {f"samtal/{name}": each for name, each in files.items()})
    write(case.root / "samtal" / "1.wav", SOUND)
    plan = case.plan()
    assert any(each.recording for each in plan.files) == (standing == "overdue")
    assert {Path(each.loc).name for each in plan.files} == gone
    rule = {rule.promise: rule for rule in plan.rules}["samtal-3"]
    assert getattr(rule, standing) >= 1


def test_a_recording_in_a_channel_that_is_not_erased_stays(tmp_path: Path) -> None:
    case = Case(tmp_path, {"chatt/1.wav": SOUND, "chatt/1.json": call(OLD)})
    assert not any(each.recording for each in case.plan().files)
