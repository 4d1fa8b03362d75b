"""A plan of retention for people, and what became of it: a line for each rule, then what stays."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from piiscan.holds import Hold
from piiscan.retention.apply import Done
from piiscan.retention.plan import Kept, Plan, PlannedRule
from piiscan.store import sent_text

__all__ = ["done_lines", "plan_lines"]

HEADING = ("Rule", "Clock", "Due", "Overdue", "Held", "Undetermined", "Decision")
WORDS = {0, 1, 6}  # columns that are not numbers
LISTED = 10


def plan_lines(plan: Plan, *, review: Sequence[Hold], doubt: str, next_step: str) -> Iterator[str]:
    """Yield the lines of a dry run.

    Args:
        plan: What would be done.
        review: Holds whose day of review has come.
        doubt: Why the clock is implausible; empty if it is not.
        next_step: How the plan is carried out; empty if there is nothing to do.

    """
    decision = plan.decision.ref or "none"
    names = Counter(_rule(rule) for rule in plan.rules)
    rows = [
        (
            _rule(rule) if names[_rule(rule)] == 1 else f"{_rule(rule)} ({rule.promise})",
            rule.clock,
            *(f"{count:,}" for count in (rule.due, rule.overdue, rule.held, rule.undetermined)),
            decision,
        )
        for rule in plan.rules
    ]
    yield from _table([HEADING, *rows])
    yield from _sum(plan)
    yield from _kept("Held", [kept for kept in plan.kept if kept.hold])
    yield from _kept("Kept", [kept for kept in plan.kept if not kept.hold])
    for hold in review:
        yield f" For review since {hold.review}: hold {hold.id} ({hold.kind}, {hold.owner})"
    if plan.files and not plan.decision.ref:
        yield " No decision: without [decision] ref in the policy nothing is carried out"
    if doubt:
        yield f" Look at the clock: {doubt} (--now-confirmed if it is right)"
    tzdata = f", tzdata {plan.tz_version}" if plan.tz_version else ""
    yield (
        f" Policy {plan.policy} ({plan.policy_digest[:8]}), {sent_text(plan.now_ms)}"
        f" in {plan.time_zone}{tzdata}"
    )
    if next_step:
        yield f" Dry run (plan {next_step}"
    else:
        yield " Dry run: nothing is overdue"


def done_lines(plan: Plan, done: Sequence[Done], *, protocol: str) -> Iterator[str]:
    """Yield the lines of a run that carried a plan out.

    Args:
        plan: What was to be done.
        done: What became of each file.
        protocol: Where the protocol is.

    """
    refused = [each for each in done if each.state == "refused"]
    treated = [each for each in done if each.state != "refused"]
    erased = sum(each.erased for each in treated)
    changed = sum(each.messages for each in treated) - erased
    removed = sum(each.state == "removed" for each in treated)
    yield f" Changed   {_count(changed, 'message')} in {_files(treated, 'changed')}"
    yield f" Erased    {_count(erased, 'message')}, {_count(removed, 'file')} removed"
    for each in treated:
        if each.links > 1:
            yield f" Linked    {each.file.loc}: its other names lead to what it was"
    for each in refused:
        yield f" Refused   {each.file.loc}: {each.reason}"
    held = sum(kept.messages for kept in plan.kept if kept.hold)
    unknown = sum(kept.messages for kept in plan.kept if not kept.hold)
    yield f" Stays     {_count(held, 'message')} on hold, {unknown:,} undetermined"
    yield f" Protocol  {protocol}"


def _rule(rule: PlannedRule) -> str:
    return f"{rule.channel}: {rule.action}, {rule.within}"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADING))]
    for row in rows:
        cells = [
            cell.ljust(width) if at in WORDS else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield (" " + "  ".join(cells)).rstrip()


def _sum(plan: Plan) -> Iterator[str]:
    removed = [file for file in plan.files if file.treatment == "remove"]
    recordings = sum(file.recording for file in removed)
    if plan.files:
        sound = f", {_count(recordings, 'recording')} among them" if recordings else ""
        rewritten = _count(len(plan.files) - len(removed), "file")
        yield f" Rewrites {rewritten}, removes {_count(len(removed), 'file')}{sound}"


def _kept(word: str, kept: Sequence[Kept]) -> Iterator[str]:
    for each in kept[:LISTED]:
        review = f", review {each.review}" if each.review else ""
        why = f"{each.kind}, {each.reason} ({each.owner}{review})" if each.hold else each.reason
        yield f" {word}: {_count(each.messages, 'message')} in {each.loc}: {why}"
    if len(kept) > LISTED:
        rest = sum(each.messages for each in kept[LISTED:])
        yield f" {word}: {_count(rest, 'message')} more in {_count(len(kept) - LISTED, 'place')}"


def _files(done: Iterable[Done], state: str) -> str:
    return _count(sum(each.state == state for each in done), "file")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
