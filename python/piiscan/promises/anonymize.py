"""What a promise names is taken out of messages in time, or at once with `P0D`."""

from piiscan.promises.timely import judged
from piiscan.promises.verdict import Evidence, Verdict

__all__ = ["judge"]


def judge(evidence: Evidence) -> Verdict:
    """Broken by any overdue message that still holds what the promise names."""
    return judged(evidence)
