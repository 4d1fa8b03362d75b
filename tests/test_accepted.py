"""Accepted findings: they break nothing until their day has passed, and are counted apart."""

import json
from datetime import date
from pathlib import Path

import pytest
from notices import CHAT, NOTICE, NOW, PHONE_TEXT, chat, promise, says, swept
from samples import PHONE, Ran, Run, write

from piiscan.errors import PolicyError
from piiscan.findings import MEDIUM
from piiscan.outputs.check_table import check_lines
from piiscan.policy import load
from piiscan.policy.accepted import read_allow
from piiscan.promises.checking import Check, check

NEVER = promise("never", channel="chat")
OWN = NOTICE + 'allow = "allow.jsonl"\n' + CHAT + "declared = []\n" + NEVER
ROW = {
    "fingerprint": "bdfh:" + "0" * 32,
    "detector": "phone",
    "object": "*",
    "reason": "växelns nummer",
    "by": "Registrator",
    "until": "2027-01-31",
}


@pytest.fixture
def found(tmp_path: Path) -> dict[str, str]:
    """A row for the phone number of the one message of an archive that was swept."""
    chat(tmp_path, [says(PHONE_TEXT)])
    chat(tmp_path, [says(PHONE_TEXT)], name="andra")
    write(tmp_path / "policy.toml", OWN)
    with swept(tmp_path) as store:
        finding = next(iter(store.findings(detector="phone", minimum=MEDIUM)))
        owner = next(owner for owner in store.objects() if owner.loc in finding.loc)
        return ROW | {"fingerprint": finding.fingerprint, "object": owner.ident.hex()}


