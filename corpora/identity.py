"""Identity numbers of nobody: serials that are kept for tests, and published examples.

Sweden: serials 980-989 (Skatteverket's test persons); Finland: individual numbers 900-999, which
are given for a time only. A number that could also be read as one of the other country is drawn
again, so that there is never a doubt about what a correct scanner reports.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dice import Dice

HETU_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
DASHES = ("\N{EN DASH}", "\N{NON-BREAKING HYPHEN}")
EPOCH = dt.date(1930, 1, 1)
NEWEST_BIRTH = (dt.date(2019, 12, 31) - EPOCH).days
RESERVE = (
    "991981000010",
    "991945000023",
    "19810829M071",
    "19450829K088",
    "19930829X802",
    "19810829-SU3A",
    "22950606FH20",
    "25780404KHD5",
)
HETU_PUBLISHED = ("131052-308T", "131052A308T", "020594X903P", "030594W903B", "010516B903X")


@dataclass(frozen=True, slots=True)
class Value:
    """Something planted: what it is, how it stands in the text and how sure a scanner must be.

    `duty` is empty for what must be found, `optional` for what may be, `hard` for what a reader
    would find and the rules of the scanner do not reach.
    """

    detector: str
    text: str
    confidence: str = "high"
    attributes: Mapping[str, object] = field(default_factory=dict)
    duty: str = ""


def luhn_digit(digits: str) -> str:
    """Return the check digit that follows `digits` (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - cast out the nine
    return str(-total % 10)


def hetu_sign(digits: str) -> str:
    """Return the control sign of the nine digits of a Finnish personal identity code."""
    return HETU_CHECKS[int(digits) % 31]


def is_date(day: int, month: int, year: int) -> bool:
    """Return whether this day is in the calendar."""
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def reads_as_hetu(number: str) -> bool:
    """Return whether a 6-4 digit number is also a Finnish personal identity code."""
    digits = number[:6] + number[-4:-1]
    day, month, year = int(digits[:2]), int(digits[2:4]), 1900 + int(digits[4:6])
    return is_date(day, month, year) and hetu_sign(digits) == number[-1]


def birth(dice: Dice) -> dt.date:
    """Return a day on which nobody in particular was born."""
    return EPOCH + dt.timedelta(days=dice.below(NEWEST_BIRTH))


def swedish(dice: Dice, *, extra_day: int = 0) -> tuple[str, str]:
    """Return the century and the ten digits of a number with a serial kept for tests."""
    while True:
        day = birth(dice)
        digits = f"{day:%y%m}{day.day + extra_day:02}98{dice.below(10)}"
        digits += luhn_digit(digits)
        if not reads_as_hetu(digits):
            return str(day.year)[:2], digits


def personnummer(text: str, kind: str = "personnummer") -> Value:
    """Return a Swedish identity number in the spelling `text`."""
    return Value("se-personnummer", text, attributes={"kind": kind})


def se_spelled(before: str) -> Callable[[Dice], Value]:
    """Return a maker of ten digits with `before` ahead of the last four."""

    def make(dice: Dice) -> Value:
        digits = swedish(dice)[1]
        return personnummer(f"{digits[:6]}{before}{digits[6:]}")

    return make


def se_twelve(sign: str) -> Callable[[Dice], Value]:
    """Return a maker of twelve digits with `sign` ahead of the last four."""

    def make(dice: Dice) -> Value:
        century, digits = swedish(dice)
        return personnummer(f"{century}{digits[:6]}{sign}{digits[6:]}")

    return make


def se_dash(dice: Dice) -> Value:
    """Return ten digits with a dash that a word processor has put in place of the hyphen."""
    digits = swedish(dice)[1]
    return personnummer(f"{digits[:6]}{dice.pick(DASHES)}{digits[6:]}")


def se_hundred(dice: Dice) -> Value:
    """Return the number of someone who has turned a hundred, which has a plus sign."""
    while True:
        month, day = dice.between(1, 12), dice.between(1, 28)
        digits = f"{dice.between(10, 24)}{month:02}{day:02}98{dice.below(10)}"
        digits += luhn_digit(digits)
        if not reads_as_hetu(digits):
            return personnummer(f"{digits[:6]}+{digits[6:]}")


def se_coordination(dice: Dice) -> Value:
    """Return a coordination number: sixty is added to the day."""
    century, digits = swedish(dice, extra_day=60)
    prefix = century if dice.chance(0.5) else ""
    return personnummer(f"{prefix}{digits[:6]}-{digits[6:]}", "samordningsnummer")


def se_interim(dice: Dice) -> Value:
    """Return an interim number: a letter, counted as 1, in place of the first serial digit."""
    digits = f"{birth(dice):%y%m%d}"
    serial = f"{dice.between(10, 99)}"
    check = luhn_digit(f"{digits}1{serial}")
    return personnummer(f"{digits}-{dice.pick('TRSUWX')}{serial}{check}", "interimsnummer")


def se_reserve(dice: Dice) -> Value:
    """Return one of the published examples of a regional or national reserve number."""
    return personnummer(dice.pick(RESERVE), "reservnummer")


def fi_hetu(dice: Dice) -> Value:
    """Return a Finnish code with an individual number kept for temporary use.

    The code has a letter somewhere: without one it has the shape of a Swedish number.
    """
    while True:
        day = birth(dice)
        sign = dice.pick("-YXWVU") if day.year < 2000 else dice.pick("ABCDEF")  # noqa: PLR2004
        digits = f"{day:%d%m%y}{dice.between(900, 999)}"
        check = hetu_sign(digits)
        if sign != "-" or check.isalpha():
            text = f"{digits[:6]}{sign}{digits[6:]}{check}"
            return Value("fi-hetu", text, attributes={"temporary": True})


def hetu_published(dice: Dice) -> Value:
    """Return a code that the Finnish authority or a public test suite has printed."""
    text = dice.pick(HETU_PUBLISHED)
    return Value("fi-hetu", text, attributes={"temporary": True} if text[7] == "9" else {})


def long_wrong_check(dice: Dice) -> Value:
    """Return what looks like a Swedish number but has the wrong check digit."""
    while True:
        digits = swedish(dice)[1]
        if digits[0] == "0":  # would be the trunk prefix of a telephone number
            continue
        wrong = f"{digits[:-1]}{(int(digits[-1]) + dice.between(1, 9)) % 10}"
        if not reads_as_hetu(wrong):
            text = f"{wrong[:6]}-{wrong[6:]}"
            return Value("long-number", text, attributes={"digits": 10, "grouped": True})


def se_wrong(dice: Dice) -> Value:
    """Return a Swedish number with a slip in its last digit."""
    return replace(long_wrong_check(dice), detector="se-personnummer", attributes={"check": "fail"})


NUMBERS: dict[str, Callable[[Dice], Value]] = {
    "se-10": se_spelled("-"),
    "se-10-bare": se_spelled(""),
    "se-10-space": se_spelled(" "),
    "se-10-dash": se_dash,
    "se-12": se_twelve("-"),
    "se-12-bare": se_twelve(""),
    "se-100": se_hundred,
    "se-coordination": se_coordination,
    "se-interim": se_interim,
    "se-reserve": se_reserve,
    "fi-hetu": fi_hetu,
    "fi-hetu-published": hetu_published,
    "long-wrong-check": long_wrong_check,
    "se-wrong": se_wrong,
}
