"""Outputs: records as promised, cells and lines that harm nobody."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
from samples import CASES, EMAIL, PERSON, Run, write

from piiscan.outputs.csv_output import _safe
from piiscan.outputs.explanation import explain
from piiscan.outputs.records import line
from piiscan.outputs.table_output import amount
from piiscan.scanning import Detector, detectors

SCHEMA = json.loads((CASES / "records.schema.json").read_text())


@pytest.fixture
def records(run: Run, archive: Path) -> list[dict[str, object]]:
    return run(
        "sweep", str(archive), "--store", "s.db", "--format", "jsonl", "--coverage", "all"
    ).records


def test_every_record_fits_the_schema(records: list[dict[str, object]]) -> None:
    for record in records:
        jsonschema.validate(record, SCHEMA | {"$ref": f"#/$defs/{record['type']}"})


def test_a_sweep_comes_first_and_its_summary_last(records: list[dict[str, object]]) -> None:
    assert [records[0]["type"], records[-1]["type"]] == ["sweep", "summary"]
    assert {record["type"] for record in records[1:-1]} == {"finding", "coverage"}


def test_objects_come_by_location(records: list[dict[str, object]]) -> None:
    listed = [str(record["loc"]) for record in records if record["type"] == "coverage"]
    assert listed == sorted(listed)


def test_findings_come_before_the_coverage_of_their_object(
    records: list[dict[str, object]],
) -> None:
    seen: set[object] = set()
    for record in records[1:-1]:
        if record["type"] == "coverage":
            seen.add(record["object"])
        else:
            assert record["object"] not in seen


def test_nothing_is_null(records: list[dict[str, object]]) -> None:
    assert all(value is not None for record in records for value in record.values())


def test_the_summary_counts_the_findings(records: list[dict[str, object]]) -> None:
    assert records[-1]["findings"] == sum(record["type"] == "finding" for record in records)


def test_a_span_points_at_the_value(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", f"Åsa: {PERSON}\n")
    found = [
        record
        for record in run("scan", "a.txt", "--format", "jsonl").records
        if record["type"] == "finding"
    ]
    raw = found[0]["raw"]
    assert isinstance(raw, list)
    assert (tmp_path / "a.txt").read_bytes()[raw[0] : raw[1]].decode() == PERSON


def test_json_is_the_same_records_in_one_array(run: Run, archive: Path) -> None:
    run("sweep", str(archive), "--store", "s.db")
    lines = run("store", "export", "--store", "s.db", "--format", "jsonl").records
    assert json.loads(run("store", "export", "--store", "s.db", "--format", "json").out) == lines


def test_a_key_is_named_but_without_one_nothing_is(run: Run, archive: Path) -> None:
    found = run("scan", str(archive), "--format", "jsonl").records
    assert "key_id" not in found[0]
    assert all("fingerprint" not in record and "object" not in record for record in found)


def test_scanning_twice_gives_the_same_bytes(run: Run, archive: Path) -> None:
    def once() -> list[dict[str, object]]:
        found = run("scan", str(archive), "--format", "jsonl", "--now", "2026-11-22").records
        found[-1]["elapsed_s"] = found[-1]["ended"] = 0
        return found

    assert once() == once()


def test_times_are_utc(records: list[dict[str, object]]) -> None:
    started = str(records[0]["started"])
    assert started.endswith("Z")
    datetime.fromisoformat(started)


def test_no_record_steers_a_terminal() -> None:
    shown = line({"loc": "a\x1b\x9b\u202e\u2028b"})
    assert json.loads(shown) == {"loc": "a\x1b\x9b\u202e\u2028b"}
    assert shown.isascii()


@pytest.mark.parametrize("cell", ["=1+1", "+4670", "-1", "@x", "\tx", "\rx"])
def test_a_cell_is_no_formula(cell: str) -> None:
    assert _safe(cell) == f"'{cell}"


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert _safe("brev.txt") == "brev.txt"
    assert _safe(-5) == -5


def test_csv_has_a_row_a_finding(run: Run, archive: Path) -> None:
    run("sweep", str(archive), "--store", "s.db")
    text = run("store", "export", "--store", "s.db", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["detector"] for row in rows} >= {"email", "se-personnummer"}
    assert json.loads(rows[0]["attributes"]) is not None


def test_csv_is_for_swedish_spreadsheets_when_asked(
    run: Run, archive: Path, tmp_path: Path
) -> None:
    run("scan", str(archive), "--format", "csv", "--locale", "sv-SE", "--bom", "-o", "ut.csv")
    content = (tmp_path / "ut.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfobject;loc;")
    assert b"\r\n" in content
    assert b"\r\r\n" not in content


def test_csv_has_the_ledger_in_a_second_file(run: Run, archive: Path, tmp_path: Path) -> None:
    run("scan", str(archive), "--format", "csv", "--coverage", "all", "-o", "ut.csv")
    text = (tmp_path / "ut.coverage.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 4
    assert {row["status"] for row in rows} == {"ok"}


def test_a_value_is_in_the_records_only_when_asked(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.txt", f"Mejla {EMAIL}\n")
    run("scan", "a.txt", "--format", "jsonl", "--reveal", "-o", "ut.jsonl")
    text = (tmp_path / "ut.jsonl").read_text()
    assert [
        record["value"] for record in map(json.loads, text.splitlines()) if "value" in record
    ] == [EMAIL]
    assert "value" not in run("scan", "a.txt", "--format", "jsonl").out


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (38_400_000_000, "38.4 GB")]
)
def test_amounts_are_for_people(size: int, shown: str) -> None:
    assert amount(size) == shown


RULE = (
    "Shape: six digits.\nhigh: passes. low: wrong check digit beside a context word.\n"
    "medium: in groups. One step down with a space.\nSource: the law."
)


def test_an_explanation_says_what_was_seen_and_which_clause_it_fits() -> None:
    seen = {"context": "adjacent", "check": "fail", "digits": 10, "grouped": True, "kind": "vat"}
    assert explain(RULE, "low", seen) == [
        (
            "seen: a context word directly before it, or in its label; the check digit is wrong; "
            "10 digits in groups; kind vat"
        ),
        "low: wrong check digit beside a context word.",
        "One step down with a space.",
    ]
    assert explain(RULE, "high", {}) == [
        "seen: the shape",
        "high: passes.",
        "One step down with a space.",
    ]


@pytest.mark.parametrize("detector", detectors(), ids=lambda detector: detector.id)
def test_every_rule_can_be_explained(detector: Detector) -> None:
    told = [explain(detector.rule, name, {})[1:] for name in ("low", "medium", "high")]
    assert any(told)


def test_an_explained_finding_fits_the_schema_and_holds_no_value(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "brev.txt", f"Mitt personnummer: {PERSON}, mejl {EMAIL}")
    done = run("scan", "brev.txt", "--explain", "--format", "jsonl")
    told = [record for record in done.records if record["type"] == "finding"]
    for record in told:
        jsonschema.validate(record, SCHEMA | {"$ref": "#/$defs/finding"})
        assert record["explanation"]
    assert told[0]["attributes"] == {
        "kind": "personnummer",
        "context": "adjacent",
        "grouped": True,
        "digits": 10,
    }
    assert PERSON not in done.out
    assert EMAIL not in done.out
