"""Portability (Art. 20): the person's messages as JSON, others masked."""

from collections.abc import Sequence

import msgspec

from piiscan.policy import LoadedPolicy
from piiscan.rights.access import Request
from piiscan.rights.copying import Copy
from piiscan.rights.finding import channel_name
from piiscan.rights.identifiers import Person
from piiscan.store import sent_text

__all__ = ["SCHEMA", "as_json"]

SCHEMA = 1


def as_json(
    request: Request,
    copies: Sequence[Copy],
    person: Person,
    *,
    policy: LoadedPolicy | None,
    incomplete: bool,
) -> str:
    """Return the messages as one JSON document.

    Article 20 covers what the person has provided; `provided` says where they are the sender.

    Args:
        request: What was asked.
        copies: The messages, others masked.
        person: Whose.
        policy: Names the controller and the channels.
        incomplete: Something could not be read.

    """
    document = {
        "schema": SCHEMA,
        "controller": policy.policy.notice.controller if policy else "",
        "case": request.case,
        "received": request.received,
        "complete": not incomplete,
        "messages": [_message(copy, person, policy) for copy in copies],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def _message(copy: Copy, person: Person, policy: LoadedPolicy | None) -> dict[str, object]:
    message = copy.message
    senders = {
        found.fingerprint
        for one in message.fields
        if one.role == "sender"
        for found in one.findings
    }
    return {
        "place": message.place,
        "channel": channel_name(
            policy, message.paths, message.profile, message.format, message.channel
        ),
        "sent": sent_text(message.sent) or None,
        "closed": sent_text(message.closed) or None,
        "provided": not senders.isdisjoint(person.digests),
        "fields": [{"role": one.role, "path": one.path, "text": one.text} for one in copy.fields],
        "masked": sum(row.count for row in copy.withheld),
    }
