"""The table for people: totals by category, what was not scanned, what to do next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO

from piiscan.findings import CONFIDENCES, MEDIUM, mask, printable
from piiscan.outputs.result import Result
from piiscan.store import Count, StoredObject, Summary, place
from piiscan.store.blocks import Row

__all__ = ["accepted_lines", "amount", "write"]

ALERTS_LISTED = 20  # places with alerts of a sweep; all are counted
LISTED = 200  # findings of a scan, objects of the ledger; all are counted
SKIPPED_LISTED = 10  # more than these are summed up by their reason
TOPICAL = (
    " Topical: words of a sensitive theme that say nothing of a person; not among the findings."
)
CLASS_NAMES = {"art9": " (Art. 9)", "art10": " (Art. 10)", "protected": " (protected)"}


def write(result: Result, stream: IO[str]) -> None:
    """Write the table."""
    if result.listing:
        _list_findings(result, stream)
    for text in _totals(result):
        stream.write(text + "\n")


def amount(size: float) -> str:
    """Return a number of bytes for people: `38.4 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - decimal units
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def accepted_lines(findings: int, *, expired: int, foreign: int, file: str) -> Iterator[str]:
    """Yield the line on accepted findings, if there is anything to say.

    Args:
        findings: How many were accepted.
        expired: Rows whose day has passed.
        foreign: Rows of another key.
        file: The allow file.

    """
    said = [_plural(findings, "finding")] if findings else []
    if expired:
        said.append(f"{_plural(expired, 'row')} expired, whose findings count again")
    if foreign:
        said.append(f"{_plural(foreign, 'row')} of another key, which accept nothing")
    if said:
        yield f" Accepted: {', '.join(said)} ({file})"


def _totals(result: Result) -> Iterator[str]:
    totals = result.summary
    where = "" if result.store.path is None else f"   store {result.store.path}"
    objects = _plural(totals.total, "object")
    verb = "Scanned" if result.listing else "Swept"
    yield f"{verb} {' '.join(totals.roots) or '-'}  {objects}, {amount(totals.size)}{where}"
    if not result.listing and not totals.read and not totals.removed and totals.unchanged:
        yield f" nothing has changed: {_plural(totals.total, 'object')}, none read again"
    yield from _alerts(result, totals)
    themes = any(count.topical for count in totals.by_category.values())
    rows = [
        (name + CLASS_NAMES.get(totals.classes[name], ""), *_cells(count, themes=themes))
        for name, count in totals.by_category.items()
        if count.sure
    ]
    if rows:
        heads = ("Category", "Findings", *(["Topical"] if themes else []), "People*", "Objects")
        yield from _aligned(heads, rows)
        if themes:
            yield TOPICAL
    elif totals.state != "interrupted":
        yield " No personal data was found."
    yield from _not_scanned(result, totals)
    yield from _feet(result, totals, listed=bool(rows))


def _alerts(result: Result, totals: Summary) -> Iterator[str]:
    """Yield what must not wait: how many alerts of each kind, and where; of any confidence."""
    if not totals.by_alert:
        return
    kinds = ", ".join(f"{count.findings:,} {alert}" for alert, count in totals.by_alert.items())
    yield f" Alerts: {_plural(totals.alerts, 'finding')} ({kinds})"
    if not result.listing:  # a listing has shown each of them
        places, more = result.store.alert_places(ALERTS_LISTED)
        for where in places:
            yield f"  {where.alert:<18} {where.findings:>5,}  {where.loc}"
        if more:
            yield f"  and {_plural(more, 'more place')}: --format jsonl lists all"


def _not_scanned(result: Result, totals: Summary) -> Iterator[str]:
    missed = totals.incomplete
    if missed:
        kinds = ", ".join(f"{count} {status}" for status, count in missed.items())
        objects = _plural(sum(missed.values()), "object")
        yield f" Not scanned: {objects} ({kinds}), {amount(totals.not_scanned)}"
    if skipped := totals.objects.get("skipped"):
        yield f" Skipped: {_plural(skipped, 'object')}"
    if totals.state == "interrupted":
        yield " Interrupted: this is what was found so far"
    every = result.coverage == "all" or result.listing
    shown, reasons = 0, Counter[str]()
    for owner in result.ledger():
        if not every and owner.status in {"ok", "warn"}:
            continue
        if not every and owner.status == "skipped" and (skipped or 0) > SKIPPED_LISTED:
            reasons[owner.reason or ""] += 1
            continue
        shown += 1
        if shown <= LISTED:
            yield f"  {owner.status:<11} {owner.loc}{f': {owner.reason}' if owner.reason else ''}"
    if shown > LISTED:
        yield f"  and {shown - LISTED:,} more: --format jsonl lists all"
    for reason, count in sorted(reasons.items()):
        yield f"  {'skipped':<11} {_plural(count, 'object')}: {reason}; --coverage all lists each"


def _feet(result: Result, totals: Summary, *, listed: bool) -> Iterator[str]:
    if low := totals.findings - totals.sure:
        yield f" Not counted: {_plural(low, 'finding')} of low confidence"
    if (found := result.accepted) is not None:
        yield from accepted_lines(
            found.findings, expired=found.expired, foreign=found.foreign, file=found.file
        )
    for condition in result.failed:
        yield f" Fails: {condition}"
    notes = [" * distinct values." if listed else "", result.next_step]
    if any(notes):
        yield "  ".join(note for note in notes if note)


def _list_findings(result: Result, stream: IO[str]) -> None:
    """Write the findings, those with an alert first and whatever their confidence."""
    for number, (owner, row) in enumerate(result.store.alerts()):
        if number == LISTED:
            stream.write("and more alerts: --format jsonl lists all\n")
            break
        stream.write(_listed(result, owner, row) + "\n")
    shown = 0
    for owner in result.store.objects():
        if not owner.findings:
            continue
        for row in result.store.rows(owner):
            if row.confidence < MEDIUM or row.attributes.get("alert"):
                continue
            if shown == LISTED:
                stream.write("and more: --format jsonl lists all\n")
                return
            shown += 1
            stream.write(_listed(result, owner, row) + "\n")


def _listed(result: Result, owner: StoredObject, row: Row) -> str:
    detector = result.store.detector_rows[row.detector][0]
    value = result.value(owner, row) if result.value else None
    fingerprint = result.store.fingerprint(row)
    shown = mask(detector, row.end - row.start, fingerprint) if value is None else printable(value)
    around = result.context(owner, row) if result.context else ""
    label = f"  {detector}" if value is not None else ""
    alert = f"  alert: {row.attributes['alert']}" if row.attributes.get("alert") else ""
    theme = "  topical" if row.attributes.get("reading") == "topical" else ""
    level = f"{CONFIDENCES[row.confidence]:<6}"
    text = f"{place(owner, row)}:{row.start}  {level}{label}  {shown}{theme}{alert}"
    below = [around] if around else []
    return "\n    ".join([text, *below, *result.explanation(row)])


def _cells(count: Count, *, themes: bool) -> Iterator[str]:
    yield f"{count.personal:,}"
    if themes:
        yield "-" if count.topical is None else f"{count.topical:,}"
    yield "-" if count.people is None else f"{count.people:,}"
    yield f"{count.objects:,}"


def _aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    for row in (head, *rows):
        first = row[0].ljust(widths[0])
        rest = "".join(
            cell.rjust(width + 3) for cell, width in zip(row[1:], widths[1:], strict=True)
        )
        yield f" {first}{rest}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
