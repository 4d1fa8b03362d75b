"""A check for people: what needs eyes first, then a line for each promise with its clause."""

from collections.abc import Iterator

from piiscan.outputs.table_output import accepted_lines
from piiscan.promises import Verdict
from piiscan.promises.checking import Check
from piiscan.promises.verdict import count
from piiscan.retention import Spot, Unsaid
from piiscan.retention.clocks import find_zone, local_day
from piiscan.store import sent_text

__all__ = ["check_lines"]

PLACES = 3  # of a broken promise; JSON names more, the report all it can
WIDTH = len("undecidable")
CLASSES = {"art9": " (Art. 9)", "art10": " (Art. 10)", "protected": " (protected)"}


def check_lines(check: Check) -> Iterator[str]:
    """Yield the lines of a check.

    Args:
        check: What was found.

    """
    yield from _alerts(check)
    widest = max((len(verdict.promise.id) for verdict in check.verdicts), default=0)
    for verdict in check.verdicts:
        promise = verdict.promise
        text = _said(check, verdict)
        yield f" {verdict.state:<{WIDTH}}  {promise.id:<{widest}}  {text}".rstrip()
        section = f" ({promise.section})" if promise.section else ""
        yield f"{'':<{WIDTH + 3}}{promise.clause}{section}"
        if verdict.state == "broken":
            for spot in verdict.spots[:PLACES]:
                yield f"{'':<{WIDTH + 3}}at {_place(spot)}"
    yield from _beyond(check)
    yield from _accepted(check)
    for hold in check.reviews:
        yield f" Hold to review: {hold.id} ({hold.kind}), since {hold.review}"
    yield from _unread(check)
    policy = check.policy
    tzdata = f", tzdata {check.tzdata}" if check.tzdata else ""
    yield (
        f" Policy {policy.name} ({policy.digest[:8]}), {sent_text(check.now)}"
        f" in {policy.policy.notice.time_zone}{tzdata}"
    )


def _alerts(check: Check) -> Iterator[str]:
    if not check.alerts:
        return
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in check.alerts.items())
    yield f" Alerts: {count(sum(check.alerts.values()), 'finding')} ({kinds}): a person has to look"
    for place in check.alert_places:
        yield f"  {place.alert:<18} {place.findings:>5,}  {place.loc}"


def _said(check: Check, verdict: Verdict) -> str:
    """Return what the line of a promise says after its name."""
    if verdict.state == "kept":
        text = f"{verdict.failing:,} of {count(verdict.messages, 'message')}"
    elif verdict.state == "undecidable":
        return verdict.reason
    else:
        text = ", ".join([count(verdict.failing, "message"), *_days(check, verdict)])
    return f"{text}; {verdict.reason}" if verdict.reason else text


def _days(check: Check, verdict: Verdict) -> Iterator[str]:
    zone = find_zone(check.policy.policy.notice.time_zone)
    if verdict.oldest is not None:
        yield f"oldest {local_day(verdict.oldest, zone)}"
    if verdict.since is not None and verdict.since != verdict.oldest:
        yield f"overdue since {local_day(verdict.since, zone)}"


def _place(spot: Spot) -> str:
    return f"{spot.loc} [{spot.detector}]" if spot.detector else spot.loc


def _beyond(check: Check) -> Iterator[str]:
    found = check.survey
    lines = [
        *_unsaid("not declared", found.undeclared),
        *_unsaid("without a ground", found.groundless),
    ]
    if found.uncovered:
        places = ", ".join(found.uncovered_places[:PLACES])
        lines.append(f"  of no channel: {count(found.uncovered, 'message')}, such as in {places}")
    if lines:
        yield " Beyond the promises"
        yield from lines


def _accepted(check: Check) -> Iterator[str]:
    found = check.survey
    yield from accepted_lines(
        found.accepted,
        expired=found.expired,
        foreign=found.foreign,
        file=check.policy.policy.scan.allow,
    )


def _unsaid(what: str, found: tuple[Unsaid, ...]) -> Iterator[str]:
    for channel in dict.fromkeys(each.channel for each in found):
        kinds = ", ".join(
            f"{each.category}{CLASSES.get(each.legal_class, '')} {each.findings:,}"
            + (f" (topical {each.topical:,})" if each.topical else "")
            for each in found
            if each.channel == channel
        )
        yield f"  {what} in {channel}: {kinds}"


def _unread(check: Check) -> Iterator[str]:
    unread = check.survey.unread
    if unread:
        yield f" Not scanned: {count(len(unread), 'object')}"
        for each in unread[:20]:
            yield f"  {each.status:<11} {each.loc}{f': {each.reason}' if each.reason else ''}"
        if len(unread) > 20:  # noqa: PLR2004 - as many as are listed
            yield "  and more: --format jsonl lists all"
    elif check.state == "interrupted":
        yield " Interrupted: this is what was found so far"
