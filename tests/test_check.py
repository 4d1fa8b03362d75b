"""A check as people, programs and the command see it: lines, records, exit codes."""

import json
from pathlib import Path

import jsonschema
import pytest
from notices import (
    CHAT,
    EMAIL_TEXT,
    IP,
    NEW,
    NOTICE,
    NOW,
    OLD,
    PERIOD,
    PHONE_TEXT,
    PLAIN_TEXT,
    broken_zip,
    chat,
    policy,
    promise,
    says,
    swept,
)
from samples import CASES, PHONE, Ran, Run, write

import piiscan
from piiscan.outputs.check_records import check_records
from piiscan.outputs.check_table import check_lines
from piiscan.policy import BUILTIN
from piiscan.promises.checking import check

SCHEMA = json.loads((CASES / "check.schema.json").read_text())


def full(folder: Path) -> piiscan.Check:
    """A check that finds something of every kind."""
    chat(
        folder,
        [
            says(f"{PHONE_TEXT} Jag har diabetes.", OLD),
            says("Jag tänker ta livet av mig.", OLD),
            says(EMAIL_TEXT, None),
        ],
    )
    write(folder / "arkiv" / "annat.jsonl", '{"text": "hej", "sent": "2026-09-02T07:14:00Z"}\n')
    broken_zip(folder, "chat/export.zip")
    declared = CHAT + 'declared = ["email"]\n'
    with swept(folder) as store:
        held = (
            '[[hold]]\nkind = "audit"\nscope = { path = "post/**" }\n'
            'reason = "x"\nowner = "x"\nreview = 2026-11-22\n'
        )
        of = policy(declared, PERIOD, IP, promise("keep", channel="chat"), promise("manual"), held)
        return check(store, policy=of, today=NOW)


def test_every_record_fits_the_schema(tmp_path: Path) -> None:
    records = list(check_records(full(tmp_path), exit_code=3))
    for record in records:
        jsonschema.validate(record, SCHEMA | {"$ref": f"#/$defs/{record['type']}"})
    assert {record["type"] for record in records} == set(SCHEMA["$defs"]) - {
        "time",
        "day",
        "places",
    }
    assert records[0]["type"] == "check"
    assert records[-1]["type"] == "summary"
    assert {record["kind"] for record in records if record["type"] == "beyond"} == {
        "undeclared",
        "no-ground",
        "no-channel",
    }


def test_a_person_looks_at_alerts_first(tmp_path: Path) -> None:
    lines = list(check_lines(full(tmp_path)))
    assert lines[0] == " Alerts: 1 finding (1 suicide): a person has to look"
    assert lines[1].split() == ["suicide", "1", "chat/logg.jsonl"]
    assert lines[2].startswith(" broken")


def test_no_line_or_record_holds_a_value(tmp_path: Path) -> None:
    found = full(tmp_path)
    text = (
        "\n".join(check_lines(found)) + str(list(check_records(found, exit_code=1))) + repr(found)
    )
    for value in (PHONE, "diabetes", "livet", "kim.example"):
        assert value not in text


