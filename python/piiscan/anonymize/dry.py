"""What a rewrite would change: its passes over the source, without the writing."""

from collections.abc import Generator

from piiscan.anonymize.decisions import rules
from piiscan.anonymize.outcome import FileResult, Progress, Total
from piiscan.anonymize.passing import changes
from piiscan.anonymize.surveying import surveyed
from piiscan.anonymize.tree import Job
from piiscan.rewriting import Survey

__all__ = ["dry_run"]


def dry_run(job: Job) -> Generator[Progress | FileResult | Total]:
    """Yield progress, every file as it would become, and the sum last.

    Args:
        job: What would be rewritten.

    """
    total = Total()
    promises = [] if job.people is not None else rules(job.policy)
    known = survey = None
    if job.seeks:
        survey = Survey()
        known = yield from surveyed(job, job.roots, only=job.only, survey=survey)
    rewriter = job.rewriter(job.roots, sought=known, only=job.only, survey=survey)
    for event in changes(rewriter, promises):
        if isinstance(event, tuple):
            yield Progress("rewriting", *event)
            continue
        state, reason = job.verdict(event)
        if state == "copied" and event.is_touched:
            state = "changed"
        done = event.done
        result = FileResult(
            loc=done.loc,
            id=bytes(done.id),
            state=state,
            reason=reason,
            format=done.format,
            size=done.size,
            messages=event.messages,
            edits=done.edits + (done.renamed is not None) if state == "changed" else 0,
            kinds=dict(event.kinds) if state == "changed" else {},
            outcomes={name: dict(counts) for name, counts in event.outcomes.items()},
            alerts=event.alerts,
        )
        total.add(result)
        yield result
    yield total
