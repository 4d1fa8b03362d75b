"""The record of rectifications: who, when and where; and what was refused, with the reasons.

The old and the new entry are sealed in the trail and not shown here: whoever is entitled opens them
with the key of the seals. A refusal stands in the audit log with its reasons, which hold no value.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from piiscan.errors import StoreError
from piiscan.reports.source import Source, run_facts
from piiscan.reports.tables import Content, Sheet, Table
from piiscan.reports.words import Words
from piiscan.store.audit_log import AuditEntry, AuditLog, default_log

__all__ = ["build"]

EVENT = "subject-rectify"


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place that holds an old entry."""

    loc: str
    number: int | None = None
    role: str = ""


class Rectified(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the trail; `old` is sealed, and empty once its messages are gone."""

    id: int
    time: str
    who: str
    case: str
    spots: list[Spot]
    old: str


def build(source: Source) -> Content:
    """Return the record of a store, of the report's period if it has one."""
    store, words, period = source.store, source.words, source.period
    path = store.path
    log = AuditLog(default_log(path), store=path) if path else None
    done = [one for one in _trail(path) if _within(one.time, period)]
    refused = [
        one
        for one in (log.entries() if log else ())
        if one.event == EVENT and one.fields.get("state") == "refused" and _within(one.time, period)
    ]
    return Content(
        kind="rectification",
        title=words.text("Rectifications in %(roots)s", roots=", ".join(store.last_sweep().roots)),
        words=words,
        facts=run_facts(store, store.last_sweep(), store.summary())
        | {
            "rectified": len(done),
            "places": sum(len(one.spots) for one in done),
            "refused": len(refused),
            "sealed": sum(bool(one.old) for one in done),
            "from": period[0] if period else None,
            "to": period[1] if period else None,
            "audit_count": log.count if log else 0,
            "audit_head": log.head if log else "",
            "audit_problems": log.verify() if log else [],
        },
        tables={
            "rectifications": _rectifications(words, done),
            "places": _places(words, done),
            "refusals": _refusals(words, refused),
        },
        whole=True,
    )


def _trail(store: Path | None) -> list[Rectified]:
    if store is None:
        return []
    path = store.with_name(f"{store.stem}.rectifications.jsonl")
    if not path.is_file():
        return []
    try:
        lines = path.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=Rectified) for line in lines if line]
    except msgspec.MsgspecError:
        raise StoreError(f"`{path}` is damaged\n\nhint: bring it back from a copy") from None


def _within(moment: str, period: tuple[date, date] | None) -> bool:
    day = datetime.fromisoformat(moment).astimezone(UTC).date()
    return period is None or period[0] <= day <= period[1]


def _rectifications(words: Words, done: Iterable[Rectified]) -> Table:
    _ = words.gettext
    return (
        Sheet(done)
        .column("number", _("Number"), lambda one: str(one.id), "code")
        .column("time", _("When"), lambda one: one.time, "time")
        .column("who", _("Who"), lambda one: one.who, "said")
        .column("case", _("Case"), lambda one: one.case, "code")
        .column("places", _("Places"), lambda one: len(one.spots), "number")
        .column(
            "entry", _("Old and new entry"), lambda one: "sealed" if one.old else "emptied", "term"
        )
        .table(_("Rectifications; the original entries stay where they are"))
    )


def _places(words: Words, done: Iterable[Rectified]) -> Table:
    _ = words.gettext
    return (
        Sheet((one.id, spot) for one in done for spot in one.spots)
        .column("number", _("Number"), lambda row: str(row[0]), "code")
        .column(
            "place",
            _("Place"),
            lambda row: row[1].loc if row[1].number is None else f"{row[1].loc}#{row[1].number}",
        )
        .column("field", _("Field"), lambda row: row[1].role, "code")
        .table(_("Where the old entries stand"))
    )


def _refusals(words: Words, refused: Iterable[AuditEntry]) -> Table:
    _ = words.gettext
    return (
        Sheet(refused)
        .column("case", _("Case"), lambda one: str(one.fields.get("case", "")), "code")
        .column("received", _("Received"), lambda one: _day(one.fields.get("received")), "day")
        .column("time", _("Decided"), lambda one: one.time, "time")
        .column("who", _("Who"), lambda one: one.who, "said")
        .column("reason", _("Reasons"), lambda one: str(one.fields.get("reason", "")), "said")
        .table(_("Requests that were refused"))
    )


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
