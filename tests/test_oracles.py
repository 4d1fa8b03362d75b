"""Other libraries as oracles of phone numbers and IBANs; where the rules differ, why.

phonenumbers and python-stdnum are used by tests only. Twenty thousand generated values a kind.
Identity and organization numbers have theirs in `test_identity_oracles.py`, accounts in
`test_account_oracles.py`.
"""

import random

import phonenumbers
import pytest
from stdnum import iban

from piiscan import HIGH, LOW, Scanner

ROUNDS = 20_000
COUNTRIES = ("SE", "FI", "NO", "DK", "IS", "FO", "GL", "AX")
PUBLISHED = (
    "SE4550000000058398257466",
    "FI2112345600000785",
    "NO9386011117947",
    "DK5000400440116243",
    "IS140159260076545510730339",
)


def seeded(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311  the same numbers in every run


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def whole(detector: str, texts: list[str]) -> dict[str, tuple[int, dict[str, object]]]:
    """Return the texts that one finding covers, with its confidence and attributes.

    A wrong check digit counts as not found.
    """
    findings = Scanner(minimum=LOW, detectors=[detector]).scan_batch(texts)
    columns = ["field", "start", "end", "confidence", "attributes"]
    kept: dict[str, tuple[int, dict[str, object]]] = {}
    for place, start, end, confidence, attributes in findings.array[columns].tolist():
        facts = findings.attribute_sets[attributes]
        if (start, end) == (0, len(texts[place])) and facts.get("check") != "fail":
            kept[texts[place]] = (confidence, facts)
    return kept


@pytest.mark.parametrize("country", COUNTRIES)
def test_international_numbers_agree_with_phonenumbers(country: str) -> None:
    rng = seeded(country)
    code = phonenumbers.country_code_for_region(country)
    numbers = [
        f"+{code}{rng.randrange(1, 10)}{digits(rng, rng.randrange(4, 10))}"
        for _ in range(ROUNDS // len(COUNTRIES))
    ]
    ours = {text for text, (confidence, _) in whole("phone", numbers).items() if confidence == HIGH}
    theirs = {n for n in numbers if phonenumbers.is_valid_number(phonenumbers.parse(n))}
    assert theirs
    assert ours == theirs


def test_national_numbers_agree_with_phonenumbers() -> None:
    rng = seeded(3)
    numbers = [
        f"0{rng.randrange(1, 10)}{rng.randrange(10)}-{rng.randrange(10**5, 10**7)}"
        for _ in range(ROUNDS)
    ]
    found = whole("phone", numbers)
    for number in numbers:
        expected = {
            country
            for country in ("SE", "FI")
            if phonenumbers.is_valid_number(phonenumbers.parse(number, country))
        }
        countries = found[number][1]["countries"] if number in found else []
        assert isinstance(countries, list)
        assert {"FI" if c == "AX" else c for c in countries} == expected, number


@pytest.mark.parametrize("text", ["8.00-16.30", "661/2019", "06100"])
def test_times_statutes_and_postcodes_are_possible_numbers_only(text: str) -> None:
    countries = ("SE", "FI", "NO", "DK")
    parsed = [phonenumbers.parse(text, country) for country in countries]
    assert any(phonenumbers.is_possible_number(number) for number in parsed)
    assert not Scanner(minimum=LOW, detectors=["phone"]).scan(f"Se {text}, tack")


@pytest.mark.parametrize(("country", "number"), [("NO", "22 12 34 56"), ("IS", "551 2345")])
def test_numbers_without_a_trunk_zero_need_their_country(country: str, number: str) -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse(number, country))
    assert not Scanner(minimum=LOW, detectors=["phone"]).scan(number)
    assert Scanner(minimum=LOW, detectors=["phone"], locales=[country]).scan(number)


def test_iban_agrees_with_stdnum() -> None:
    rng = seeded(4)
    numbers = list(PUBLISHED)
    for published in PUBLISHED:
        for _ in range(ROUNDS // len(PUBLISHED)):
            first, second = (rng.randrange(2, len(published)) for _ in range(2))
            slip = published[:first] + rng.choice("0123456789") + published[first + 1 :]
            numbers.append(slip[:second] + rng.choice("0123456789") + slip[second + 1 :])
    ours = set(whole("iban", numbers))
    assert ours == {n for n in numbers if iban.is_valid(n, check_country=False)}
    assert ours >= set(PUBLISHED)
