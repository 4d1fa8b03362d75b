"""Handing files of a plan to a rewrite, and its results back."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from piiscan.anonymize import FileResult, Job, Total, rewrite_tree
from piiscan.retention.apply import Rewriter, Rewritten, Work

__all__ = ["rewriter"]

LEFT = "something was left in the result that had to go"
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
    """Rewrite files; if something is left in some of them, the others are written without them."""
    edits: dict[str, list[object]] = {}

    def keep(result: FileResult, rows: Sequence[tuple[str, bytes]]) -> None:
        edits[result.id.hex()] = [[loc, json.loads(b"[" + each + b"]")] for loc, each in rows]

    waiting = list(works)
    while waiting:
        edits.clear()
        wanted = frozenset(bytes.fromhex(work.file.id) for work in waiting)
        found: dict[str, FileResult] = {}
        total = Total()
        for event in rewrite_tree(replace(job, only=wanted, on_file=keep)):
            if isinstance(event, FileResult):
                found[event.id.hex()] = event
            elif isinstance(event, Total):
                total = event
        met = [work for work in waiting if work.file.id in found]
        if total.published:
            for work in met:
                yield _result(work, found[work.file.id], edits.get(work.file.id, []))
            return
        stuck = {residue.loc for residue in total.residues}
        refused = [work for work in met if found[work.file.id].loc in stuck] or met
        for work in refused:
            yield Rewritten(work.file.id, reason=LEFT)
        waiting = [work for work in met if work not in refused]


def _result(work: Work, found: FileResult, edits: Sequence[object]) -> Rewritten:
    if found.state in {"refused", "skipped"}:
        return Rewritten(work.file.id, reason=found.reason.partition("\n")[0])
    done = sum(counts.get("done", 0) for counts in found.outcomes.values())
    return Rewritten(
        work.file.id,
        messages=done,
        erased=min(done, work.file.erased),
        findings=sum(count for kind, count in found.kinds.items() if kind != ERASED),
        edits=edits,
    )
