"""The disposal protocol: what was disposed of, on whose decision, by whom, with what left over.

In Sweden a *gallringsprotokoll*, in Finland a protocol of destruction. Its data is
written by a run that carries out retention, one JSON file a plan beside the store; this report
gives it a form that can be signed. It adds nothing and decides nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from piiscan.errors import PolicyError
from piiscan.reports.names import named
from piiscan.reports.source import Source, run_facts
from piiscan.reports.tables import Cell, Column, Content, Sheet, Table
from piiscan.reports.words import Words
from piiscan.retention.protocol import DisposalProtocol, read_protocol

__all__ = ["build", "protocols"]


def build(source: Source) -> Content:
    """Return the protocols of a store, those of the report's period if it has one."""
    store, words = source.store, source.words
    found = [one for one in protocols(store.path) if _within(one, source.period)]
    if not found:
        raise PolicyError(
            "no disposal was carried out here in this time\n\n"
            "hint: `piiscan retain --apply` writes a protocol beside the store"
        )
    titles = ", ".join(dict.fromkeys(one.title for one in found))
    return Content(
        kind="disposal",
        title=words.text("Disposal protocol: %(title)s", title=titles),
        words=words,
        facts=run_facts(store, store.last_sweep(), store.summary())
        | {
            "protocols": len(found),
            "messages_changed": sum(one.messages_changed for one in found),
            "messages_erased": sum(one.messages_erased for one in found),
            "findings_replaced": sum(one.findings_replaced for one in found),
            "exceptions": sum(kept.messages for one in found for kept in one.exceptions),
            "refused": sum(len(one.refused) for one in found),
            "working_copy": any(one.decision_kind == "working-copy" for one in found),
        },
        tables={
            "protocols": _protocols(words, found),
            "disposed": _disposed(words, found),
            "exceptions": _exceptions(words, found),
            "refused": _refused(words, found),
        },
        whole=not any(one.refused for one in found),
    )


def protocols(store: Path | None) -> list[DisposalProtocol]:
    """Return the protocols that lie beside a store, in the order of their times.

    Args:
        store: Its file.

    Raises:
        PolicyError: One of them is no protocol.

    """
    if store is None:
        return []
    files = sorted(store.parent.glob(f"{store.stem}.disposal-*.json"))
    return sorted(
        (read_protocol(file) for file in files), key=lambda one: (one.executed_at, one.plan_id)
    )


def _within(one: DisposalProtocol, period: tuple[date, date] | None) -> bool:
    if period is None:
        return True
    day = datetime.fromisoformat(one.executed_at).astimezone(UTC).date()
    return period[0] <= day <= period[1]


def _protocols(words: Words, found: Iterable[DisposalProtocol]) -> Table:
    _ = words.gettext
    return (
        Sheet(found)
        .column("plan", _("Plan"), lambda one: one.plan_id, "code")
        .column("decision_kind", _("Kind of decision"), lambda one: one.decision_kind, "term")
        .column("decision", _("Decision"), lambda one: one.decision_ref, "said")
        .column("paragraph", _("Paragraph"), lambda one: one.decision_paragraph, "said")
        .column("body", _("Decided by"), lambda one: one.decision_body, "said")
        .column(
            "decided",
            _("Date of the decision"),
            lambda one: date.fromisoformat(one.decision_date) if one.decision_date else None,
            "day",
        )
        .column("controller", _("Controller"), lambda one: one.controller, "said")
        .column("register", _("Register"), lambda one: one.title, "said")
        .column("place", _("Place"), lambda one: ", ".join(one.place))
        .column("from", _("Oldest message"), lambda one: _day(one.period_from), "day")
        .column("to", _("Newest message"), lambda one: _day(one.period_to), "day")
        .column(
            "changed",
            _("Messages that lost personal data"),
            lambda one: one.messages_changed,
            "number",
        )
        .column("erased", _("Messages erased"), lambda one: one.messages_erased, "number")
        .column("replaced", _("Findings replaced"), lambda one: one.findings_replaced, "number")
        .column("files_changed", _("Files changed"), lambda one: one.files_changed, "number")
        .column("files_removed", _("Files removed"), lambda one: one.files_removed, "number")
        .column("recordings", _("Recordings removed"), lambda one: one.recordings_removed, "number")
        .column("before", _("Size before"), lambda one: one.bytes_before, "bytes")
        .column("after", _("Size after"), lambda one: one.bytes_after, "bytes")
        .column(
            "method",
            _("Method"),
            lambda one: ", ".join(named(words, word) for word in one.method.split(", ")),
        )
        .column(
            "operators",
            _("Operators"),
            lambda one: ", ".join(named(words, word) for word in one.operators),
        )
        .column("executed_by", _("Executed by"), lambda one: one.executed_by, "said")
        .column("executed", _("Executed at"), lambda one: one.executed_at, "time")
        .column("checked_by", _("Checked by"), lambda one: one.checked_by, "said")
        .column("checked", _("Checked at"), lambda one: one.checked_at, "time")
        .column("verification", _("Verification"), lambda one: one.verification, "reason")
        .column(
            "verified", _("Files read and scanned again"), lambda one: one.verified_files, "number"
        )
        .column("policy", _("Policy"), lambda one: one.policy, "code")
        .column("policy_digest", _("Digest of the policy"), lambda one: one.policy_digest, "code")
        .column("counted", _("Periods counted at"), lambda one: one.plan_time, "time")
        .column(
            "zone", _("Time zone"), lambda one: f"{one.time_zone} (tz {one.tz_version})", "code"
        )
        .column("tool", _("Program"), lambda one: one.tool, "code")
        .column("audit_count", _("Entries of the audit log"), lambda one: one.audit_count, "number")
        .column("audit_head", _("Head of the audit log"), lambda one: one.audit_head, "code")
        .table(_("Protocols"))
    )


