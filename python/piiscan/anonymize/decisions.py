"""What a policy decides, in the form that the core carries out.

A promise with the action anonymize, erase or encrypt becomes a rule; a channel says which rules
count for its messages and which fields stay. With the instants before which messages are due,
rules count for those messages only, and `erase` takes messages out; without, every finding of
every such promise is replaced: that makes a working copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from piiscan.anonymize.operators import OPERATORS
from piiscan.findings import MEDIUM, Catalog
from piiscan.holds import Hold
from piiscan.policy import Channel, LoadedPolicy, Match, Promise, covers, name_fits, place_globs
from piiscan.policy.labels import label
from piiscan.policy.model import Operator

__all__ = ["CLOCKED", "UNREAD", "decisions", "needs_key", "rules"]

CLOCKED = ("anonymize", "encrypt", "erase")  # actions that change messages
TIMES = {"sent": "sent", "contact": "sent", "closed": "closed", "contract_end": "closed"}
DATES = ("date-of-birth",)  # detectors whose values are dates
REMOVED = {"sv": "borttagen", "fi": "poistettu", "en": "removed"}  # before the domain of an address
UNREAD = {  # in place of a part that nobody can read
    "sv": "[olasbar del borttagen]",
    "fi": "[lukukelvoton osa poistettu]",
    "en": "[unreadable part removed]",
}
# Fields that tell how the rest of a mail is to be read; a message that is emptied keeps its form.
STRUCTURE = (
    "/**/mime-version", "/**/content-type", "/**/content-disposition",
    "/**/content-transfer-encoding", "/**/content-length",
)  # fmt: skip
EVERYTHING = Channel(name="*", match=Match())


def rules(policy: LoadedPolicy) -> list[Promise]:
    """Return the promises that are rules, in the order of the policy; rules are counted by it."""
    return [promise for promise in policy.policy.promise if promise.action in CLOCKED]


def needs_key(
    policy: LoadedPolicy, catalog: Catalog, given: Mapping[str, Operator] | None = None
) -> bool:
    """Return whether an operator that may be carried out needs a key.

    Args:
        policy: With its operators.
        catalog: Of the scanner.
        given: Operators in place of the policy's.

    """
    may_be = (
        policy.operator_of(detector, category)
        for detector, (category, _) in catalog.items()
        if any(covers(promise, detector, category) for promise in rules(policy))
    )
    return any(
        OPERATORS[operator.op].needs_key for operator in chain((given or {}).values(), may_be)
    )


def decisions(
    policy: LoadedPolicy,
    catalog: Catalog,
    *,
    holds: Iterable[Hold] = (),
    due: Mapping[str, int] | None = None,
    now_ms: int | None = None,
    people: Sequence[str] | None = None,
    operators: Mapping[str, Operator] | None = None,
    again: bool = False,
) -> dict[str, object]:
    """Return what the core carries out.

    Args:
        policy: Whose promises are kept.
        catalog: Detectors of the scanner with their categories.
        holds: What stays.
        due: Promise -> instant in milliseconds before which messages are due; a promise that is not
            there is due at once. None for a working copy.
        now_ms: Times after it are no times.
        people: Fingerprints, 32 hexadecimal digits each: messages that hold one of them are taken
            out, and nothing else is changed.
        operators: Detector or category -> operator that goes before those of the policy.
        again: The archive was treated before: dates that were moved are not moved again.

    """
    if people is None:
        made = [_rule(promise, catalog, due, now_ms) for promise in rules(policy)]
    else:
        made = [_person(people, catalog)]
    channels = policy.policy.channel or [EVERYTHING]
    if people is not None:
        channels = [*channels, EVERYTHING]
    return {
        "channels": [
            _channel(policy, channel, glob, made, everything=people is not None)
            for channel in channels
            for glob in place_globs(channel.match.path)
        ],
        "rules": made,
        "operators": {
            detector: _operator(policy, detector, category, operators or {})
            for detector, (category, _) in catalog.items()
        },
        "holds": [spec for hold in holds for spec in hold.specs()],
        "mask": policy.policy.mask,
        "minimum": MEDIUM,
        "again": again,
        "removed": REMOVED.get(policy.language, REMOVED["en"]),
    }


def _rule(
    promise: Promise, catalog: Catalog, due: Mapping[str, int] | None, now_ms: int | None
) -> dict[str, object]:
    rule: dict[str, object] = {
        "detectors": [
            detector
            for detector, (category, _) in catalog.items()
            if covers(promise, detector, category)
        ],
        "readings": promise.readings,
        "offices": promise.offices,
        "fields": promise.fields,
        "action": "erase" if due is not None and promise.action == "erase" else "replace",
    }
    if due is not None and promise.id in due:
        rule |= {"clock": TIMES[promise.clock], "before": due[promise.id], "now": now_ms}
    return rule


def _person(people: Sequence[str], catalog: Catalog) -> dict[str, object]:
    return {
        "detectors": list(catalog),
        "readings": ["personal", "topical"],
        "offices": True,
        "fields": ["*"],
        "action": "erase",
        "people": list(people),
    }


def _channel(
    policy: LoadedPolicy,
    channel: Channel,
    glob: str,
    made: Sequence[Mapping[str, object]],
    *,
    everything: bool,
) -> dict[str, object]:
    own = [0]
    if not everything:
        own = [
            at
            for at, promise in enumerate(rules(policy))
            if channel is EVERYTHING or name_fits(promise.channel, channel.name)
        ]
    match = channel.match
    erases = any(made[at]["action"] == "erase" for at in own)
    return {
        "name": channel.name,
        "path": glob,
        "profile": match.profile,
        "format": match.format,
        "channel": match.channel,
        "keep": [*channel.keep, *STRUCTURE] if channel.keep and erases else channel.keep,
        "rules": own,
    }


def _operator(
    policy: LoadedPolicy,
    detector: str,
    category: str,
    first: Mapping[str, Operator],
) -> dict[str, str]:
    asked = any(covers(promise, detector, category) for promise in rules(policy))
    given = next((first[glob] for glob in first if name_fits(glob, detector, category)), None)
    operator = given or (policy.operator_of(detector, category) if asked else Operator(op="label"))
    text = operator.label or label(detector, category, lang=policy.language)
    # A value that is no date has nothing to be moved by.
    op = "label" if operator.op == "shift_date" and detector not in DATES else operator.op
    return {"op": op, "label": text, "domain": operator.domain}
