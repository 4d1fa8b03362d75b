"""Other libraries as oracles of Swedish accounts; where the rules differ, why.

`bankkonto` has the rules of Bankgirot for accounts of banks, python-stdnum the Luhn digit of
bankgiro and plusgiro numbers, which no library of Python knows. Twenty thousand generated values a
type: one in ten or eleven passes.
"""

import random

import bankkonto
import pytest
from bankkonto.exceptions import BankkontoValidationError
from stdnum import luhn

from piiscan import LOW, Scanner

ROUNDS = 20_000
# Banks that bankkonto 1.0 does not know, and Plusgirot, of which it takes ten digits only.
OURS = ((9070, 9079), (9500, 9549), (9580, 9589), (9710, 9719), (9750, 9759), (9960, 9969))


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  the same numbers in every run


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def found(detector: str, word: str, numbers: list[str]) -> set[str]:
    """Return the numbers that are found whole behind `word` with right check digits."""
    findings = Scanner(minimum=LOW, detectors=[detector]).scan_batch(
        [f"{word} {number}" for number in numbers]
    )
    start, sets = len(word) + 1, findings.attribute_sets
    kept = set()
    for place, *span, attributes in findings.array[
        ["field", "start", "end", "attributes"]
    ].tolist():
        number = numbers[place]
        if span == [start, start + len(number)] and sets[attributes].get("check") != "fail":
            kept.add(number)
    return kept


def accepts(number: str) -> bool:
    """Whether bankkonto accepts `CLEARING-ACCOUNT`."""
    clearing, account = number.split("-")
    try:
        return bool(bankkonto.validate(clearing, account))
    except BankkontoValidationError:
        return False


def is_ours(number: str) -> bool:
    return any(first <= int(number[:4]) <= last for first, last in OURS)


def assert_same(ours: set[str], theirs: set[str]) -> None:
    assert theirs, "no number is valid"
    assert sorted(ours ^ theirs)[:5] == []


def test_accounts_of_seven_digits_are_those_of_bankkonto() -> None:
    rng = seeded(1)
    clearings = [*range(1100, 6000), *range(7000, 8000), *range(9020, 9990)]
    numbers = [f"{rng.choice(clearings)}-{digits(rng, 7)}" for _ in range(ROUNDS)]
    ours = found("se-bank-account", "konto", numbers)
    kept = {number for number in ours if not is_ours(number)}
    assert len(kept) < len(ours)
    assert_same(kept, {number for number in numbers if accepts(number)})


@pytest.mark.parametrize(("first", "last", "length"), [(6000, 6999, 9), (9180, 9189, 10)])
def test_longer_accounts_are_those_of_bankkonto(first: int, last: int, length: int) -> None:
    rng = seeded(first)
    numbers = [f"{rng.randint(first, last)}-{digits(rng, length)}" for _ in range(ROUNDS)]
    ours = found("se-bank-account", "konto", numbers)
    assert_same(ours, {number for number in numbers if accepts(number)})


def test_a_bankgiro_number_has_a_luhn_digit() -> None:
    rng = seeded(3)
    numbers = [f"{rng.randint(100, 9999)}-{digits(rng, 4)}" for _ in range(ROUNDS)]
    theirs = {number for number in numbers if luhn.is_valid(number.replace("-", ""))}
    assert_same(found("se-bankgiro", "bankgiro", numbers), theirs)


def test_a_plusgiro_number_has_a_luhn_digit() -> None:
    rng = seeded(4)
    numbers = [f"{rng.randint(1, 9_999_999)}-{rng.randrange(10)}" for _ in range(ROUNDS)]
    theirs = {number for number in numbers if luhn.is_valid(number.replace("-", ""))}
    assert_same(found("se-plusgiro", "plusgiro", numbers), theirs)