@pytest.mark.parametrize("name", BUILTIN)
def test_every_shipped_policy_can_be_checked(name: str, run: Run, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    done = run("check", "arkiv", "--policy", name, "--now", "2026-11-22", "--format", "jsonl")
    of = piiscan.policy.load(name)
    judgements = [record for record in done.records if record["type"] == "promise"]
    assert done.code in {0, 1}
    assert [record["id"] for record in judgements] == [each.id for each in of.policy.promise]
    reasons = " ".join(str(record.get("reason", "")) for record in judgements)
    assert "swept with" not in reasons  # the sweep was made as the policy says
    assert "not looked for" not in reasons


def verdicts(done: Ran) -> dict[object, object]:
    return {
        record["id"]: record["verdict"] for record in done.records if record["type"] == "promise"
    }


def test_the_chatbot_is_held_to_each_of_its_promises(run: Run, tmp_path: Path) -> None:
    clean = [says(PLAIN_TEXT, NEW, browser="Firefox 128"), says("", OLD, browser="Firefox 128")]
    arguments = ["check", "arkiv", "--policy", "kommun-kim", "--now", "2026-11-22T12:00:00Z"]
    texts = {
        "nummer": "Mitt nummer är 1234567.",
        "halsa": "Jag har diabetes.",
        "kon": "Jag är en transkvinna.",
        "laggning": "Jag är homosexuell.",
        "politik": "Jag röstar på Vänsterpartiet.",
    }
    folder = tmp_path / "arkiv" / "chatt"
    for name, text in texts.items():
        lines = "".join(json.dumps(each) + "\n" for each in [*clean, says(text, NEW, browser="x")])
        write(folder / "logg.jsonl", lines)
        found = verdicts(run(*arguments, "--format", "jsonl"))
        broken = {each for each, state in found.items() if state == "broken"}
        assert broken == {name}
    lines = "".join(
        json.dumps(each) + "\n" for each in [*clean, says(PLAIN_TEXT, OLD, browser="x")]
    )
    write(folder / "logg.jsonl", lines)
    done = run(*arguments, "--format", "jsonl")
    assert done.code == 1
    assert verdicts(done)["logg-21-dagar"] == "broken"
    write(folder / "logg.jsonl", "".join(json.dumps(each) + "\n" for each in clean))
    done = run(*arguments, "--format", "jsonl")
    assert done.code == 0
    assert "broken" not in verdicts(done).values()


def test_what_was_not_read_outranks_a_broken_promise(run: Run, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    broken_zip(tmp_path, "chat/export.zip")
    arguments = ["--policy", "nordic-default", "--now", "2026-11-22"]
    assert run("check", "arkiv", *arguments).code == 3
    assert run("check", *arguments).code == 3


def test_a_store_is_taken_as_it_is_without_a_path(run: Run, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    run("sweep", "arkiv", "--now", "2026-11-22")
    before = (tmp_path / ".piiscan" / "store.db").read_bytes()
    assert run("check", "--policy", "nordic-default", "--now", "2026-11-22").code in {0, 1}
    assert (tmp_path / ".piiscan" / "store.db").read_bytes() == before


@pytest.mark.parametrize("scope", ['case = "DNR-1"', 'sender = "kim.andersson@example.org"'])
def test_a_hold_of_a_policy_names_a_case_or_a_sender(scope: str, run: Run, tmp_path: Path) -> None:
    sender = {"from": "kim.andersson@example.org"}
    chat(tmp_path, [says(PHONE_TEXT, OLD, id="DNR-1", **sender), says(PHONE_TEXT, OLD, id="DNR-2")])
    held = f'[[hold]]\nkind = "audit"\nscope = {{ {scope} }}\nreason = "x"\nowner = "x"\n'
    write(tmp_path / "notis.toml", NOTICE + CHAT + PERIOD + held)
    done = run(
        "check", "arkiv", "--policy", "notis.toml", "--now", "2026-11-22", "--format", "jsonl"
    )
    (record,) = [each for each in done.records if each["type"] == "promise"]
    assert (record["failing"], record["held"]) == (1, 1)


def test_csv_is_a_row_for_each_promise(run: Run, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    done = run("check", "arkiv", "--policy", "upplands-bro", "--format", "csv", "--locale", "sv-SE")
    rows = done.out.splitlines()
    assert rows[0].startswith("id;verdict;reason;clause;")
    assert len(rows) == 1 + len(piiscan.policy.load("upplands-bro").policy.promise)


def test_a_hold_is_looked_at_again_and_goes_on(tmp_path: Path) -> None:
    found = full(tmp_path)
    assert [hold.id for hold in found.reviews] == ["policy-1"]
    assert " Hold to review: policy-1 (audit), since 2026-11-22" in check_lines(found)


def test_a_sweep_for_a_policy_spares_the_check_from_reading(run: Run, tmp_path: Path) -> None:
    chat(tmp_path, [says(PHONE_TEXT, OLD)])
    options = ["--policy", "kommun-kim", "--now", "2026-11-22"]
    assert run("sweep", "arkiv", *options).code == 0
    reasons = [
        str(record.get("reason")) for record in run("check", *options, "--format", "jsonl").records
    ]
    assert not [reason for reason in reasons if "swept with" in reason or "not looked" in reason]
    with piiscan.open_store(tmp_path / ".piiscan" / "store.db") as store:
        before = store.last_sweep().id
    run("check", "arkiv", *options)
    with piiscan.open_store(tmp_path / ".piiscan" / "store.db") as store:
        assert store.last_sweep().id == before + 1
        assert store.summary().unchanged == 1
