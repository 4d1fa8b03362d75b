"""What must come out of an archive: message by message, then promise by promise.

Promises are read from the policies that ship, so that there is one place where they stand; what
they mean for a message is said here once more, in the plainest way.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from identity import Value

from policies.ledger import EARLIEST, Ledger, Message
from policies.periods import overdue_since

BUILTIN = Path(__file__).parents[2] / "python" / "piiscan" / "policy" / "builtin"
CATEGORIES = {
    "long-number": "number",
    "se-personnummer": "identity-number",
    "fi-hetu": "identity-number",
    "no-fodselsnummer": "identity-number",
    "email": "contact",
    "phone": "contact",
    "ip-address": "online-identifier",
    "profile-url": "online-identifier",
    "person-name": "person",
    "street-address": "address",
}
STATES = ("overdue", "due", "held", "undetermined")
WITHOUT_CLOCK = {"keep": "kept", "manual": "undecidable"}


def rules_of(name: str) -> list[dict[str, Any]]:
    """Return the promises of a policy."""
    with (BUILTIN / f"{name}.toml").open("rb") as file:
        promises: list[dict[str, Any]] = tomllib.load(file)["promise"]
    return promises


def covers(rule: Mapping[str, Any], field: str, value: Value) -> bool:
    """Tell whether a promise is about a value in a field."""
    names = (value.detector, CATEGORIES.get(value.detector, value.detector))

    def fits(globs: Iterable[str]) -> bool:
        wanted = (glob for glob in globs if glob != "*" or value.detector != "gender")
        return any(fnmatchcase(name, glob) for glob in wanted for name in names)

    if value.attributes.get("role_mailbox") and not rule.get("offices"):
        return False  # an address of an office is nobody's
    in_field = any(fnmatchcase(field, glob) for glob in rule.get("fields", ["*"]))
    return fits(rule.get("find", ["*"])) and not fits(rule.get("spare", [])) and in_field


def state_of(rule: Mapping[str, Any], message: Message, ledger: Ledger) -> str:
    """Return what a promise says of a message: one of `STATES`, or nothing."""
    is_met = any(covers(rule, field, value) for field, value in message.planted)
    if rule["action"] == "erase":
        is_met = not message.is_empty
    moment, ages = message.slot.moment, ledger.ages
    if not is_met:
        return ""
    if message.is_held:
        return "held"
    if rule["action"] == "never":
        return "overdue"
    if moment is None or not EARLIEST <= moment <= ages.now:
        return "undetermined"
    return "overdue" if ages.is_over(moment, rule.get("within", "P0D")) else "due"


def verdict(rule: Mapping[str, Any], ledger: Ledger) -> dict[str, object]:
    """Return what a promise is worth, with the places of the messages in each state."""
    glob = rule.get("channel", "*")
    if rule["action"] in WITHOUT_CLOCK:
        return {"verdict": WITHOUT_CLOCK[rule["action"]]}
    places: dict[str, list[int]] = {state: [] for state in STATES}
    late: list[dt.datetime] = []
    values: set[str] = set()
    count = 0
    for place, message in enumerate(ledger.messages):
        if not fnmatchcase(message.channel, glob):
            continue
        count += 1
        state = state_of(rule, message, ledger)
        if state:
            places[state].append(place)
        if state == "overdue" and message.slot.moment:
            late.append(message.slot.moment)
        if state == "overdue":
            found = [value for field, value in message.planted if covers(rule, field, value)]
            values.update(f"{value.detector} {value.text}" for value in found)
    worth = "broken" if places["overdue"] else "undecidable" if places["undetermined"] else "kept"
    result: dict[str, object] = {"verdict": worth, "messages": count, "values": len(values)}
    result |= {state: len(numbers) for state, numbers in places.items()}
    if late:
        zone, period = ledger.ages.zone, rule.get("within", "P0D")
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
