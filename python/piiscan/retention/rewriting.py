"""Handing files of a plan to a rewrite, and its results back."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from piiscan.anonymize.outcome import FileResult, Total
from piiscan.anonymize.tree import Job, rewrite_tree
from piiscan.retention.apply import Rewriter, Rewritten, Work

__all__ = ["rewriter"]

ERASED = "erased"  # kind of an edit that takes a message out


def rewriter(jobs: Sequence[Job]) -> Rewriter:
    """Return what rewrites files of a plan in place.

    Args:
        jobs: One for each set of roots that was swept together, since files are named below them.

    """

    def rewrite(works: Sequence[Work]) -> Iterator[Rewritten]:
        left = {work.file.id: work for work in works}
        for job in jobs:
            for result in _run(job, list(left.values())):
                del left[result.id]
                yield result
            if not left:
                return

    return rewrite


def _run(job: Job, works: Sequence[Work]) -> Iterator[Rewritten]:
    """Rewrite files; one in which something is left is refused, and stays as it was."""
    edits: dict[str, list[object]] = {}

    def keep(result: FileResult, rows: Sequence[tuple[str, bytes]]) -> None:
        edits[result.id.hex()] = [[loc, json.loads(b"[" + each + b"]")] for loc, each in rows]

    wanted = frozenset(bytes.fromhex(work.file.id) for work in works)
    found: dict[str, FileResult] = {}
    for event in rewrite_tree(replace(job, only=wanted, on_file=keep, resumable=False)):
        if isinstance(event, FileResult):
            found[event.id.hex()] = event
        elif isinstance(event, Total):
            found |= {result.id.hex(): result for result in event.refused}
    for work in works:
        if work.file.id in found:
            yield _result(work, found[work.file.id], edits.get(work.file.id, []))


def _result(work: Work, found: FileResult, edits: Sequence[object]) -> Rewritten:
    if found.state in {"refused", "skipped"}:
        return Rewritten(work.file.id, reason=found.reason.partition("\n")[0])
    # A message that two promises speak of is counted by both.
    done = sum(counts.get("done", 0) for counts in found.outcomes.values())
    return Rewritten(
        work.file.id,
        messages=min(done, work.file.messages),
        erased=min(done, work.file.erased),
        findings=sum(count for kind, count in found.kinds.items() if kind != ERASED),
        edits=edits,
    )
