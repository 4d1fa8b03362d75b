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
from piiscan.reports.tables import Cell, Column, Content, Table
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
    columns = (
        Column("plan", _("Plan"), "code"),
        Column("decision_kind", _("Kind of decision"), "term"),
        Column("decision", _("Decision"), "said"),
        Column("paragraph", _("Paragraph"), "said"),
        Column("body", _("Decided by"), "said"),
        Column("decided", _("Date of the decision"), "day"),
        Column("controller", _("Controller"), "said"),
        Column("register", _("Register"), "said"),
        Column("place", _("Place")),
        Column("from", _("Oldest message"), "day"),
        Column("to", _("Newest message"), "day"),
        Column("changed", _("Messages that lost personal data"), "number"),
        Column("erased", _("Messages erased"), "number"),
        Column("replaced", _("Findings replaced"), "number"),
        Column("files_changed", _("Files changed"), "number"),
        Column("files_removed", _("Files removed"), "number"),
        Column("recordings", _("Recordings removed"), "number"),
        Column("before", _("Size before"), "bytes"),
        Column("after", _("Size after"), "bytes"),
        Column("method", _("Method")),
        Column("operators", _("Operators")),
        Column("executed_by", _("Executed by"), "said"),
        Column("executed", _("Executed at"), "time"),
        Column("checked_by", _("Checked by"), "said"),
        Column("checked", _("Checked at"), "time"),
        Column("verification", _("Verification"), "reason"),
        Column("verified", _("Files read and scanned again"), "number"),
        Column("policy", _("Policy"), "code"),
        Column("policy_digest", _("Digest of the policy"), "code"),
        Column("counted", _("Periods counted at"), "time"),
        Column("zone", _("Time zone"), "code"),
        Column("tool", _("Program"), "code"),
        Column("audit_count", _("Entries of the audit log"), "number"),
        Column("audit_head", _("Head of the audit log"), "code"),
    )
    return Table(
        caption=_("Protocols"), columns=columns, rows=[_protocol(words, one) for one in found]
    )


def _protocol(words: Words, one: DisposalProtocol) -> tuple[Cell, ...]:
    return (
        one.plan_id,
        one.decision_kind,
        one.decision_ref,
        one.decision_paragraph,
        one.decision_body,
        date.fromisoformat(one.decision_date) if one.decision_date else None,
        one.controller,
        one.title,
        ", ".join(one.place),
        _day(one.period_from),
        _day(one.period_to),
        one.messages_changed,
        one.messages_erased,
        one.findings_replaced,
        one.files_changed,
        one.files_removed,
        one.recordings_removed,
        one.bytes_before,
        one.bytes_after,
        ", ".join(named(words, word) for word in one.method.split(", ")),
        ", ".join(named(words, word) for word in one.operators),
        one.executed_by,
        one.executed_at,
        one.checked_by,
        one.checked_at,
        one.verification,
        one.verified_files,
        one.policy,
        one.policy_digest,
        one.plan_time,
        f"{one.time_zone} (tz {one.tz_version})",
        one.tool,
        one.audit_count,
        one.audit_head,
    )


def _disposed(words: Words, found: Iterable[DisposalProtocol]) -> Table:
    _ = words.gettext
    return Table(
        caption=_("What was disposed of"),
        columns=(
            Column("plan", _("Plan"), "code"),
            Column("type", _("Information type"), "code"),
            Column("clause", _("What was promised"), "said"),
            Column("section", _("Section of the notice"), "said"),
            Column("period", _("Limit"), "period"),
            Column("clock", _("Counted from"), "clock"),
            Column("action", _("Action"), "term"),
            Column("messages", _("Messages"), "number"),
            Column("oldest", _("Oldest"), "day"),
            Column("newest", _("Newest"), "day"),
            Column("held", _("On hold"), "number"),
            Column("undetermined", _("Undetermined"), "number"),
        ),
        rows=[
            (
                one.plan_id,
                part.information_type,
                part.clause,
                part.section,
                part.period,
                part.clock,
                part.action,
                part.messages,
                _day(part.oldest),
                _day(part.newest),
                part.held,
                part.undetermined,
            )
            for one in found
            for part in one.disposed
        ],
    )


def _exceptions(words: Words, found: Iterable[DisposalProtocol]) -> Table:
    _ = words.gettext
    return Table(
        caption=_("What stayed although its time was over, or because nobody knows its time"),
        columns=(
            Column("plan", _("Plan"), "code"),
            Column("object", _("Object")),
            Column("messages", _("Messages"), "number"),
            Column("reason", _("Reason"), "reason"),
            Column("kind", _("Hold"), "term"),
            Column("ground", _("Ground of the hold"), "said"),
            Column("owner", _("Who decided"), "said"),
            Column("review", _("To be reviewed on"), "day"),
        ),
        rows=[
            (
                one.plan_id,
                kept.loc,
                kept.messages,
                "" if kept.kind else kept.reason,
                kept.kind,
                kept.reason if kept.kind else "",
                kept.owner,
                date.fromisoformat(kept.review) if kept.review else None,
            )
            for one in found
            for kept in one.exceptions
        ],
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
