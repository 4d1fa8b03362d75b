"""What reports say of promises: how old messages are against their limits, and what is amiss."""

from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup

from piiscan.promises.checking import Check
from piiscan.reports.charts import stacks
from piiscan.reports.tables import Column, Table
from piiscan.reports.words import Words
from piiscan.retention.clocks import find_zone, local_day
from piiscan.retention.kinds import Unsaid
from piiscan.retention.measure import CLOCKED, Due
from piiscan.retention.survey import Survey

__all__ = ["ages", "ages_chart", "clocked", "day_of", "spots", "unsaid", "verdicts"]


def day_of(moment_ms: int | None, zone: ZoneInfo) -> date | None:
    """Return the day of an instant in a zone; None for none."""
    return None if moment_ms is None else local_day(moment_ms, zone)


def verdicts(words: Words, found: Check) -> Table:
    """Return what became of each promise.

    Args:
        words: Of the report.
        found: The check.

    """
    _ = words.gettext
    zone = find_zone(found.policy.policy.notice.time_zone)
    return Table(
        caption=_("The promises of the notice, in its order, and whether they are kept"),
        columns=(
            Column("promise", _("Promise"), "code"),
            Column("clause", _("What was promised"), "said"),
            Column("section", _("Section of the notice"), "said"),
            Column("channel", _("Channel"), "code"),
            Column("verdict", _("Verdict"), "term"),
            Column("failing", _("Messages that break it"), "number"),
            Column("messages", _("of messages"), "number"),
            Column("held", _("On hold"), "number"),
            Column("undetermined", _("Undetermined"), "number"),
            Column("oldest", _("Oldest"), "day"),
            Column("since", _("Overdue since"), "day"),
            Column("reason", _("Reason"), "reason"),
        ),
        rows=[
            (
                one.promise.id,
                one.promise.clause,
                one.promise.section,
                one.promise.channel,
                one.state,
                one.failing,
                one.messages,
                one.held,
                one.undetermined,
                day_of(one.oldest, zone),
                day_of(one.since, zone),
                one.reason,
            )
            for one in found.verdicts
        ],
    )


def spots(words: Words, found: Check) -> Table:
    """Return where promises are broken: the first places of each.

    Args:
        words: Of the report.
        found: The check.

    """
    _ = words.gettext
    return Table(
        caption=_("Where promises are broken: the first places of each"),
        columns=(
            Column("place", _("Place")),
            Column("promise", _("Promise"), "code"),
            Column("detector", _("Detector"), "code"),
        ),
        rows=[
            (spot.loc, one.promise.id, spot.detector) for one in found.broken for spot in one.spots
        ],
    )


def clocked(survey: Survey) -> list[Due]:
    """Return the promises that a clock runs for, and that speak of some message."""
    return [due for due in survey.dues.values() if due.promise.action in CLOCKED]


def ages(words: Words, dues: Iterable[Due], zone: ZoneInfo) -> Table:
    """Return how many messages are within the limits of their promises, and how many are over.

    Args:
        words: Of the report.
        dues: The promises.
        zone: Whose calendar counts.

    """
    _ = words.gettext
    return Table(
        caption=_(
            "Messages with personal data against the limit of each promise. Due soon is within a"
            " week; undetermined are messages whose clock has no plausible time."
        ),
        columns=(
            Column("promise", _("Promise"), "code"),
            Column("channel", _("Channel"), "code"),
            Column("period", _("Limit"), "period"),
            Column("clock", _("Counted from"), "clock"),
            Column("later", _("Within the limit"), "number"),
            Column("soon", _("Due soon"), "number"),
            Column("overdue", _("Overdue"), "number"),
            Column("held", _("On hold"), "number"),
            Column("undetermined", _("Undetermined"), "number"),
            Column("oldest", _("Oldest overdue"), "day"),
            Column("since", _("Overdue since"), "day"),
        ),
        rows=[
            (
                due.promise.id,
                due.promise.channel,
                due.promise.within,
                due.promise.clock,
                due.later,
                due.soon,
                due.overdue,
                due.held,
                due.undetermined,
                day_of(due.oldest, zone),
                day_of(due.since, zone),
            )
            for due in dues
        ],
    )


def ages_chart(words: Words, dues: Sequence[Due]) -> Markup:
    """Return the shares of messages within and over their limits, a bar for each promise.

    Args:
        words: Of the report.
        dues: The promises; those that concern no message have no bar.

    """
    _ = words.gettext
    rows = []
    for due in dues:
        sizes = (due.later + due.soon, due.undetermined, due.held, due.overdue)
        if any(sizes):
            rows.append((due.promise.id, sizes, [words.number(size) for size in sizes]))
    return stacks(
        "ages-chart",
        [_("Within the limit"), _("Undetermined"), _("On hold"), _("Overdue")],
        rows,
        title=_("Age against limit"),
        text=_("The table of ages holds the same numbers."),
    )


def unsaid(words: Words, caption: str, rows: Iterable[Unsaid]) -> Table:
    """Return categories that were found in channels, with a caption that says what of them.

    Args:
        words: Of the report.
        caption: In its language.
        rows: The categories.

    """
    _ = words.gettext
    return Table(
        caption=caption,
        columns=(
            Column("channel", _("Channel"), "code"),
            Column("category", _("Category"), "term"),
            Column("class", _("Protection"), "term"),
            Column("findings", _("Findings"), "number"),
            Column("topical", _("About a theme"), "number"),
        ),
        rows=[
            (one.channel, one.category, one.legal_class, one.findings, one.topical) for one in rows
        ],
    )
