"""Reports on the archives of the shipped policies, whose truth is known."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from papers import parsed
from policy_sweeps import NOW
from samples import Made

import piiscan
from piiscan.policy import BUILTIN, load
from piiscan.reports import Report

KINDS = ("sweep", "check", "notice", "ropa")
SHORT = 6  # letters; a shorter value may stand in any text


@pytest.fixture(scope="module")
def stores(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    found = {}
    for name in BUILTIN:
        found[name] = tmp_path_factory.mktemp(name) / "s.db"
        detectors = load(name).policy.scan.detectors
        for _ in piiscan.sweep(
            made[name, "broken"][0], store=found[name], started=NOW, detectors=detectors
        ):
            pass
    return found


def report(stores: Mapping[str, Path], name: str, kind: str) -> Report:
    with piiscan.open_store(stores[name]) as store:
        locale = load(name).policy.notice.locale
        return piiscan.report(
            kind, store=store, policy=name, today=NOW,
            locale=locale if locale in {"sv-SE", "sv-FI", "fi"} else "en",
        )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BUILTIN)
def test_no_value_of_the_archive_is_shown(
    made: Made, stores: Mapping[str, Path], name: str, kind: str
) -> None:
    _, truth = made[name, "broken"]
    planted = {value["value"] for message in truth["messages"] for value in message["values"]} - {
        ""
    }
    paper = report(stores, name, kind)
    texts = [paper.write(form).decode() for form in ("html", "json", "csv")]
    assert len(planted) > 10
    assert not [
        value for value in planted if len(value) >= SHORT and any(value in text for text in texts)
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BUILTIN)
def test_a_page_is_well_formed(stores: Mapping[str, Path], name: str, kind: str) -> None:
    page = parsed(report(stores, name, kind).html)
    assert not page.wrong
    assert not page.open
    assert page.tags.count("h1") == 1


@pytest.mark.parametrize("name", BUILTIN)
def test_what_is_broken_is_said_to_be_broken(
    made: Made, stores: Mapping[str, Path], name: str
) -> None:
    _, truth = made[name, "broken"]
    rows = report(stores, name, "check").content.tables["promises"].records()
    said = {str(row["promise"]) for row in rows if row["verdict"] == "broken"}
    assert {
        promise for promise, found in truth["promises"].items() if found["verdict"] == "broken"
    } <= said


@pytest.mark.parametrize("name", BUILTIN)
def test_a_description_whose_limits_are_broken_is_flagged(
    made: Made, stores: Mapping[str, Path], name: str
) -> None:
    _, truth = made[name, "broken"]
    late = {
        promise.id for promise in load(name).policy.promise
        if promise.action in {"anonymize", "erase", "encrypt"}
        and truth["promises"][promise.id].get("overdue")
    }  # fmt: skip
    flag = str(report(stores, name, "notice").content.tables["points"].rows[5][3])
    assert [promise for promise in late if f"{promise}: " not in flag] == []
    assert late
