"""Themes stand apart from facts about people, wherever special categories are counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from notices import CHAT, NOW, chat, policy, promise, says, swept
from samples import Run, write

import piiscan
from piiscan.holds import active
from piiscan.outputs.check_records import check_records
from piiscan.outputs.check_table import check_lines
from piiscan.promises.checking import check
from piiscan.reports.tables import Cell
from piiscan.store import Store

OWN = policy(CHAT, "declared = []\n", promise("never", channel="chat", find=["financial"]))
TEXTS = ("Var hittar jag information om cancer?", "Finns det information om Centerpartiet?")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One fact about somebody, and two themes."""
    chat(tmp_path, [*map(says, TEXTS), says("Jag har diabetes.")])
    with swept(tmp_path) as found:
        yield found


def rows(store: Store, kind: str, table: str) -> list[dict[str, Cell]]:
    made = piiscan.report(kind, store=store, policy=OWN, today=NOW)
    return made.content.tables[table].records()


def test_a_summary_counts_them_among_the_others_and_by_themselves(store: Store) -> None:
    found = store.summary().by_category
    assert (found["health"].sure, found["health"].personal, found["health"].topical) == (2, 1, 1)
    politics = found["political-opinion"]
    assert (politics.sure, politics.personal, politics.topical) == (1, 0, 1)


def test_a_sweep_report_has_a_column_and_a_sentence_for_them(store: Store) -> None:
    made = piiscan.report("sweep", store=store, today=NOW)
    facts = made.content.facts
    assert (facts["findings"], facts["findings_topical"]) == (1, 2)
    assert {
        row["category"]: (row["findings"], row["topical"])
        for row in rows(store, "sweep", "categories")
    } == {
        "health": (1, 1),
        "political-opinion": (0, 1),
    }
    assert "2 further findings are about a sensitive theme" in made.html
    assert [(row["findings"], row["topical"]) for row in rows(store, "sweep", "places")] == [(1, 2)]


def test_a_check_asks_for_a_ground_of_facts_alone(store: Store) -> None:
    found = check(store, policy=OWN, today=NOW, holds=active(OWN, store))
    assert [(one.category, one.findings, one.topical) for one in found.survey.groundless] == [
        ("health", 1, 1)
    ]
    assert "  without a ground in chat: health (Art. 9) 1 (topical 1)" in list(check_lines(found))
    records = [one for one in check_records(found, exit_code=0) if one["type"] == "beyond"]
    assert {(one["findings"], one["topical"]) for one in records} == {(1, 1)}
    assert [row["topical"] for row in rows(store, "check", "groundless")] == [1]


def test_a_record_of_processing_names_them_apart(store: Store) -> None:
    [row] = rows(store, "ropa", "processings")
    assert row["special"] == "health 1"
    assert row["topical"] == "health 1; political opinion 1"
    assert row["personal"] == 1


def test_a_check_is_written_as_its_report(tmp_path: Path, run: Run) -> None:
    write(tmp_path / "arkiv" / "chatt" / "a.txt", f"{TEXTS[0]}\n")
    words = ("--policy", "kommun-kim", "--store", "s.db", "--now", NOW.isoformat())
    ran = run("check", "arkiv", *words, "--format", "html", "--locale", "sv-SE")
    assert ran.code == 1, ran.err
    assert run("report", "check", *words, "--locale", "sv-SE").out == ran.out
    part = run("check", *words, "--format", "html", "--promise", "halsa").out
    assert "<code>halsa</code>" in part
    assert "<code>politik</code>" not in part
