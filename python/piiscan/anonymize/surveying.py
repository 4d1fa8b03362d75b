"""The first pass over files: which values go from them."""

from collections.abc import Generator, Sequence

from piiscan.anonymize.job import Job
from piiscan.anonymize.outcome import Progress
from piiscan.rewriting import Known, Survey

__all__ = ["surveyed"]


def surveyed(
    job: Job,
    roots: Sequence[str],
    *,
    only: frozenset[bytes] | None = None,
    survey: Survey | None = None,
) -> Generator[Progress, None, Known]:
    """Yield progress; return every value that goes from what the job would change.

    Args:
        job: What decides.
        roots: What is read.
        only: Ids of the files that are read; all if None.
        survey: Takes what is found, for a second pass.

    """
    rewriter = job.rewriter(roots, sought=None, only=only, first=True, survey=survey)
    for _, progress in rewriter.events():
        yield Progress("scanning", progress[0], progress[1])
    return rewriter.removed()
