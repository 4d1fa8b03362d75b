"""What must come out of an archive: message by message, then promise by promise.

Promises are read from the policies that ship, so that there is one place where they stand; what
they mean for a message is said here once more, in the plainest way.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
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
GROUPED = {"iban", "payment-card", "long-number"}
NATIONAL = 10  # digits of a telephone number without its country, at most
STATES = ("overdue", "due", "held", "undetermined")


Table = Mapping[str, Any]


def policy_of(name: str) -> Table:
    """Return a policy that ships."""
    with (BUILTIN / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def category_of(value: Value) -> str:
    """Return the category of a value; sensitive ones are their own."""
    return CATEGORIES.get(value.detector, value.detector)


def is_of_office(value: Value) -> bool:
    """Tell whether a value is an address or number of an office, and so nobody's own."""
    is_exchange = value.detector == "phone" and value.text.startswith("029")  # of Finnish agencies
    return is_exchange or bool(value.attributes.get("role_mailbox"))


def reading_of(value: Value) -> object:
    """Return whether a value is about a person or about a theme."""
    return value.attributes.get("reading", "personal")


def covers(rule: Table, field: str, value: Value) -> bool:
    """Tell whether a promise is about a value in a field."""
    names = (value.detector, category_of(value))

    def fits(globs: Iterable[str]) -> bool:
        wanted = (glob for glob in globs if glob != "*" or value.detector != "gender")
        return any(fnmatchcase(name, glob) for glob in wanted for name in names)

    if is_of_office(value) and not rule.get("offices"):
        return False
    if reading_of(value) not in rule.get("readings", ["personal"]):
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
    return text.replace(" ", "") if value.detector in GROUPED else text


def state_of(rule: Table, message: Message, ledger: Ledger) -> str:
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


def channels_of(rule: Table, policy: Table) -> list[Table]:
    """Return the channels that a promise is about."""
    glob = rule.get("channel", "*")
    return [channel for channel in policy["channel"] if fnmatchcase(channel["name"], glob)]


def verdict(rule: Table, policy: Table, ledger: Ledger) -> dict[str, object]:
    """Return what a promise is worth, with the places of the messages in each state."""
    if rule["action"] == "manual":
        return {"verdict": "undecidable"}
    channels = channels_of(rule, policy)
    names = {channel["name"] for channel in channels}
    if rule["action"] == "keep":
        kept = [name for channel in channels for name in channel.get("keep", [])]
        return {"verdict": worth_of_keeping(kept, names, policy, ledger)}
    places: dict[str, list[int]] = {state: [] for state in STATES}
    count = 0
    for place, message in enumerate(ledger.messages):
        if message.channel in names:
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
    # Of an address that is encrypted an archive does not say that nobody holds the key.
    is_unsure = places["undetermined"] or rule["action"] == "encrypt"
    worth = "broken" if overdue else "undecidable" if is_unsure else "kept"
    result: dict[str, object] = {"verdict": worth, "messages": count, "people": len(people)}
    result |= {state: len(numbers) for state, numbers in places.items()}
    if late:
        zone, period = ledger.ages.zone, rule.get("within", AT_ONCE)
        result["oldest"] = min(late).astimezone(zone).date().isoformat()
        since = min(overdue_since(moment, period, zone) for moment in late)
        result["overdue_since"] = since.isoformat().replace("+00:00", "Z")
    return result | {"places": places}


def worth_of_keeping(
    kept: Iterable[str], names: Collection[str], policy: Table, ledger: Ledger
) -> str:
    """Return what a promise is worth that some fields stay.

    Every message has to have a time; of a field that is known by its name alone nobody can tell.
    """
    globs = set(kept)
    by_event = {
        channel["name"]
        for rule in policy["promise"]
        if rule.get("clock", "sent") in {"sent", "contact"} and "within" in rule
        for channel in channels_of(rule, policy)
    }
    lacks_time = any(
        not message.slot.moment and not message.slot.bad_time
        for message in ledger.messages
        if message.channel in by_event.intersection(names)
    )
    if "time" in globs and lacks_time:
        return "broken"
    return "undecidable" if any(glob.startswith("/") for glob in globs) else "kept"


def undeclared(policy: Table, ledger: Ledger) -> dict[str, dict[str, int]]:
    """Return how often a channel holds what its notice does not speak of, by category."""
    found: dict[str, dict[str, int]] = {}
    for channel in policy["channel"]:
        declared = {*channel.get("declared", []), *channel.get("grounds", {})}
        categories = Counter(
            category_of(value)
            for message in ledger.messages
            if message.channel == channel["name"]
            for _, value in message.planted
            if not is_of_office(value) and reading_of(value) == "personal"
            if declared.isdisjoint((value.detector, category_of(value)))
        )
        if "declared" in channel and categories:
            found[channel["name"]] = dict(sorted(categories.items()))
    return found


def described(message: Message) -> dict[str, object]:
    """Return a message for the file."""
    moment = message.slot.moment
    values = [
        {"field": field, "detector": value.detector, "value": value.text}
        | ({"office": True} if is_of_office(value) else {})
        | ({} if reading_of(value) == "personal" else {"reading": reading_of(value)})
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
    policy = policy_of(name)
    return {
        "policy": name,
        "state": state,
        "now": ledger.ages.now.isoformat().replace("+00:00", "Z"),
        "zone": str(ledger.ages.zone),
        "opaque": ledger.opaque,
        "promises": {rule["id"]: verdict(rule, policy, ledger) for rule in policy["promise"]},
        "undeclared": undeclared(policy, ledger),
        "messages": [described(message) for message in ledger.messages],
    }
