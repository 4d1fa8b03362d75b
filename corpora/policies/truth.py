"""What must come out of an archive: message by message, then promise by promise.

Promises are read from the policies that ship, so that there is one place where they stand; what
they mean for a message is said here once more, in the plainest way.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from identity import Value

from policies.ledger import EARLIEST, Ledger, Message
from policies.periods import AT_ONCE, overdue_since

BUILTIN = Path(__file__).parents[2] / "python" / "piiscan" / "policy" / "builtin"
CATEGORIES = {
    "long-number": "number",
    "se-personnummer": "identity-number",
    "fi-hetu": "identity-number",
    "no-fodselsnummer": "identity-number",
    "iban": "financial",
    "payment-card": "financial",
    "email": "contact",
    "phone": "contact",
    "ip-address": "online-identifier",
    "profile-url": "online-identifier",
    "person-name": "person",
    "street-address": "address",
}
SENSITIVE = {"health", "gender", "sexual-orientation", "political-opinion", "threat"}
NATIONAL = 10  # digits of a telephone number without its country, at most
STATES = ("overdue", "due", "held", "undetermined")
WITHOUT_CLOCK = {"keep": "kept", "manual": "undecidable"}


def rules_of(name: str) -> list[dict[str, Any]]:
    """Return the promises of a policy."""
    with (BUILTIN / f"{name}.toml").open("rb") as file:
        promises: list[dict[str, Any]] = tomllib.load(file)["promise"]
    return promises


def is_of_office(value: Value) -> bool:
    """Tell whether a value is an address or number of an office, and so nobody's own."""
    is_exchange = value.detector == "phone" and value.text.startswith("029")  # of Finnish agencies
    return is_exchange or bool(value.attributes.get("role_mailbox"))


def covers(rule: Mapping[str, Any], field: str, value: Value) -> bool:
    """Tell whether a promise is about a value in a field."""
    names = (value.detector, CATEGORIES.get(value.detector, value.detector))

    def fits(globs: Iterable[str]) -> bool:
        wanted = (glob for glob in globs if glob != "*" or value.detector != "gender")
        return any(fnmatchcase(name, glob) for glob in wanted for name in names)

    if is_of_office(value) and not rule.get("offices"):
        return False
    in_field = any(fnmatchcase(field, glob) for glob in rule.get("fields", ["*"]))
    return fits(rule.get("find", ["*"])) and not fits(rule.get("spare", [])) and in_field


def canonical(value: Value) -> str:
    """Return a value in the one spelling that stands for all of its spellings."""
    text = value.text.casefold()
    if value.detector == "phone":
        digits = "".join(sign for sign in text.replace("(0)", "") if sign.isdigit())
        for country in ("0046", "00358", "46", "358"):
            if digits.startswith(country) and len(digits) > NATIONAL:
                return "0" + digits.removeprefix(country)
        return digits
    if value.detector == "email":
        return re.sub(r"\s*(\(at\)|\[at\]|\{at\}|\(ät\))\s*", "@", text)
    if value.detector == "se-personnummer":
        return "".join(sign for sign in text if sign.isdigit())[-10:]
    return text


def state_of(rule: Mapping[str, Any], message: Message, ledger: Ledger) -> str:
    """Return what a promise says of a message: one of `STATES`, or nothing."""
    is_met = any(covers(rule, field, value) for field, value in message.planted)
    if rule["action"] == "erase":
        is_met = not message.is_empty
    if not is_met:
        return ""
    moment, ages, period = message.slot.moment, ledger.ages, rule.get("within", AT_ONCE)
    is_known = moment is not None and EARLIEST <= moment <= ages.now
    is_over = moment is not None and is_known and ages.is_over(moment, period)
    if rule["action"] == "never" or period == AT_ONCE or is_over:
        return "held" if message.is_held else "overdue"
    return "due" if is_known else "undetermined"


def verdict(rule: Mapping[str, Any], ledger: Ledger) -> dict[str, object]:
    """Return what a promise is worth, with the places of the messages in each state."""
    glob = rule.get("channel", "*")
    if rule["action"] in WITHOUT_CLOCK:
        return {"verdict": WITHOUT_CLOCK[rule["action"]]}
    places: dict[str, list[int]] = {state: [] for state in STATES}
    count = 0
    for place, message in enumerate(ledger.messages):
        if fnmatchcase(message.channel, glob):
            count += 1
            if state := state_of(rule, message, ledger):
                places[state].append(place)
    overdue = [ledger.messages[place] for place in places["overdue"]]
    people = {
        (value.detector, canonical(value))
        for message in overdue
        for field, value in message.planted
        if covers(rule, field, value) and value.detector not in SENSITIVE
    }
    late = [message.slot.moment for message in overdue if message.slot.moment]
    worth = "broken" if places["overdue"] else "undecidable" if places["undetermined"] else "kept"
    result: dict[str, object] = {"verdict": worth, "messages": count, "people": len(people)}
    result |= {state: len(numbers) for state, numbers in places.items()}
    if late:
        zone, period = ledger.ages.zone, rule.get("within", AT_ONCE)
        result["oldest"] = min(late).astimezone(zone).date().isoformat()
        since = min(overdue_since(moment, period, zone) for moment in late)
        result["overdue_since"] = since.isoformat().replace("+00:00", "Z")
    return result | {"places": places}


def described(message: Message) -> dict[str, object]:
    """Return a message for the file."""
    moment = message.slot.moment
    values = [
        {"field": field, "detector": value.detector, "value": value.text}
        for field, value in message.planted
    ]
    return {
        "file": message.file,
        "record": message.record,
        "key": message.key,
        "channel": message.channel,
        "state": message.slot.state,
        "clock": moment.isoformat() if moment else None,
        "held": message.is_held,
        "empty": message.is_empty,
        "values": values,
        "statistics": dict(message.statistics),
    }


def truth(name: str, state: str, ledger: Ledger) -> dict[str, object]:
    """Return the truth about an archive, for a file."""
    return {
        "policy": name,
        "state": state,
        "now": ledger.ages.now.isoformat().replace("+00:00", "Z"),
        "zone": str(ledger.ages.zone),
        "opaque": ledger.opaque,
        "promises": {rule["id"]: verdict(rule, ledger) for rule in rules_of(name)},
        "messages": [described(message) for message in ledger.messages],
    }
