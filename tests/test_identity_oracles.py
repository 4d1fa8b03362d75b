"""Other libraries as oracles of identity and organization numbers; where the rules differ, why.

Twenty thousand generated values a type: some right, most wrong in the last digits. Swedes and Finns
have serials that are not given out. Generated people are born before 2026: the libraries ask the
clock.
"""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import norwegian_numbers
import pytest
import stdnum.dk.cpr
import stdnum.dk.cvr
import stdnum.fi.alv
import stdnum.fi.hetu
import stdnum.fi.ytunnus
import stdnum.is_.kennitala
import stdnum.no.fodselsnummer
import stdnum.no.orgnr
import stdnum.se.orgnr
import stdnum.se.personnummer
import stdnum.se.vat
from kennitala import Kennitala
from organisationsnummer.organisationsnummer import Organisationsnummer
from personnummer.personnummer import Personnummer
from stdnum.exceptions import InvalidComponent, ValidationError

from piiscan import LOW, Scanner

ROUNDS = 20_000
CHECKS_HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  the same numbers in every run


def found(
    detectors: Iterable[str], label: str, numbers: list[str], *, norway_2032: bool = False
) -> dict[str, object]:
    """Return the numbers that are found whole behind `label`, each with its `check`.

    A wrong check digit that rejects a number elsewhere counts as not found.
    """
    scanner = Scanner(minimum=LOW, detectors=list(detectors), norway_2032=norway_2032)
    findings = scanner.scan_batch([f"{label} {number}" for number in numbers])
    kept: dict[str, object] = {}
    start, sets = len(label.encode()) + 1, findings.attribute_sets
    for place, *span, attributes in findings.array[
        ["field", "start", "end", "attributes"]
    ].tolist():
        number = numbers[place]
        if span == [start, start + len(number)] and not sets[attributes].get("partial"):
            kept[number] = sets[attributes].get("check")
    return kept


def sound(kept: dict[str, object]) -> set[str]:
    """Return those whose check digit is not wrong."""
    return {number for number, check in kept.items() if check != "fail"}


def day_of(rng: random.Random, first: int = 1930) -> date:
    start = date(first, 1, 1)
    return start + timedelta(days=rng.randrange((date(2026, 1, 1) - start).days))


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def accepts(validate: Callable[[str], object], number: str) -> bool:
    """Whether a library that raises accepts a number."""
    try:
        validate(number)
    except Exception:  # noqa: BLE001  each library has exceptions of its own
        return False
    return True


def assert_same(ours: set[str], theirs: set[str]) -> None:
    assert theirs, "no number is valid"
    assert sorted(ours ^ theirs)[:5] == []


def test_personnummer_is_that_of_stdnum_and_personnummer() -> None:
    rng = seeded(1)
    numbers = [
        f"{day_of(rng):%Y%m%d}-{rng.randrange(980, 1000)}{rng.randrange(10)}" for _ in range(ROUNDS)
    ]
    ours = sound(found(["se-personnummer"], "nummer", numbers))
    assert_same(ours, {n for n in numbers if stdnum.se.personnummer.is_valid(n)})
    assert_same(ours, {n for n in numbers if accepts(Personnummer, n)})


def test_samordningsnummer_is_that_of_personnummer_where_the_calendar_has_the_day() -> None:
    rng = seeded(2)
    numbers = []
    for _ in range(ROUNDS):
        day = day_of(rng)
        serial = f"{rng.randrange(980, 1000)}{rng.randrange(10)}"
        numbers.append(f"{day:%Y%m}{day.day + 60}-{serial}")
    ours = sound(found(["se-personnummer"], "nummer", numbers))
    assert_same(ours, {n for n in numbers if accepts(Personnummer, n)})


@pytest.mark.parametrize("number", ["191500722390", "191806602395", "192200902399"])
def test_personnummer_refuses_official_numbers_outside_the_calendar(number: str) -> None:
    assert number in found(["se-personnummer"], "nummer", [number])
    assert not accepts(Personnummer, number)


def test_personnummer_and_stdnum_accept_any_century() -> None:
    assert not found(["se-personnummer"], "nummer", ["296003012819"])
    assert accepts(Personnummer, "16091218+6814")
    assert not found(["se-personnummer"], "nummer", ["16091218+6814"])