def checked(folder: Path, *rows: dict[str, str]) -> Check:
    write(folder / "allow.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    with swept(folder) as store:
        return check(store, policy=folder / "policy.toml", today=NOW)


def test_an_accepted_finding_breaks_nothing_and_is_counted_apart(
    tmp_path: Path, found: dict[str, str]
) -> None:
    made = checked(tmp_path, found)
    [verdict] = made.verdicts
    assert (verdict.failing, verdict.accepted, made.survey.accepted) == (1, 1, 1)
    assert [each.findings for each in made.survey.undeclared] == [1]
    assert " Accepted: 1 finding (allow.jsonl)" in list(check_lines(made))


def test_a_value_may_be_accepted_wherever_it_stands(tmp_path: Path, found: dict[str, str]) -> None:
    made = checked(tmp_path, found | {"object": "*"})
    [verdict] = made.verdicts
    assert (verdict.state, verdict.accepted) == ("kept", 2)
    assert verdict.reason == "2 findings accepted by the allow file"


@pytest.mark.parametrize(
    "change",
    [
        {"detector": "email"},
        {"object": "0" * 16},
        {"until": "2026-11-21"},
        {"fingerprint": ROW["fingerprint"]},
    ],
)
def test_another_row_accepts_nothing(
    tmp_path: Path, found: dict[str, str], change: dict[str, str]
) -> None:
    made = checked(tmp_path, found | change)
    assert made.verdicts[0].failing == 2
    assert made.survey.accepted == 0
    assert made.survey.expired == ("until" in change)


def test_a_row_counts_to_the_end_of_its_day(tmp_path: Path, found: dict[str, str]) -> None:
    assert checked(tmp_path, found | {"until": NOW.date().isoformat()}).survey.accepted == 1


WRONG = [
    ({"until": "soon"}, "`$.until` has another form"),
    ({"fingerprint": PHONE}, "`$.fingerprint` has another form"),
    ({"reason": " "}, "`$.reason` has another form"),
    ({"detector": "phones"}, "no detector has this id"),
    ({"value": PHONE}, "no accepted finding"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_a_wrong_row_is_named_without_what_it_holds(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    path = write(tmp_path / "allow.jsonl", json.dumps(ROW) + "\n" + json.dumps(ROW | change) + "\n")
    write(tmp_path / "policy.toml", OWN)
    with pytest.raises(PolicyError, match=r"line 2 of `allow\.jsonl`") as raised:
        read_allow(path)
    assert said in str(raised.value)
    assert PHONE not in str(raised.value)
    with pytest.raises(PolicyError):
        load(tmp_path / "policy.toml")


def test_a_policy_check_looks_at_the_allow_file(tmp_path: Path, run: Run) -> None:
    write(tmp_path / "policy.toml", OWN)
    write(tmp_path / "allow.jsonl", json.dumps(ROW) + "\nx\n" + json.dumps(ROW) + "\n")
    ran = run("policy", "check", "policy.toml")
    assert ran.code == 2
    assert "line 2 of `allow.jsonl`  no accepted finding" in ran.out
    assert "line 3 of `allow.jsonl`  the finding was accepted before" in ran.out


def test_a_good_file_is_read(tmp_path: Path) -> None:
    [row] = read_allow(write(tmp_path / "a.jsonl", json.dumps(ROW) + "\n\n"))
    assert (row.by, row.until) == ("Registrator", date(2027, 1, 31))


def failing(folder: Path, run: Run, *rows: dict[str, str], condition: str = "phone") -> Ran:
    """Sweep with a condition, with the key that the findings were made with."""
    write(folder / "allow.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return run(
        *("sweep", "arkiv", "--policy", "policy.toml", "--store", "own.db"),
        *("--now", NOW.isoformat(), "--fail-on", condition),
    )


def test_an_accepted_finding_fails_no_condition_of_a_sweep(
    tmp_path: Path, found: dict[str, str], run: Run
) -> None:
    assert failing(tmp_path, run).code == 1
    one = failing(tmp_path, run, found)
    assert one.code == 1  # the number stands in another file too
    assert failing(tmp_path, run, found, condition="phone>1").code == 0
    both = failing(tmp_path, run, found | {"object": "*"})
    assert both.code == 0
    assert " Accepted: 2 findings (allow.jsonl)" in both.out.splitlines()
    assert " Fails:" not in both.out


@pytest.mark.parametrize("condition", ["any", "phone@medium", "contact", "ordinary"])
def test_no_form_of_a_condition_counts_what_is_accepted(
    tmp_path: Path, found: dict[str, str], run: Run, condition: str
) -> None:
    ran = failing(tmp_path, run, found | {"object": "*"}, condition=condition)
    assert ran.code == 0, ran.out


def test_an_accepted_finding_is_stored_and_listed(
    tmp_path: Path, found: dict[str, str], run: Run
) -> None:
    failing(tmp_path, run, found | {"object": "*"})
    exported = run("store", "export", "--store", "own.db", "--format", "jsonl")
    listed = [row for row in exported.records if row["type"] == "finding"]
    assert [row["detector"] for row in listed] == ["phone", "phone"]
    ran = failing(tmp_path, run, found | {"object": "*"})
    assert any(line.split()[:2] == ["contact", "2"] for line in ran.out.splitlines())


def test_rows_that_accept_nothing_are_said(tmp_path: Path, found: dict[str, str], run: Run) -> None:
    ran = failing(tmp_path, run, found | {"object": "*", "until": "2026-11-21"}, ROW)
    assert ran.code == 1
    [line] = [line for line in ran.out.splitlines() if line.startswith(" Accepted: ")]
    assert "1 row expired, whose findings count again" in line
    assert "1 row of another key, which accept nothing" in line


def test_records_of_a_sweep_say_what_was_accepted(
    tmp_path: Path, found: dict[str, str], run: Run
) -> None:
    failing(tmp_path, run, found | {"object": "*"})
    ran = run(
        *("sweep", "arkiv", "--policy", "policy.toml", "--store", "own.db"),
        *("--now", NOW.isoformat(), "--format", "jsonl"),
    )
    summary = ran.records[-1]
    assert (summary["accepted"], summary["accepted_expired"], summary["accepted_foreign"]) == (
        2, 0, 0
    )  # fmt: skip
