"""The check report: each promise of a notice kept, broken or undecidable, with the evidence."""

from collections import Counter
from datetime import UTC, datetime

from piiscan.promises.checking import Check, check
from piiscan.reports.promised import ages, ages_chart, clocked, spots, unsaid, verdicts
from piiscan.reports.source import Source, policy_facts, run_facts
from piiscan.reports.tables import Column, Content, Sheet, Table
from piiscan.reports.words import Words
from piiscan.retention.clocks import find_zone

__all__ = ["build"]


def build(source: Source) -> Content:
    """Return the report of a check of a store against a policy."""
    store, words, policy = source.store, source.words, source.need_policy("check")
    totals = store.summary()
    found = checked(source)
    dues = clocked(found.survey)
    states = Counter(verdict.state for verdict in found.verdicts)
    _ = words.gettext
    return Content(
        kind="check",
        title=words.text("Promises of the notice: %(title)s", title=policy.policy.notice.title),
        words=words,
        facts=run_facts(store, store.last_sweep(), totals)
        | policy_facts(policy, found.now)
        | {
            "promises": len(found.verdicts),
            "kept": states["kept"],
            "broken": states["broken"],
            "undecidable": states["undecidable"],
            "uncovered": found.survey.uncovered,
            "alerts": sum(found.alerts.values()),
            "accepted": found.survey.accepted,
            "accepted_expired": found.survey.expired,
        },
        tables={
            "promises": verdicts(words, found),
            "spots": spots(words, found),
            "ages": ages(words, dues, find_zone(policy.policy.notice.time_zone)),
            "undeclared": unsaid(
                words,
                _("Categories found in a channel whose notice does not name them"),
                found.survey.undeclared,
            ),
            "groundless": unsaid(
                words,
                _("Special categories found in a channel for which the policy names no ground"),
                found.survey.groundless,
            ),
            "holds": _holds(words, source),
            "alerts": _alerts(words, found),
            "uncovered": Table(
                caption=_("The first objects with messages of no channel"),
                columns=(Column("object", _("Object")),),
                rows=[(loc,) for loc in found.survey.uncovered_places],
            ),
        },
        charts={"ages": ages_chart(words, dues)},
        whole=found.complete,
    )


def checked(source: Source) -> Check:
    """Return the check of a store against the policy of a report, at the time of the report."""
    now = datetime.fromtimestamp(source.need_now() / 1000, tz=UTC)
    policy = source.need_policy("check")
    return check(
        source.store, policy=policy, today=now, promises=source.promises, holds=source.holds
    )


def _holds(words: Words, source: Source) -> Table:
    _ = words.gettext
    return (
        Sheet(source.holds)
        .column("hold", _("Hold"), lambda one: one.id, "code")
        .column("kind", _("Why"), lambda one: one.kind, "term")
        .column("owner", _("Who decided"), lambda one: one.owner, "said")
        .column("since", _("Since"), lambda one: one.since, "day")
        .column("review", _("To be reviewed on"), lambda one: one.review, "day")
        .table(_("Holds, which beat every promise"))
    )


def _alerts(words: Words, found: Check) -> Table:
    _ = words.gettext
    return (
        Sheet(found.alert_places)
        .column("object", _("Object"), lambda one: one.loc)
        .column("alert", _("Alert"), lambda one: one.alert, "term")
        .column("findings", _("Findings"), lambda one: one.findings, "number")
        .table(_("Where alerts stand"))
    )
