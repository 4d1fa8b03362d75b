"""Makers of synthetic findings: addresses, telephones, networks, accounts and plain numbers.

Each maker of `FORMS` returns one `Value`. Telephone numbers are those that the authorities keep
for fiction, the example numbers of the numbering plans or numbers that begin with zeros; networks
are the documentation ranges; accounts and cards are published examples.
"""

from collections.abc import Callable

from dice import Dice
from documents import DOCUMENTS
from identity import NUMBERS, Value
from nordic import NEIGHBORS
from people import PEOPLE

DOMAINS = (
    "example.com",
    "example.org",
    "example.net",
    "post.example.com",
    "mejl.example.org",
    "norrvik.example",
    "posti.invalid",
)
PUBLIC_DOMAINS = ("example.com", "example.org", "example.net")
ROLES = ("info", "registrator", "kirjaamo", "support", "kundtjanst", "palaute")
LOCAL_PARTS = (
    "alma",
    "nils",
    "signe",
    "edvin",
    "tyra",
    "axel",
    "aino",
    "eino",
    "helmi",
    "veikko",
    "saimi",
    "emma",
    "oliver",
    "ruth",
)
LOCAL_TAILS = (
    "lindqvist",
    "sundberg",
    "hedlund",
    "norrgren",
    "sjoqvist",
    "jarvela",
    "hakala",
    "peltola",
    "ashworth",
    "hartley",
    "penrose",
)
IBANS = (
    "SE4550000000058398257466",
    "FI2112345600000785",
    "NO9386011117947",
    "DK5000400440116243",
    "DE89370400440532013000",
    "GB82WEST12345698765432",
)
CARDS = (
    "4111111111111111",
    "4012888888881881",
    "5555555555554444",
    "3530111333300000",
    "6011111111111117",
)
ABROAD = ("+44 20 7946 0{}", "+1 202 555 01{}")
PLAN_EXAMPLES = (
    "+47 21 23 45 67",
    "+47 406 12 345",
    "+45 32 12 34 56",
    "+45 34412345",
    "+354 410 1234",
    "+354 611 1234",
)
SE_LANDLINES = (
    "08-465 004 {}",
    "031-390 06 {}",
    "040-628 04 {}",
    "0980-31 92 {}",
    "(08) 465 004 {}",
)
SE_GROUPED = (
    "070-174 {} {}",
    "070 174 {} {}",
    "070\N{EN DASH}174 {} {}",
    "(070) 174 {} {}",
    "070/174 {} {}",
    "070.174.{}.{}",
)
SE_MOBILE = (*SE_GROUPED, "070-174{}{}", "070174{}{}")
SE_E164 = (
    "+46 70 174 {} {}",
    "+4670174{}{}",
    "+46 (0)70 174 {} {}",
    "0046 70 174 {} {}",
    "00 46 70 174 {} {}",
    "+46-70-174 {} {}",
)
FI_PHONES = ("050 000 00{}", "050-00000{}", "(050) 000 00{}", "029 000 00{}", "0500000 0{}")
FI_E164 = ("+358 50 000 00{}", "+3585000000{}", "+358 (0)50 000 00{}", "+358-50-000 00{}")


def local_part(dice: Dice) -> str:
    """Return what stands before the sign in an e-mail address."""
    first, last = dice.pick(LOCAL_PARTS), dice.pick(LOCAL_TAILS)
    return f"{first}.{last}{dice.between(2, 99) if dice.chance(0.6) else ''}"


def email_plain(dice: Dice) -> Value:
    """Return an ordinary address of a person."""
    return Value("email", f"{local_part(dice)}@{dice.pick(DOMAINS)}")


def email_role(dice: Dice) -> Value:
    """Return the address of an office."""
    return Value(
        "email", f"{dice.pick(ROLES)}@{dice.pick(DOMAINS)}", attributes={"role_mailbox": True}
    )


def email_spelled(at_words: tuple[str, ...], dots: tuple[str, ...]) -> Callable[[Dice], Value]:
    """Return a maker of addresses whose sign and last dot are written in these ways."""

    def make(dice: Dice) -> Value:
        host, _, top = dice.pick(PUBLIC_DOMAINS).partition(".")
        local = f"{dice.pick(LOCAL_PARTS)}.{dice.pick(LOCAL_TAILS)}"
        text = f"{local}{dice.pick(at_words)}{host}{dice.pick(dots)}{top}"
        return Value("email", text, attributes={"obfuscated": True})

    return make


def phone(forms: tuple[str, ...]) -> Callable[[Dice], Value]:
    """Return a maker of numbers with one open place of two digits, 10-99."""

    def make(dice: Dice) -> Value:
        return Value("phone", dice.pick(forms).format(dice.between(10, 99)))

    return make


