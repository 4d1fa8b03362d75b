"""Labels: one for every detector in every language, and none that is found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.findings import LOW
from piiscan.policy import (
    BUILTIN,
    load,
)
from piiscan.policy.labels import CATEGORIES, LABELS, LANGUAGES, fits_everywhere, label
from piiscan.scanning import Detector, Scanner, detectors, optional_detectors

EVERY = (*detectors(), *optional_detectors())
IDS = {row.id for row in EVERY}


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.id)
def test_a_detector_and_its_category_have_a_label_in_each_language(row: Detector) -> None:
    for lang in LANGUAGES:
        assert label(row.id, row.category, lang=lang) in LABELS[row.id]
    assert row.category in CATEGORIES.keys() | LABELS.keys()


def test_labels_are_of_detectors_and_categories_that_exist() -> None:
    assert set(LABELS) == IDS
    assert set(CATEGORIES) == {row.category for row in EVERY} - IDS


def written() -> list[str]:
    """Every label that a shipped policy may write."""
    own = [part.label for name in BUILTIN for part in load(name).policy.operators.values()]
    table = [word for words in (*LABELS.values(), *CATEGORIES.values()) for word in words]
    return sorted({*filter(None, own), *table, *(label("?", lang=lang) for lang in LANGUAGES)})


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Jag har {} och ring {}.",
        "tel {}",
        "Olen {} ja minulla on {}",
        "I am {}",
        "Jag är {}.",
    ],
)
def test_no_detector_finds_a_label_again(around: str) -> None:
    scanners = [Scanner(minimum=LOW), Scanner(minimum=LOW, detectors=["gender"])]
    for word in written():
        assert fits_everywhere(word), word
        for scanner in scanners:
            assert not len(scanner.scan(around.replace("{}", word))), word


@given(st.text(max_size=12))
def test_a_label_holds_nothing_that_a_format_takes_for_its_own(text: str) -> None:
    if fits_everywhere(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set("0123456789=+@\"',;<>&\t")
        assert not text.startswith(("-", "From "))
