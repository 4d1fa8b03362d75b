"""What a promise names is not there at all, whatever the day."""

from piiscan.promises.timely import judged
from piiscan.promises.verdict import Evidence, Verdict

__all__ = ["judge"]


def judge(evidence: Evidence) -> Verdict:
    """Broken by any message that holds what the promise names."""
    return judged(evidence)
