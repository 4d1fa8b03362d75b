"""The records of a check in JSON and JSONL, schema 1.

One `check`; an `alert` for each kind; a `promise` for each promise of the policy, in its order;
`beyond` for what the notice has not spoken of; `review` for each hold that somebody has to look at
again; `unread` for each object that was not read as a
whole; one `summary` last. A field that does not apply is left out, never null. Days are those of
the zone that the policy names, instants are RFC 3339 in UTC.
"""

from collections import Counter
from collections.abc import Iterator

from piiscan.outputs.records import SCHEMA
from piiscan.promises import Verdict
from piiscan.promises.checking import Check
from piiscan.retention.clocks import find_zone, local_day
from piiscan.store import sent_text

__all__ = ["check_records", "promise_record"]


def check_records(check: Check, *, exit_code: int) -> Iterator[dict[str, object]]:
    """Yield every record of a check, in order.

    Args:
        check: What was found.
        exit_code: With which the command ends.

    """
    policy = check.policy
    yield {
        "type": "check",
        "schema": SCHEMA,
        "policy": {"name": policy.name, "digest": policy.digest},
        "now": sent_text(check.now),
        "zone": policy.policy.notice.time_zone,
        "tzdata": check.tzdata,
    }
    for kind, findings in check.alerts.items():
        yield {
            "type": "alert",
            "alert": kind,
            "findings": findings,
            "places": [place.loc for place in check.alert_places if place.alert == kind],
        }
    for verdict in check.verdicts:
        yield promise_record(check, verdict)
    yield from _beyond(check)
    for hold in check.reviews:
        yield {"type": "review", "hold": hold.id, "kind": hold.kind, "review": f"{hold.review}"}
    for each in check.survey.unread:
        record: dict[str, object] = {"type": "unread", "loc": each.loc, "status": each.status}
        if each.reason:
            record["reason"] = each.reason
        yield record | {"channels": sorted(each.channels)}
    states = Counter(verdict.state for verdict in check.verdicts)
    yield {
        "type": "summary",
        "state": check.state,
        "exit": exit_code,
        "promises": {state: states[state] for state in ("kept", "broken", "undecidable")},
        "accepted": check.survey.accepted,
        "expired": check.survey.expired,
    }


def promise_record(check: Check, verdict: Verdict) -> dict[str, object]:
    """Return the record of one promise.

    Args:
        check: Of which it is one.
        verdict: On it.

    """
    promise = verdict.promise
    zone = find_zone(check.policy.policy.notice.time_zone)
    record: dict[str, object] = {
        "type": "promise",
        "id": promise.id,
        "clause": promise.clause,
        "section": promise.section,
        "channel": promise.channel,
        "action": promise.action,
        "verdict": verdict.state,
        "reason": verdict.reason,
        "messages": verdict.messages,
        "failing": verdict.failing,
        "findings": verdict.findings,
        "people": verdict.people,
        "held": verdict.held,
        "undetermined": verdict.undetermined,
        "soon": verdict.soon,
        "low": verdict.doubtful,
        "accepted": verdict.accepted,
    }
    if verdict.oldest is not None:
        record["oldest"] = local_day(verdict.oldest, zone).isoformat()
    if verdict.since is not None:
        record["overdue_since"] = local_day(verdict.since, zone).isoformat()
        record["overdue_from"] = sent_text(verdict.since)
    record["places"] = [
        {"loc": spot.loc, "detector": spot.detector} if spot.detector else {"loc": spot.loc}
        for spot in verdict.spots
    ]
    return {name: item for name, item in record.items() if item != ""}


def _beyond(check: Check) -> Iterator[dict[str, object]]:
    found = check.survey
    for kind, unsaid in (("undeclared", found.undeclared), ("no-ground", found.groundless)):
        for each in unsaid:
            yield {
                "type": "beyond",
                "kind": kind,
                "channel": each.channel,
                "category": each.category,
                "class": each.legal_class,
                "findings": each.findings,
                "topical": each.topical,
            }
    if found.uncovered:
        yield {
            "type": "beyond",
            "kind": "no-channel",
            "messages": found.uncovered,
            "places": list(found.uncovered_places),
        }