def _disposed(words: Words, found: Iterable[DisposalProtocol]) -> Table:
    _ = words.gettext
    return (
        Sheet((one.plan_id, part) for one in found for part in one.disposed)
        .column("plan", _("Plan"), lambda row: row[0], "code")
        .column("type", _("Information type"), lambda row: row[1].information_type, "code")
        .column("clause", _("What was promised"), lambda row: row[1].clause, "said")
        .column("section", _("Section of the notice"), lambda row: row[1].section, "said")
        .column("period", _("Limit"), lambda row: row[1].period, "period")
        .column("clock", _("Counted from"), lambda row: row[1].clock, "clock")
        .column("action", _("Action"), lambda row: row[1].action, "term")
        .column("messages", _("Messages"), lambda row: row[1].messages, "number")
        .column("oldest", _("Oldest"), lambda row: _day(row[1].oldest), "day")
        .column("newest", _("Newest"), lambda row: _day(row[1].newest), "day")
        .column("held", _("On hold"), lambda row: row[1].held, "number")
        .column("undetermined", _("Undetermined"), lambda row: row[1].undetermined, "number")
        .table(_("What was disposed of"))
    )


def _exceptions(words: Words, found: Iterable[DisposalProtocol]) -> Table:
    _ = words.gettext
    return (
        Sheet((one.plan_id, kept) for one in found for kept in one.exceptions)
        .column("plan", _("Plan"), lambda row: row[0], "code")
        .column("object", _("Object"), lambda row: row[1].loc)
        .column("messages", _("Messages"), lambda row: row[1].messages, "number")
        .column("reason", _("Reason"), lambda row: "" if row[1].kind else row[1].reason, "reason")
        .column("kind", _("Hold"), lambda row: row[1].kind, "term")
        .column(
            "ground",
            _("Ground of the hold"),
            lambda row: row[1].reason if row[1].kind else "",
            "said",
        )
        .column("owner", _("Who decided"), lambda row: row[1].owner, "said")
        .column(
            "review",
            _("To be reviewed on"),
            lambda row: date.fromisoformat(row[1].review) if row[1].review else None,
            "day",
        )
        .table(_("What stayed although its time was over, or because nobody knows its time"))
    )


def _refused(words: Words, found: Iterable[DisposalProtocol]) -> Table:
    _ = words.gettext
    return Table(
        caption=_("Files that could not be treated, or that have other names"),
        columns=(
            Column("plan", _("Plan"), "code"),
            Column("object", _("Object")),
            Column("reason", _("Reason"), "reason"),
        ),
        rows=[row for one in found for row in _left(one)],
    )


def _left(one: DisposalProtocol) -> Iterator[tuple[Cell, ...]]:
    for refused in one.refused:
        yield one.plan_id, refused.loc, refused.reason
    for loc in one.linked:
        yield one.plan_id, loc, "has other names, which lead to what it was"


def _day(moment: str) -> date | None:
    return datetime.fromisoformat(moment).astimezone(UTC).date() if moment else None