def se_mobile(forms: tuple[str, ...]) -> Callable[[Dice], Value]:
    """Return a maker of mobile numbers from 070-174 06 05 to 070-174 06 99, kept for fiction."""

    def make(dice: Dice) -> Value:
        return Value("phone", dice.pick(forms).format("06", f"{dice.between(5, 99):02}"))

    return make


def phone_abroad(dice: Dice) -> Value:
    """Return a number of a neighbouring country or one that is kept for films."""
    if dice.chance(0.5):
        return Value("phone", dice.pick(PLAN_EXAMPLES))
    pattern = dice.pick(ABROAD)
    return Value("phone", pattern.format(dice.digits(3 if "7946" in pattern else 2)))


def phone_no(dice: Dice) -> Value:
    """Return an example number of the Norwegian numbering plan."""
    return Value("phone", dice.pick(PLAN_EXAMPLES[:2]))


def ip_v4(dice: Dice) -> Value:
    """Return an address of a network that is kept for documentation (RFC 5737)."""
    network = dice.pick(("192.0.2", "198.51.100", "203.0.113"))
    return Value(
        "ip-address", f"{network}.{dice.between(1, 254)}", attributes={"range": "documentation"}
    )


def ip_v6(dice: Dice) -> Value:
    """Return an address of the network that is kept for documentation (RFC 3849)."""
    groups = ":".join(f"{dice.between(1, 0xFFFF):x}" for _ in range(3))
    return Value(
        "ip-address",
        f"2001:db8:{groups}::{dice.between(1, 0xFFF):x}",
        attributes={"range": "documentation"},
    )


def grouped(text: str, size: int = 4) -> str:
    """Return `text` with a space after every `size` characters."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


def iban(dice: Dice) -> Value:
    """Return a published example account, as printed on paper or in one piece."""
    account = dice.pick(IBANS)
    return Value("iban", grouped(account) if dice.chance(0.5) else account)


def card_grouped(dice: Dice) -> Value:
    """Return a published test card in groups of four."""
    return Value("payment-card", grouped(dice.pick(CARDS)))


def card_bare(dice: Dice) -> Value:
    """Return a published test card in one piece; it needs its context."""
    return Value("payment-card", dice.pick(CARDS[:2]))


def long_bare(dice: Dice) -> Value:
    """Return a run of digits that is not a date, a telephone number or an organisation."""
    count = dice.between(7, 9)
    digits = f"{dice.between(3, 7)}{dice.digits(count - 1)}"
    return Value("long-number", digits, attributes={"digits": count})


def six_digits(dice: Dice) -> Value:
    """Return six digits, which are a long number only where more than five are."""
    return Value("long-number", f"{dice.between(3, 7)}{dice.digits(5)}", attributes={"digits": 6})


def long_grouped(dice: Dice) -> Value:
    """Return grouped digits that are no known kind of number."""
    text = dice.pick(("{} {} {}", "{}-{}-{}")).format(
        dice.between(310, 699), dice.digits(3), dice.digits(2)
    )
    return Value("long-number", text, attributes={"digits": 8, "grouped": True})


BRACKETS = ("(at)", "[at]", " [at] ", "{at}", "(ät)", " (at) ")
DOTS = (".", "[dot]", "(dot)")

FORMS: dict[str, Callable[[Dice], Value]] = {
    **NUMBERS,
    **NEIGHBORS,
    **DOCUMENTS,
    **PEOPLE,
    "email-plain": email_plain,
    "email-role": email_role,
    "email-bracketed": email_spelled(BRACKETS, DOTS),
    "email-worded-sv": email_spelled((" snabel-a ",), (".", " punkt ")),
    "email-worded-fi": email_spelled((" miukumauku ", " at-merkki "), (".", " piste ")),
    "email-worded-en": email_spelled((" at ",), (" dot ",)),
    "phone-se-mobile": se_mobile(SE_MOBILE),
    "phone-se-grouped": se_mobile(SE_GROUPED),
    "phone-se-landline": phone(SE_LANDLINES),
    "phone-se-e164": se_mobile(SE_E164),
    "phone-fi": phone(FI_PHONES),
    "phone-fi-e164": phone(FI_E164),
    "phone-abroad": phone_abroad,
    "phone-no": phone_no,
    "ip-v4": ip_v4,
    "ip-v6": ip_v6,
    "iban": iban,
    "card-grouped": card_grouped,
    "card-bare": card_bare,
    "long-bare": long_bare,
    "long-grouped": long_grouped,
    "six-digits": six_digits,
}
