"""Streets of towns that do not exist, and days on which nobody in particular was born."""

from collections.abc import Callable

from clock import MONTH_NAMES
from dice import Dice
from identity import Value, birth

SE_STREETS = (
    "Ekuddsvägen",
    "Storgatan",
    "Björkstigen",
    "Norra Kvarngatan",
    "Tallmovägen",
    "Hamngatan",
    "Östra Vägen",
    "Lilla Torggränd",
    "Sankt Olofsgatan",
    "Lingonbacken",
)
FI_STREETS = ("Rantakatu", "Kivirannantie", "Koulukuja", "Iso Kirkkokatu", "Myllypolku", "Torikatu")
SE_TOWNS = ("Norrvik", "Ekudden", "Sandhamra", "Kvarnsjö")
FI_TOWNS = ("Kiviranta", "Koivuniemi", "Lehtola")
DOORS = ("", "", "", " B", "b", ", lgh 1102", ", 2 tr")
FI_DOORS = ("", "", " A", " B 12", " as. 5")


def se_street(dice: Dice) -> Value:
    """Return a street, a number and at times a door."""
    text = f"{dice.pick(SE_STREETS)} {dice.between(1, 99)}{dice.pick(DOORS)}"
    return Value("street-address", text)


def se_street_name(dice: Dice) -> Value:
    """Return a street alone."""
    return Value("street-address", dice.pick(SE_STREETS))


def se_postcode(dice: Dice) -> str:
    """Return a postcode beyond those in use, and a town."""
    return f"99{dice.between(0, 9)} {dice.between(10, 99)} {dice.pick(SE_TOWNS)}"


def se_address(dice: Dice) -> Value:
    """Return a whole address."""
    return Value("street-address", f"{se_street(dice).text}, {se_postcode(dice)}")


def se_town(dice: Dice) -> Value:
    """Return a postcode and a town, or a box before them."""
    box = f"Box {dice.between(1, 999)}, " if dice.chance(0.5) else ""
    return Value("street-address", box + se_postcode(dice))


def fi_street(dice: Dice) -> Value:
    """Return a Finnish street, a number and at times a door."""
    text = f"{dice.pick(FI_STREETS)} {dice.between(1, 60)}{dice.pick(FI_DOORS)}"
    return Value("street-address", text)


def fi_address(dice: Dice) -> Value:
    """Return a whole Finnish address."""
    return Value("street-address", f"{fi_street(dice).text}, {fi_postcode(dice)}")


def fi_postcode(dice: Dice) -> str:
    """Return a postcode and a town that does not exist."""
    return f"9999{dice.below(10)} {dice.pick(FI_TOWNS)}"


def fi_town(dice: Dice) -> Value:
    """Return a postcode and a town, or a box before them."""
    box = f"PL {dice.between(1, 999)}, " if dice.chance(0.5) else ""
    return Value("street-address", box + fi_postcode(dice))


def born(language: str) -> Callable[[Dice], Value]:
    """Return a maker of full dates as people of this language write them."""

    def make(dice: Dice) -> Value:
        day = birth(dice)
        name = MONTH_NAMES[language][day.month - 1]
        forms = {
            "sv": (f"{day}", f"{day.day} {name} {day.year}", f"{day:%Y%m%d}"),
            "fi": (f"{day.day}.{day.month}.{day.year}", f"{day.day}. {name} {day.year}"),
            "en": (f"{day.day} {name} {day.year}", f"{name} {day.day}, {day.year}", f"{day}"),
        }
        return Value("date-of-birth", dice.pick(forms[language]))

    return make


def born_short(dice: Dice) -> Value:
    """Return a date without its century."""
    day = birth(dice)
    text = dice.pick((f"{day:%y%m%d}", f"{day.day}/{day.month} -{day:%y}"))
    return Value("date-of-birth", text)


def aged(forms: tuple[str, ...]) -> Callable[[Dice], Value]:
    """Return a maker of ages from 6 to 97."""

    def make(dice: Dice) -> Value:
        text = dice.pick(forms).format(dice.between(6, 97))
        return Value("date-of-birth", text, attributes={"kind": "age"})

    return make


PEOPLE: dict[str, Callable[[Dice], Value]] = {
    "street-sv": se_street,
    "street-name": se_street_name,
    "address-sv": se_address,
    "town-sv": se_town,
    "street-fi": fi_street,
    "address-fi": fi_address,
    "town-fi": fi_town,
    "born-sv": born("sv"),
    "born-fi": born("fi"),
    "born-en": born("en"),
    "born-short": born_short,
    "age-sv": aged(("{} år gammal", "{}-åring")),
    "age-fi": aged(("{}-vuotias",)),
    "age-en": aged(("{} years old",)),
}