def test_hetu_is_that_of_stdnum_with_temporary_codes() -> None:
    rng = seeded(3)
    codes = []
    for _ in range(ROUNDS):
        day = day_of(rng)
        sign = rng.choice("-YXWVU" if day.year < 2000 else "ABCDEF")
        codes.append(f"{day:%d%m%y}{sign}{rng.randrange(900, 1000)}{rng.choice(CHECKS_HETU)}")
    ours = sound(found(["fi-hetu"], "koodi", codes))
    valid = {c for c in codes if stdnum.fi.hetu.is_valid(c, allow_temporary=True)}
    assert_same(ours, valid)
    assert not any(stdnum.fi.hetu.is_valid(code) for code in codes)


def test_organisationsnummer_is_that_of_both_libraries() -> None:
    rng = seeded(4)
    numbers = [f"{digits(rng, 6)}-{digits(rng, 4)}" for _ in range(ROUNDS)]
    ours = sound(found(["se-organisationsnummer"], "orgnr", numbers))
    # stdnum has no rule for the third digit and the group of the legal form, organisationsnummer
    # accepts group 4 and the personnummer of sole traders.
    valid = {n for n in numbers if stdnum.se.orgnr.is_valid(n)}
    assert_same(ours, {n for n in valid if int(n[2]) >= 2 and n[0] not in "04"})
    assert len(valid) > len(ours)
    theirs = {n for n in numbers if accepts(Organisationsnummer, n)}
    people = {n for n in theirs if Organisationsnummer(n).is_personnummer()}
    assert_same(ours, {n for n in theirs - people if n[0] != "4"})


def test_a_swedish_vat_number_is_of_an_organization_or_a_person() -> None:
    rng = seeded(5)
    numbers = [
        f"SE{rng.randrange(100):02}{rng.randrange(100):02}{digits(rng, 6)}01" for _ in range(ROUNDS)
    ]
    ours = sound(found(["se-organisationsnummer", "se-personnummer"], "momsnr", numbers))
    theirs = {n for n in numbers if stdnum.se.vat.is_valid(n)}
    assert ours < theirs
    # What stdnum accepts beyond: no group of a legal form, no date of birth, serial 000.
    people = {n for n in theirs - ours if int(n[4]) < 2}
    assert all(n[2] in "04" for n in theirs - ours - people)
    assert not any(stdnum.se.personnummer.is_valid(n[2:12]) for n in people if n[8:11] != "000")


def test_y_tunnus_is_that_of_stdnum() -> None:
    rng = seeded(6)
    codes = [f"{digits(rng, 7)}-{rng.randrange(10)}" for _ in range(ROUNDS)]
    ours = sound(found(["fi-y-tunnus"], "Y-tunnus", codes))
    assert_same(ours, {code for code in codes if stdnum.fi.ytunnus.is_valid(code)})
    vat = [f"FI{code.replace('-', '')}" for code in codes]
    assert_same(
        sound(found(["fi-y-tunnus"], "nro", vat)), {n for n in vat if stdnum.fi.alv.is_valid(n)}
    )


def norwegian(rng: random.Random, more: int = 0) -> str:
    """Return a number with right check digits; `more` is added to the first, as from 2032."""
    while True:
        day = day_of(rng)
        first = day.day + rng.choice([0, 0, 40])
        month = day.month + rng.choice([0, 0, 40])
        serial = rng.randrange(500) if day.year < 2000 else rng.randrange(500, 1000)
        number = f"{first:02}{month:02}{day:%y}{serial:03}"
        one = int(stdnum.no.fodselsnummer.calc_check_digit1(number)) + more
        number += str(one % 11)
        number += stdnum.no.fodselsnummer.calc_check_digit2(number)
        if len(number) == 11:
            return number


def test_fodselsnummer_is_that_of_stdnum_and_norwegian_numbers() -> None:
    rng = seeded(7)
    numbers = []
    for _ in range(ROUNDS):
        number = norwegian(rng)
        place = rng.randrange(6, 11)
        slip = number[:place] + rng.choice("0123456789") + number[place + 1 :]
        numbers.append(rng.choice([number, slip]))
    ours = sound(found(["no-fodselsnummer"], "fnr", numbers))
    assert_same(ours, {n for n in numbers if norwegian_numbers.verify_birth_number(n)})
    # stdnum takes the century from the serial number, which does not tell it any longer.
    theirs = {n for n in numbers if stdnum.no.fodselsnummer.is_valid(n)}
    assert theirs <= ours
    for number in ours - theirs:
        with pytest.raises(InvalidComponent):
            stdnum.no.fodselsnummer.validate(number)


