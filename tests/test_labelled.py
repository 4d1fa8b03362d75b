"""The labelled sentences are well formed, of every kind, and hold no real data."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from piiscan.scanning import detectors, scan

FOLDER = Path(__file__).parents[1] / "corpora" / "labelled"
LABELLED = FOLDER / "sensitive.tsv"
DEVELOPMENT = FOLDER / "development.tsv"
COLUMNS = ["lang", "category", "reading", "negated", "alert", "trap", "text"]
LEAST = {"sv": 260, "fi": 110, "en": 110, "nb": 30, "da": 30}
CATEGORIES = {
    "biometric",
    "criminal-offense",
    "ethnic-origin",
    "gender",
    "genetic",
    "health",
    "political-opinion",
    "religion",
    "sexual-orientation",
    "social-services",
    "threat",
    "trade-union",
}
ALERTS = {"threat", "suicide", "violence", "protected-identity"}
FAMILIES = {
    "belief-verb",
    "court-word",
    "direction-or-color",
    "ethnic-word",
    "generic-pronoun",
    "genetic-biometric",
    "illness-of-things",
    "numeral-or-chemical",
    "party-letter",
    "protection-word",
    "short-illness",
    "threat-word",
    "union-name",
}
MAIN = ("sv", "fi", "en")  # the languages that are scored with rates
LONG_NUMBER = re.compile(r"\d(?:[ .+/-]?\d){5}")  # spaces and signs do not hide it
ORDINARY = {"identity-number", "contact", "financial", "number", "online-identifier"}


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled sentence; the names are those of the columns."""

    lang: str
    category: str
    reading: str
    negated: str
    alert: str
    trap: str
    text: str


def lines(path: Path = LABELLED) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


@cache
def rows(path: Path = LABELLED) -> tuple[Row, ...]:
    return tuple(Row(*line) for line in lines(path)[1:])


@pytest.mark.parametrize("path", [LABELLED, DEVELOPMENT], ids=lambda path: path.stem)
def test_every_line_has_the_columns_of_the_heading(path: Path) -> None:
    assert lines(path)[0] == COLUMNS
    assert {len(line) for line in lines(path)} == {len(COLUMNS)}


def test_every_label_is_a_known_one() -> None:
    assert {row.lang for row in rows()} == set(LEAST)
    assert {row.category for row in rows()} == CATEGORIES | {"none"}
    assert {row.reading for row in rows()} == {"personal", "topical", "none"}
    assert {row.negated for row in rows()} == {"true", "false"}
    assert {row.alert for row in rows()} == ALERTS | {"-"}
    assert {row.trap for row in rows()} == FAMILIES | {"-"}


def test_every_sensitive_detector_has_sentences() -> None:
    assert {row.category for row in detectors() if row.legal_class != "ordinary"} <= CATEGORIES


def test_a_sentence_about_nothing_has_no_other_label() -> None:
    plain = [row for row in rows() if row.category == "none"]
    assert {(row.reading, row.negated, row.alert, row.trap) for row in plain} == {
        ("none", "false", "-", "-")
    }


def test_only_what_is_said_of_a_person_is_negated_or_alarming() -> None:
    marked = [row for row in rows() if row.negated == "true" or row.alert != "-"]
    assert {row.reading for row in marked} == {"personal"}


def test_a_hard_negative_names_its_trap() -> None:
    negatives = [row for row in rows() if row.reading == "none" and row.category != "none"]
    assert "-" not in {row.trap for row in negatives}


@pytest.mark.parametrize("lang", LEAST)
def test_there_are_enough_sentences(lang: str) -> None:
    assert sum(row.lang == lang for row in rows()) >= LEAST[lang]


@pytest.mark.parametrize("lang", MAIN)
@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_a_category_has_all_readings_and_a_negation(lang: str, category: str) -> None:
    chosen = [row for row in rows() if (row.lang, row.category) == (lang, category)]
    assert {row.reading for row in chosen} == {"personal", "topical", "none"}
    assert any(row.negated == "true" for row in chosen)


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_swedish_has_enough_of_each_category_for_a_rate(category: str) -> None:
    count = Counter((row.lang, row.category) for row in rows() if row.reading == "personal")
    assert count["sv", category] >= 20


@pytest.mark.parametrize("lang", MAIN)
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_trap_is_there_in_both_readings(lang: str, family: str) -> None:
    readings = {row.reading for row in rows() if (row.lang, row.trap) == (lang, family)}
    assert readings == {"personal", "none"}


@pytest.mark.parametrize("lang", MAIN)
def test_every_alert_occurs(lang: str) -> None:
    assert {row.alert for row in rows() if row.lang == lang} == ALERTS | {"-"}


def test_no_sentence_stands_twice() -> None:
    count = Counter((row.lang, row.text.casefold()) for row in rows())
    assert [text for text, times in count.items() if times > 1] == []


def test_no_text_begins_or_ends_with_a_space() -> None:
    assert [row.text for row in rows() if row.text != row.text.strip() or not row.text] == []


def test_no_sentence_holds_a_number_or_an_address_of_anybody() -> None:
    assert [row.text for row in rows() if LONG_NUMBER.search(row.text) or "@" in row.text] == []
    assert [
        row.text for row in rows() if ORDINARY & {found.category for found in scan(row.text)}
    ] == []


def test_the_development_set_has_known_labels_in_the_main_languages() -> None:
    chosen = rows(DEVELOPMENT)
    assert {row.lang for row in chosen} == set(MAIN)
    assert {row.category for row in chosen} == CATEGORIES | {"none"}
    assert {row.reading for row in chosen} == {"personal", "topical", "none"}
    assert {row.trap for row in chosen} <= FAMILIES | {"-"}
    assert {row.alert for row in chosen} <= ALERTS | {"-"}
    for lang in MAIN:
        assert sum(row.lang == lang for row in chosen) >= 300


def test_the_sets_share_no_sentence() -> None:
    judged, tuned = (
        {row.text.casefold() for row in rows(path)} for path in (LABELLED, DEVELOPMENT)
    )
    assert len(judged & tuned) == 0, "a sentence is in both"


def test_the_development_set_holds_no_number_of_anybody() -> None:
    assert not [row for row in rows(DEVELOPMENT) if LONG_NUMBER.search(row.text)]
