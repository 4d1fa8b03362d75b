"""Scanners: options, threads, names."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from samples import EMAIL, PERSON

import piiscan
from piiscan.errors import PolicyError
from piiscan.findings import LOW
from piiscan.scanning import Scanner, detectors, formats, limits, select_detectors

TEXT = f"Mitt personnummer är {PERSON}, mejla {EMAIL}."


def test_only_named_detectors_run() -> None:
    found = Scanner(detectors=["email"]).scan(TEXT)
    assert [finding.detector for finding in found] == ["email"]


def test_a_category_names_its_detectors() -> None:
    assert "email" in (select_detectors(["contact"]) or [])


def test_a_glob_names_several_detectors() -> None:
    chosen = select_detectors(["se-*"])
    assert chosen
    assert all(name.startswith("se-") for name in chosen)


def test_a_glob_takes_detectors_away() -> None:
    chosen = select_detectors([], ["email"])
    assert chosen is not None
    assert set(chosen) == {detector.id for detector in detectors()} - {"email"}


def test_sex_is_looked_for_only_by_name() -> None:
    assert "gender" not in (select_detectors(["*"]) or [])
    assert "gender" in (select_detectors(["*", "gender"]) or [])
    assert "gender" not in (select_detectors([], ["email"]) or [])
    found = Scanner(detectors=["gender", "health"]).scan("Jag är kvinna och har diabetes.")
    assert {finding.detector for finding in found} == {"gender", "health"}


def test_a_misspelled_detector_gets_a_suggestion() -> None:
    with pytest.raises(PolicyError, match="`email` is"):
        select_detectors(["emial"])


def test_no_detector_left_is_an_error() -> None:
    with pytest.raises(PolicyError, match="no detector is left"):
        select_detectors(["email"], ["contact"])


def test_without_a_key_there_is_no_fingerprint() -> None:
    assert Scanner().scan(TEXT)[0].fingerprint == ""


def test_one_key_gives_one_fingerprint_for_two_spellings() -> None:
    scanner = Scanner(key=bytes(range(32)))
    first = scanner.scan(f"Personnummer {PERSON}")[0].fingerprint
    second = scanner.scan("Personnummer 19811218-9876")[0].fingerprint
    assert first == second
    assert first.startswith(f"{scanner.key_id}:")


def test_another_key_gives_another_fingerprint() -> None:
    first = Scanner(key=bytes(32)).scan(TEXT)[0].fingerprint
    second = Scanner(key=bytes([1] * 32)).scan(TEXT)[0].fingerprint
    assert first.partition(":")[2] != second.partition(":")[2]


def test_low_confidence_is_shown_when_asked() -> None:
    every, sure = Scanner(minimum=LOW), Scanner()
    text = "Personnummer 811218-9877, tack."  # a wrong check digit beside the word
    assert len(every.scan(text)) >= len(sure.scan(text))


def test_equal_options_give_equal_digests() -> None:
    assert Scanner().digest == Scanner().digest


def test_other_detectors_give_another_digest() -> None:
    assert Scanner().digest != Scanner(detectors=["email"]).digest


def test_the_undated_digest_does_not_depend_on_the_day() -> None:
    first = Scanner(reference_date=date(2026, 1, 1)).undated_digest()
    assert first == Scanner(reference_date=date(2026, 1, 2)).undated_digest()


def test_the_undated_digest_depends_on_the_options() -> None:
    assert Scanner().undated_digest() != Scanner(min_digits=5).undated_digest()


def test_an_unknown_country_is_an_error() -> None:
    with pytest.raises(PolicyError):
        Scanner(locales=["QQ"])


def test_a_broken_lexicon_is_an_error_without_its_text() -> None:
    with pytest.raises(PolicyError) as caught:
        Scanner(lexicons=[("own", f"term = '{PERSON}")])
    assert PERSON not in str(caught.value)


def test_threads_share_a_scanner() -> None:
    scanner = Scanner()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: scanner.scan(TEXT).spans().tolist(), range(40)))
    assert all(result == results[0] for result in results)


def test_a_scanner_does_not_show_its_key() -> None:
    assert "abab" not in repr(Scanner(key=bytes([0xAB] * 32)))


def test_text_with_half_a_character_is_refused_without_showing_it() -> None:
    with pytest.raises(UnicodeEncodeError):
        piiscan.scan(f"{PERSON}\ud800")


def test_every_limit_has_a_default_and_a_reason() -> None:
    assert all(default > 0 and reason for _, default, _, reason in limits())


def test_formats_are_named() -> None:
    assert {"text", "mbox", "jsonl", "zip"} <= set(formats())
