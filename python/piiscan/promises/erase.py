"""Messages are taken out in time, with findings or without.

Where the channel keeps some fields, a message that has nothing else is gone. A recording goes with
what lies beside it; it is no message, so it is counted apart.
"""

from dataclasses import replace

from piiscan.promises.timely import judged
from piiscan.promises.verdict import Evidence, Verdict, count

__all__ = ["judge"]


def judge(evidence: Evidence) -> Verdict:
    """Broken by any overdue message or recording that is still there."""
    standing = evidence.recordings
    unsure = standing.get("undetermined", 0)
    doubt = f"nobody knows the time of {count(unsure, 'recording')}" if unsure else ""
    verdict = judged(evidence, doubt=doubt)
    notes = [
        f"{count(number, 'recording')} {said}"
        for number, said in (
            (standing.get("overdue", 0), "overdue"),
            (standing.get("held", 0), "on hold"),
        )
        if number
    ]
    state = "broken" if standing.get("overdue") else verdict.state
    said = [*notes, *([verdict.reason] if verdict.reason else [])]
    return replace(verdict, state=state, reason="; ".join(said))
