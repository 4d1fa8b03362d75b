"""What promises with findings or messages have in common: the order in which a verdict is found.

What is overdue breaks a promise. Where nothing is, a message without a plausible time may be, and
so may what was not read: then nobody can say. What a hold keeps breaks nothing.
"""

from piiscan.promises.verdict import Evidence, State, Verdict, count

__all__ = ["judged"]


def judged(evidence: Evidence, *, doubt: str = "") -> Verdict:
    """Return the verdict on a promise of which the overdue messages are known.

    Args:
        evidence: What is known.
        doubt: Why it is undecidable where nothing else says so; empty if nothing does.

    """
    due = evidence.due
    doubts = list(evidence.gaps)
    if due.undetermined:
        has = "has" if due.undetermined == 1 else "have"
        doubts.insert(0, f"{count(due.undetermined, 'message')} {has} no plausible time")
    if doubt:
        doubts.append(doubt)
    state: State = "broken" if due.overdue else "undecidable" if doubts else "kept"
    notes = []
    if due.held:
        notes.append(f"{count(due.held, 'message')} on hold")
    if due.doubtful:
        notes.append(f"{count(due.doubtful, 'finding')} of low confidence not counted")
    if due.accepted:
        notes.append(f"{count(due.accepted, 'finding')} accepted by the allow file")
    if not due.messages and state == "kept":
        notes.append("no message of this channel is there")
    if state == "broken":
        notes += [*evidence.notes, *doubts]
    return Verdict(
        promise=evidence.promise,
        state=state,
        reason="; ".join(doubts if state == "undecidable" else notes),
        messages=due.messages,
        failing=due.overdue,
        findings=due.findings,
        people=due.people,
        held=due.held,
        undetermined=due.undetermined,
        soon=due.soon,
        doubtful=due.doubtful,
        accepted=due.accepted,
        oldest=due.oldest,
        since=due.since,
        spots=due.spots,
    )