def test_stdnum_knows_no_synthetic_norwegians_and_not_the_rule_of_2032() -> None:
    synthetic = "10915596784"
    assert synthetic in found(["no-fodselsnummer"], "fnr", [synthetic])
    assert not stdnum.no.fodselsnummer.is_valid(synthetic)
    rng = seeded(8)
    numbers = [norwegian(rng, more=rng.randrange(1, 4)) for _ in range(ROUNDS // 10)]
    later = found(["no-fodselsnummer"], "fnr", numbers, norway_2032=True)
    assert sound(later) == set(numbers)
    assert not sound(found(["no-fodselsnummer"], "fnr", numbers))
    assert not any(stdnum.no.fodselsnummer.is_valid(number) for number in numbers)


def test_norwegian_organizations_begin_with_8_or_9() -> None:
    rng = seeded(9)
    numbers = [digits(rng, 9) for _ in range(ROUNDS)]
    ours = sound(found(["no-organisasjonsnummer"], "orgnr", numbers))
    theirs = {n for n in numbers if stdnum.no.orgnr.is_valid(n)}
    assert_same(ours, {n for n in theirs if n[0] in "89"})
    assert len(theirs) > len(ours)
    assert_same(
        ours,
        {n for n in numbers if n[0] in "89" and norwegian_numbers.verify_organisation_number(n)},
    )


def test_cpr_is_that_of_stdnum() -> None:
    rng = seeded(10)
    numbers = []
    for _ in range(ROUNDS):
        year = rng.choice([*range(26), *range(37, 100)])  # others may not be born yet
        head = f"{rng.randrange(34):02}{rng.randrange(14):02}{year:02}"
        numbers.append(f"{head}-{digits(rng, 4)}")
    ours = found(["dk-cpr"], "cpr", numbers)
    assert_same(set(ours), {n for n in numbers if stdnum.dk.cpr.is_valid(n)})
    right = {n for n in ours if stdnum.dk.cpr.checksum(stdnum.dk.cpr.compact(n)) == 0}
    assert_same({n for n, check in ours.items() if check == "pass"}, right)


def test_cvr_is_that_of_stdnum() -> None:
    rng = seeded(11)
    numbers = [digits(rng, 8) for _ in range(ROUNDS)]
    theirs = {n for n in numbers if stdnum.dk.cvr.is_valid(n)}
    assert_same(sound(found(["dk-cvr"], "CVR", numbers)), theirs)
    vat = [f"DK{number}" for number in numbers]
    assert_same(sound(found(["dk-cvr"], "nr", vat)), {f"DK{number}" for number in theirs})


def test_kennitala_with_its_check_digit_is_that_of_both_libraries() -> None:
    rng = seeded(12)
    numbers = []
    for _ in range(ROUNDS):
        day = day_of(rng, 1900)
        first = day.day + rng.choice([0, 40])
        century = "9" if day.year < 2000 else "0"
        numbers.append(f"{first:02}{day:%m%y}-{rng.randrange(20, 100)}{rng.randrange(10)}{century}")
    kept = found(["is-kennitala"], "kt.", numbers)
    # Numbers without a right check digit are given out since 2026; both libraries refuse them.
    assert set(kept) == set(numbers)
    ours = {number for number, check in kept.items() if check == "pass"}
    assert_same(ours, {n for n in numbers if stdnum.is_.kennitala.is_valid(n)})
    assert_same(ours, {n for n in numbers if Kennitala.is_valid(n)})


def test_both_libraries_accept_a_kennitala_of_the_future_and_refuse_a_kerfiskennitala() -> None:
    future = next(n for check in range(10) if Kennitala.is_valid(n := f"010190-20{check}0"))
    assert stdnum.is_.kennitala.is_valid(future)
    assert not found(["is-kennitala"], "kt.", [future])
    assert "892350-1739" in found(["is-kennitala"], "kt.", ["892350-1739"])
    with pytest.raises(ValidationError):
        stdnum.is_.kennitala.validate("892350-1739")
