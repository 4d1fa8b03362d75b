"""Identity and organization numbers of the other Nordic countries, and of companies.

No number of a living person: Norway: month + 80, which marks test persons (Skatteetaten); Denmark:
born 1858-1867, before anybody who lived when the register began; Iceland: born 1800-1849; Finland:
numbers from 90000000 on, which are not reached yet. Organizations: published examples, and numbers
beyond those that have been given out.
"""

from collections.abc import Callable, Sequence

from dice import Dice
from identity import Value, birth, hetu_sign, luhn_digit

SE_COMPANIES = (
    "212000-0142",
    "556036-0793",
    "232100-0016",
    "556000-4615",
    "857209-0606",
    "802005-1952",
    "212000-1355",
    "556703-7485",
)
NO_COMPANIES = ("988077917", "995525828", "965920358")
NO_H_NUMBER = "13527248013"
NO_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
NO_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
DK_CPR = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
DK_CVR = (2, 7, 6, 5, 4, 3, 2, 1)
IS_KENNITALA = (3, 2, 7, 6, 5, 4, 3, 2)
FI_Y_TUNNUS = (7, 9, 10, 5, 8, 4, 2)
TEN = 10  # the remainder that has no digit


def weighed(digits: str, weights: Sequence[int]) -> int:
    """Return the remainder by eleven of the weighted sum."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11


def check(digits: str, weights: Sequence[int]) -> int:
    """Return the check digit by eleven, or ten where there is none."""
    return -weighed(digits, weights) % 11


def no_number(dice: Dice, *, day: int = 0) -> str:
    """Return a Norwegian number of the test population, `day` added to the day."""
    while True:
        born = birth(dice)
        digits = f"{born.day + day:02}{born.month + 80}{born:%y}{dice.digits(3)}"
        first = check(digits, NO_FIRST)
        second = check(f"{digits}{first}", NO_SECOND) if first < TEN else TEN
        if second < TEN:
            return f"{digits}{first}{second}"


def no_person(dice: Dice) -> Value:
    """Return a synthetic Norwegian number as it is written."""
    digits = no_number(dice)
    text = dice.pick((digits, f"{digits[:6]} {digits[6:]}"))
    return Value("no-fodselsnummer", text, attributes={"kind": "fodselsnummer", "synthetic": True})


def no_temporary(dice: Dice) -> Value:
    """Return a D-number, which has forty added to the day, or the published H-number."""
    if dice.chance(0.2):
        return Value("no-fodselsnummer", NO_H_NUMBER, attributes={"kind": "h-nummer"})
    return Value("no-fodselsnummer", no_number(dice, day=40), attributes={"kind": "d-nummer"})


def no_company(dice: Dice) -> Value:
    """Return the published number of a Norwegian organization, alone or as a VAT number."""
    digits = dice.pick(NO_COMPANIES)
    grouped = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    return Value("no-organisasjonsnummer", dice.pick((digits, grouped, f"{digits}MVA")))


def dk_person(dice: Dice) -> Value:
    """Return a Danish number of somebody born long before the register."""
    while True:
        day, month, year = dice.between(1, 28), dice.between(1, 12), dice.between(58, 67)
        digits = f"{day:02}{month:02}{year}{dice.between(5, 8)}{dice.digits(3)}"
        if weighed(digits, DK_CPR) == 0:
            return Value("dk-cpr", f"{digits[:6]}-{digits[6:]}", attributes={"check": "pass"})


def dk_company(dice: Dice) -> Value:
    """Return a Danish company number, alone, in pairs or as a VAT number."""
    while True:
        digits = f"9{dice.digits(7)}"
        if weighed(digits, DK_CVR) == 0:
            pairs = " ".join(digits[at : at + 2] for at in range(0, 8, 2))
            return Value("dk-cvr", dice.pick((digits, pairs, f"DK{digits}")))


def is_person(dice: Dice) -> Value:
    """Return an Icelandic number of somebody born before 1850."""
    while True:
        day, month, year = dice.between(1, 28), dice.between(1, 12), dice.between(0, 49)
        digits = f"{day:02}{month:02}{year:02}{dice.between(20, 99)}"
        last = check(digits, IS_KENNITALA)
        if last < TEN:
            return Value("is-kennitala", f"{digits[:6]}-{digits[6:]}{last}8")


def fi_company(dice: Dice) -> Value:
    """Return a Finnish business id that is not given out yet."""
    while True:
        digits = f"9{dice.digits(6)}"
        last = check(digits, FI_Y_TUNNUS)
        if last < TEN:
            return Value("fi-y-tunnus", f"{digits}-{last}")


def fi_vat(dice: Dice) -> Value:
    """Return the same as a VAT number."""
    text = "FI" + fi_company(dice).text.replace("-", "")
    return Value("fi-y-tunnus", text, attributes={"kind": "vat"})


def fi_satu(dice: Dice) -> Value:
    """Return a Finnish electronic client identifier that is not given out yet."""
    while True:
        digits = f"9{dice.digits(7)}"
        if (sign := hetu_sign(digits)).isalpha():
            return Value("fi-satu", digits + sign)


def se_company(dice: Dice) -> Value:
    """Return the published number of a Swedish organization."""
    return Value("se-organisationsnummer", dice.pick(SE_COMPANIES))


def se_vat(dice: Dice) -> Value:
    """Return the same as a VAT number."""
    text = f"SE{dice.pick(SE_COMPANIES).replace('-', '')}01"
    return Value("se-organisationsnummer", text, attributes={"kind": "vat"})


def reference(dice: Dice) -> Value:
    """Return the reference of an invoice: it has the check digit of a person's number."""
    digits = f"{dice.between(3, 7)}{dice.digits(dice.between(8, 13))}"
    text = digits + luhn_digit(digits)
    return Value("long-number", text, attributes={"digits": len(text)})


NEIGHBORS: dict[str, Callable[[Dice], Value]] = {
    "no-person": no_person,
    "no-temporary": no_temporary,
    "no-company": no_company,
    "dk-person": dk_person,
    "dk-company": dk_company,
    "is-person": is_person,
    "fi-company": fi_company,
    "fi-vat": fi_vat,
    "fi-satu": fi_satu,
    "se-company": se_company,
    "se-vat": se_vat,
    "reference": reference,
}
