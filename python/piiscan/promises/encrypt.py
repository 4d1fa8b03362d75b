"""Values stand there encrypted, so that nobody can lead them back.

A value in clear breaks the promise. Where only tokens stand, everything depends on the key, of
which an archive says nothing: the audit log has to record that it is destroyed, or that none was
ever kept.
"""

from piiscan.promises.timely import judged
from piiscan.promises.verdict import Evidence, Verdict

__all__ = ["judge"]

DOUBTS = {
    "destroyed": "",
    "kept": "nothing stands in clear, but a key was made after the last one was destroyed",
    "unknown": "nothing stands in clear, but that the key is destroyed is not recorded",
    "damaged": "nothing stands in clear, but the audit log that tells of the key is damaged",
}


def judge(evidence: Evidence) -> Verdict:
    """Broken by any value in clear; kept if the log says that there is no key."""
    clear, there = evidence.due.overdue, evidence.due.messages
    return judged(evidence, doubt=DOUBTS[evidence.key] if there and not clear else "")
