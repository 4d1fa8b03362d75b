"""The register description in twenty points, with the points that findings contradict.

The order is that of the Finnish register description; the texts are those of the policy. A text is
contradicted where messages are older than promised, or where the archive holds what the text does
not name. That a point is not flagged does not say that its text is true.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from piiscan.policy import LoadedPolicy
from piiscan.reports.names import named
from piiscan.reports.promised import ages, ages_chart, clocked, day_of, unsaid
from piiscan.reports.register import BASIS, CONTENT, POINTS, RETENTION, texts_of
from piiscan.reports.source import Source, policy_facts, run_facts
from piiscan.reports.tables import Column, Content, Table
from piiscan.reports.words import Words
from piiscan.retention.clocks import find_zone
from piiscan.retention.kinds import Unsaid
from piiscan.retention.survey import Survey

__all__ = ["build"]


def build(source: Source) -> Content:
    """Return the register description of a policy, held against a store."""
    store, words, policy = source.store, source.words, source.need_policy("notice")
    run, totals = store.last_sweep(), store.summary()
    zone = find_zone(policy.policy.notice.time_zone)
    found = source.survey(policy)
    said = _said(words, policy, found)
    dues = clocked(found)
    _ = words.gettext
    return Content(
        kind="notice",
        title=words.text("Register description: %(title)s", title=policy.policy.notice.title),
        words=words,
        facts=run_facts(store, run, totals)
        | policy_facts(policy, source.need_now())
        | {
            "contradicted": sum(bool(text) for text in said.values()),
            "empty": sum(not texts_of(policy, point) for point in POINTS),
            "uncovered": found.uncovered,
        },
        tables={
            "points": _points(words, policy, said),
            "ages": ages(words, dues, zone),
            "undeclared": unsaid(
                words, _("Found in a channel, and not named by the description"), found.undeclared
            ),
            "groundless": unsaid(
                words,
                _("Special categories found in a channel for which the policy names no ground"),
                found.groundless,
            ),
        },
        charts={"ages": ages_chart(words, dues)},
        whole=totals.state == "complete",
    )


def _points(words: Words, policy: LoadedPolicy, said: dict[int, str]) -> Table:
    _ = words.gettext
    return Table(
        caption=_("The twenty points, and what findings say against them"),
        columns=(
            Column("point", _("Point"), "number"),
            Column("heading", _("Heading")),
            Column("text", _("Text"), "said"),
            Column("contradiction", _("What findings say against it")),
        ),
        rows=[
            (point, words.gettext(heading), "\n".join(texts_of(policy, point)), said.get(point, ""))
            for point, heading in POINTS.items()
        ],
    )


def _said(words: Words, policy: LoadedPolicy, found: Survey) -> dict[int, str]:
    """Return what findings say against the points, by point."""
    zone = find_zone(policy.policy.notice.time_zone)
    said: dict[int, list[str]] = {RETENTION: [], BASIS: [], CONTENT: []}
    for due in clocked(found):
        if not due.overdue:
            continue
        since = day_of(due.since, zone)
        said[RETENTION].append(
            words.plural(
                "%(promise)s: %(count)s message is still there whose time was over on %(day)s.",
                "%(promise)s: %(count)s messages are still there; for the oldest the time was over"
                " on %(day)s.",
                due.overdue,
                promise=due.promise.id,
                day=words.day(since),
            )
            if since
            else words.plural(
                "%(promise)s: %(count)s message holds what should have been taken out at once.",
                "%(promise)s: %(count)s messages hold what should have been taken out at once.",
                due.overdue,
                promise=due.promise.id,
            )
        )
    said[BASIS] += [
        words.text(
            "Channel %(channel)s holds special categories for which no legal ground is named:"
            " %(list)s.",
            channel=channel,
            list=listed,
        )
        for channel, listed in _by_channel(words, found.groundless)
    ]
    said[CONTENT] += [
        words.text(
            "Channel %(channel)s holds what is not named: %(list)s.", channel=channel, list=listed
        )
        for channel, listed in _by_channel(words, found.undeclared)
    ]
    if found.uncovered:
        said[CONTENT].append(
            words.plural(
                "%(count)s message belongs to no channel of the policy.",
                "%(count)s messages belong to no channel of the policy.",
                found.uncovered,
            )
        )
    return {point: "\n".join(lines) for point, lines in said.items() if lines}


def _by_channel(words: Words, rows: Iterable[Unsaid]) -> Iterator[tuple[str, str]]:
    """Yield for each channel its categories with the numbers of findings."""
    for channel, ones in groupby(rows, key=lambda one: one.channel):
        listed = (f"{named(words, one.category)} ({words.number(one.findings)})" for one in ones)
        yield channel, ", ".join(listed)
