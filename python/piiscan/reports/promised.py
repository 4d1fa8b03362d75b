"""What reports say of promises: how old messages are against their limits, and what is amiss."""

from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup

from piiscan.promises.checking import Check
from piiscan.reports.charts import stacks
from piiscan.reports.tables import Column, Sheet, Table
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
    return (
        Sheet(found.verdicts)
        .column("promise", _("Promise"), lambda one: one.promise.id, "code")
        .column("clause", _("What was promised"), lambda one: one.promise.clause, "said")
        .column("section", _("Section of the notice"), lambda one: one.promise.section, "said")
        .column("channel", _("Channel"), lambda one: one.promise.channel, "code")
        .column("verdict", _("Verdict"), lambda one: one.state, "term")
        .column("failing", _("Messages that break it"), lambda one: one.failing, "number")
        .column("messages", _("of messages"), lambda one: one.messages, "number")
        .column("held", _("On hold"), lambda one: one.held, "number")
        .column("undetermined", _("Undetermined"), lambda one: one.undetermined, "number")
        .column("oldest", _("Oldest"), lambda one: day_of(one.oldest, zone), "day")
        .column("since", _("Overdue since"), lambda one: day_of(one.since, zone), "day")
        .column("reason", _("Reason"), lambda one: one.reason, "reason")
        .table(_("The promises of the notice, in its order, and whether they are kept"))
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
    return (
        Sheet(dues)
        .column("promise", _("Promise"), lambda due: due.promise.id, "code")
        .column("channel", _("Channel"), lambda due: due.promise.channel, "code")
        .column("period", _("Limit"), lambda due: due.promise.within, "period")
        .column("clock", _("Counted from"), lambda due: due.promise.clock, "clock")
        .column("later", _("Within the limit"), lambda due: due.later, "number")
        .column("soon", _("Due soon"), lambda due: due.soon, "number")
        .column("overdue", _("Overdue"), lambda due: due.overdue, "number")
        .column("held", _("On hold"), lambda due: due.held, "number")
        .column("undetermined", _("Undetermined"), lambda due: due.undetermined, "number")
        .column("oldest", _("Oldest overdue"), lambda due: day_of(due.oldest, zone), "day")
        .column("since", _("Overdue since"), lambda due: day_of(due.since, zone), "day")
        .table(
            _(
                "Messages with personal data against the limit of each promise. Due soon is within"
                " a week; undetermined are messages whose clock has no plausible time."
            )
        )
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
    return (
        Sheet(rows)
        .column("channel", _("Channel"), lambda one: one.channel, "code")
        .column("category", _("Category"), lambda one: one.category, "term")
        .column("class", _("Protection"), lambda one: one.legal_class, "term")
        .column("findings", _("Findings"), lambda one: one.findings, "number")
        .column("topical", _("About a theme"), lambda one: one.topical, "number")
        .table(caption)
    )
