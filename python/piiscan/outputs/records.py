"""The records of JSON and JSONL, schema 1.

One `sweep`; then, by location, the `finding` records of each object and its `coverage`; one
`summary` last. A file without a summary was cut. Records only grow: within a schema nothing is
removed or changes its meaning. A field that does not apply is left out, never null. Times are RFC
3339 in UTC.
"""

import re
from collections.abc import Iterator

import msgspec

from piiscan.findings import CONFIDENCES
from piiscan.outputs.result import Result
from piiscan.store import STATUSES, Count, StoredObject, place, sent_text
from piiscan.store.blocks import Row

__all__ = ["SCHEMA", "finding_record", "line", "records"]

SCHEMA = 1
PROBLEMS_LISTED = 100  # places of one object; all are counted

_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def records(result: Result) -> Iterator[dict[str, object]]:
    """Yield every record of a result, in order."""
    yield _sweep(result)
    for owner in result.store.objects():
        if owner.findings:
            for row in result.store.rows(owner):
                yield finding_record(result, owner, row)
        if owner.status != "ok" or result.coverage == "all":
            yield _coverage(result, owner)
    yield _summary(result)


def line(record: dict[str, object]) -> str:
    """Return a record as one line of JSON that is safe on a terminal."""
    text = msgspec.json.encode(record).decode()
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def finding_record(result: Result, owner: StoredObject, row: Row) -> dict[str, object]:
    """Return the record of one finding."""
    detector, category, law = result.store.detector_rows[row.detector]
    keyed = bool(result.store.key_id)
    record = {
        "type": "finding",
        "object": owner.ident.hex() if keyed else "",
        "loc": place(owner, row),
        "key": row.key.hex() if keyed else "",
        "message": row.message,
        "role": row.role,
        "path": row.path,
        "channel": owner.channel,
        "sent": sent_text(row.sent),
        "detector": detector,
        "category": category,
        "class": law,
        "confidence": CONFIDENCES[row.confidence],
        "span": [row.start, row.end],
        "raw": [row.raw_start, row.raw_end],
        "ranges": row.ranges,
        "attributes": dict(row.attributes),
        "fingerprint": result.store.fingerprint(row),
        "value": result.value(owner, row) if result.value else None,
        "explanation": result.explanation(row) or None,
    }
    return {name: item for name, item in record.items() if item is not None and item != ""}


def _sweep(result: Result) -> dict[str, object]:
    run, info = result.sweep, result.sweep.info
    record: dict[str, object] = {
        "type": "sweep",
        "schema": SCHEMA,
        "sweep": run.id,
        "roots": list(run.roots),
        "engine": {"version": info.get("version", ""), "digest": info.get("engine_digest", "")},
        "detectors": {"digest": info.get("detectors_digest", ""), "ids": list(run.detectors)},
        "lexicons": {
            "digest": info.get("lexicons_digest", ""),
            "files": [
                {name: getattr(one, name) for name in ("name", "version", "digest")}
                for one in run.lexicons
            ],
        },
        "profiles": {"digest": info.get("profiles_digest", "")},
        "limits": info.get("limits", {}),
        "revealed": result.value is not None,
    }
    if run.started:
        record["started"] = run.started
    if result.store.key_id:
        record["key_id"] = result.store.key_id
    return record


def _coverage(result: Result, owner: StoredObject) -> dict[str, object]:
    record: dict[str, object] = {
        "type": "coverage",
        "loc": owner.loc,
        "status": owner.status,
        "bytes": {
            "scanned": owner.scanned,
            "lossy": owner.lossy,
            "not_scanned": owner.not_scanned,
        },
        "messages": owner.messages,
        "changed": bool(owner.changed),
    }
    if result.store.key_id:
        record["object"] = owner.ident.hex()
    texts = {
        "reason": owner.reason,
        "format": owner.format,
        "profile": owner.profile,
        "content_hash": (owner.content_hash or b"").hex(),
    }
    record |= {name: text for name, text in texts.items() if text}
    problems = result.store.problems(owner)
    if problems:
        record["problems"] = [
            {"raw": list(problem.raw), "status": problem.status, "reason": problem.reason}
            for problem in problems[:PROBLEMS_LISTED]
        ]
    return record


def _summary(result: Result) -> dict[str, object]:
    totals = result.summary
    record: dict[str, object] = {
        "type": "summary",
        "state": totals.state,
        "exit": result.exit_code,
        "objects": {
            "total": totals.total,
            **{status: totals.objects.get(status, 0) for status in STATUSES},
        },
        "bytes": {
            "scanned": totals.scanned,
            "lossy": totals.lossy,
            "not_scanned": totals.not_scanned,
        },
        "messages": totals.messages,
        "findings": totals.findings,
        "by_detector": {name: _count(count) for name, count in totals.by_detector.items()},
        "by_category": {name: _count(count) for name, count in totals.by_category.items()},
        "by_alert": {name: _count(count) for name, count in totals.by_alert.items()},
        "fail_on": list(result.failed),
        "elapsed_s": totals.elapsed_s,
    }
    if totals.ended:
        record["ended"] = totals.ended
    if result.accepted is not None:
        record["accepted"] = result.accepted.findings
        record["accepted_expired"] = result.accepted.expired
        record["accepted_foreign"] = result.accepted.foreign
    return record


def _count(count: Count) -> dict[str, int]:
    known = {"people": count.people, "topical": count.topical}
    return {
        "findings": count.findings,
        **{name: number for name, number in known.items() if number is not None},
        "objects": count.objects,
        "high": count.high,
        "medium": count.medium,
        "low": count.low,
    }
