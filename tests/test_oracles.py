"""Other libraries as oracles: agreement where the rules agree, known differences pinned.

python-stdnum and phonenumbers are used by tests only. Generated identity numbers use serials that
are not given out.
"""

import random
from datetime import date, timedelta

import phonenumbers
import pytest
from stdnum import iban
from stdnum.fi import hetu
from stdnum.se import personnummer

from piiscan import HIGH, LOW, Finding, Scanner

ROUNDS = 2_000
FIRST_DAY = date(1930, 1, 1)
DAYS = 35_000  # to 2025
PHONE_SCANNER = Scanner(minimum=LOW, detectors=["phone"])


def seeded(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311  the same numbers in every run


def one(scanner: Scanner, text: str) -> Finding | None:
    """Return the one finding that covers all of `text` and passes its check."""
    found = scanner.scan(text)
    whole = [f for f in found if (f.start, f.end) == (0, len(text.encode()))]
    valid = [f for f in whole if f.attributes.get("check") != "fail"]
    return valid[0] if len(found) == 1 and valid else None


def swedes(rng: random.Random) -> list[str]:
    """Return numbers with any last digit: one in ten passes."""
    found = []
    for _ in range(ROUNDS):
        day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
        found.append(f"{day:%Y%m%d}-{rng.randrange(980, 1000)}{rng.randrange(10)}")
    return found


def test_personnummer_agrees_with_stdnum() -> None:
    scanner = Scanner(minimum=LOW, detectors=["se-personnummer"])
    for number in swedes(seeded(1)):
        assert (one(scanner, number) is not None) == personnummer.is_valid(number), number


def test_stdnum_knows_no_samordningsnummer() -> None:
    number = "701063-2391"  # official example
    assert one(Scanner(minimum=LOW, detectors=["se-personnummer"]), number) is not None
    assert not personnummer.is_valid(number)


def test_hetu_agrees_with_stdnum() -> None:
    rng = seeded(2)
    scanner = Scanner(minimum=LOW, detectors=["fi-hetu"])
    for _ in range(ROUNDS):
        day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
        sign = "-" if day.year < 2000 else "A"
        check = rng.choice("0123456789ABCDEFHJKLMNPRSTUVWXY")
        code = f"{day:%d%m%y}{sign}{rng.randrange(900, 1000)}{check}"
        expected = hetu.is_valid(code, allow_temporary=True)
        assert (one(scanner, code) is not None) == expected, code


@pytest.mark.parametrize("country", ["SE", "FI", "NO", "DK", "IS", "FO", "GL", "AX"])
def test_international_numbers_agree_with_phonenumbers(country: str) -> None:
    rng = seeded(country)
    code = phonenumbers.country_code_for_region(country)
    accepted = 0
    for _ in range(ROUNDS):
        length = rng.randrange(5, 11)
        national = str(rng.randrange(1, 10)) + "".join(rng.choices("0123456789", k=length - 1))
        number = f"+{code}{national}"
        expected = phonenumbers.is_valid_number(phonenumbers.parse(number))
        found = one(PHONE_SCANNER, number)
        assert (found is not None and found.confidence == HIGH) == expected, number
        accepted += expected
    assert accepted > 0


def test_national_numbers_agree_with_phonenumbers() -> None:
    rng = seeded(3)
    for _ in range(ROUNDS):
        number = f"0{rng.randrange(1, 10)}{rng.randrange(10)}-{rng.randrange(10**5, 10**7)}"
        expected = {
            country
            for country in ("SE", "FI")
            if phonenumbers.is_valid_number(phonenumbers.parse(number, country))
        }
        found = one(PHONE_SCANNER, number)
        countries = found.attributes["countries"] if found else []
        assert isinstance(countries, list)
        assert {"FI" if c == "AX" else c for c in countries} == expected, number


def test_iban_agrees_with_stdnum() -> None:
    rng = seeded(4)
    scanner = Scanner(minimum=LOW, detectors=["iban"])
    published = [
        "SE4550000000058398257466",
        "FI2112345600000785",
        "NO9386011117947",
        "DK5000400440116243",
        "IS140159260076545510730339",
    ]
    for number in published:
        assert one(scanner, number) is not None
        for _ in range(ROUNDS // 20):
            place = rng.randrange(2, len(number))
            changed = number[:place] + rng.choice("0123456789") + number[place + 1 :]
            expected = iban.is_valid(changed, check_country=False)
            assert (one(scanner, changed) is not None) == expected, changed
