"""Accounts, documents, vehicles, property, cases and profiles: invented, or published examples.

Passports, plates and designations have no check digit. Plates have the letters that are kept out of
Swedish traffic (APA, DUM, ...); properties lie in places that do not exist; profiles are those of
"exempel".
"""

from collections.abc import Callable

from dice import Dice
from identity import Value

BANK_ACCOUNTS = (
    "6789123456789",
    "6789 123 456 789",
    "8424-4,983 189 224-6",
    "8351-9,392 242 224-5",
    "9071-4172383",
    "97891111113",
)
BANKGIRO = ("5402-9681", "297-3675", "640-5070", "160-9908", "902-0033")
PLUSGIRO = ("28 65 43-4", "410 54 68-5", "4-2", "90 20 03-3", "286543-4")
NOT_IN_TRAFFIC = ("APA", "DUM", "FEG", "GAM", "LAM", "MLB", "SUR", "UFO", "ZUP")
LAST_SIGNS = "ABCDEFGHJKLMNPRSTUWXYZ"
PLACES = ("Ekudden", "Sandhamra", "Norra Tallmon", "Kvarnsjö", "Älvdala", "Södra Udden")
REGISTRIES = ("KS", "BUN", "MBN", "SBN", "VON", "KFN")
FINNISH_REGISTRIES = ("VM", "EOAK", "OKM")
HANDLES = ("anna.exempel", "bo.exempel", "kim.exempel", "exempel.alma", "liisa.exempel")
TICKS = 10**5  # numbers of one registry, with room


def picked(detector: str, texts: tuple[str, ...]) -> Callable[[Dice], Value]:
    """Return a maker that takes one of the published examples."""

    def make(dice: Dice) -> Value:
        return Value(detector, dice.pick(texts))

    return make


def mac_address(dice: Dice) -> Value:
    """Return an address of an interface that is kept for documentation (RFC 9542)."""
    last = f"{dice.below(256):02x}"
    text = dice.pick(("00:00:5e:00:53:{}", "00-00-5E-00-53-{}", "0000.5e00.53{}")).format(last)
    return Value("mac-address", text.upper() if "E" in text else text)


def se_passport(dice: Dice) -> Value:
    """Return eight digits that begin like no year."""
    return Value("passport", f"9{dice.digits(7)}", attributes={"kind": "passport"})


def fi_passport(dice: Dice) -> Value:
    """Return two letters and seven digits."""
    return Value("passport", f"XX{dice.digits(7)}", attributes={"kind": "passport"})


def id_card(dice: Dice) -> Value:
    """Return the number of an identity card in the Swedish shape."""
    return Value("passport", f"9{dice.digits(7)}", attributes={"kind": "id-card"})


def se_plate(dice: Dice) -> Value:
    """Return a plate of letters that no car has."""
    last = dice.pick(LAST_SIGNS) if dice.chance(0.4) else str(dice.below(10))
    space = " " if dice.chance(0.6) else ""
    return Value("vehicle-plate", f"{dice.pick(NOT_IN_TRAFFIC)}{space}{dice.digits(2)}{last}")


def fi_plate(dice: Dice) -> Value:
    """Return a Finnish plate."""
    return Value("vehicle-plate", f"{dice.pick(('XYZ', 'ÅÄÖ', 'QWQ'))}-{dice.between(1, 999)}")


def property_designation(dice: Dice) -> Value:
    """Return a block and a unit in a place that does not exist."""
    unit = f"{dice.between(1, 40)}:{dice.between(1, 300)}"
    return Value("property-designation", f"Norrvik {dice.pick(PLACES)} {unit}")


def case_number(dice: Dice) -> Value:
    """Return the number that a registry gives."""
    form = dice.pick(("{} {}/{}", "{}/{}/{}", "{} {}:{}", "{}-{}-{}"))
    year, number = dice.between(2015, 2025), dice.between(10, 9999)
    return Value("case-number", form.format(dice.pick(REGISTRIES), year, number))


def case_bare(dice: Dice) -> Value:
    """Return a number that says of a case only beside its word."""
    return Value("case-number", f"{dice.between(2015, 2025)}-{dice.between(1000, TICKS)}")


def case_fi(dice: Dice) -> Value:
    """Return a Finnish number: registry, number, class, year."""
    tail = dice.pick(("{}/{}", "{}/03.01.01/{}"))
    number = tail.format(dice.between(100, 9999), dice.between(2015, 2025))
    return Value("case-number", f"{dice.pick(FINNISH_REGISTRIES)}/{number}")


def case_police(dice: Dice) -> Value:
    """Return the number of a report to the police."""
    year = dice.between(15, 25)
    return Value("case-number", f"5000-K{dice.digits(6)}-{year}", attributes={"kind": "police"})


def profile(dice: Dice) -> Value:
    """Return a page of nobody in a social network."""
    handle, number = dice.pick(HANDLES), dice.between(10, 99)
    kind, text = dice.pick(
        (
            ("facebook", f"https://www.facebook.com/{handle}.{number}"),
            ("facebook", f"facebook.com/{handle}"),
            ("facebook", f"https://www.facebook.com/profile.php?id=9999999999999{number}"),
            ("instagram", f"https://www.instagram.com/{handle}{number}/"),
            ("x", f"https://x.com/exempel_{number}"),
            ("linkedin", f"https://www.linkedin.com/in/{handle.replace('.', '-')}-{number}"),
            ("tiktok", f"https://www.tiktok.com/@{handle}"),
        )
    )
    return Value("profile-url", text, attributes={"kind": kind})


DOCUMENTS: dict[str, Callable[[Dice], Value]] = {
    "bank-account": picked("se-bank-account", BANK_ACCOUNTS),
    "bankgiro": picked("se-bankgiro", BANKGIRO),
    "plusgiro": picked("se-plusgiro", PLUSGIRO),
    "mac": mac_address,
    "passport-se": se_passport,
    "passport-fi": fi_passport,
    "id-card": id_card,
    "plate-se": se_plate,
    "plate-fi": fi_plate,
    "property": property_designation,
    "case": case_number,
    "case-bare": case_bare,
    "case-fi": case_fi,
    "case-police": case_police,
    "profile": profile,
}
