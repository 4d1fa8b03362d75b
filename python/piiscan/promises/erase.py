"""Messages are taken out in time, with findings or without.

Where the channel keeps some fields, a message that has nothing else is gone.
"""

from piiscan.promises.timely import judged
from piiscan.promises.verdict import Evidence, Verdict

__all__ = ["judge"]


def judge(evidence: Evidence) -> Verdict:
    """Broken by any overdue message that is still there."""
    return judged(evidence)
