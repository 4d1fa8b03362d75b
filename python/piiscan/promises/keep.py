"""Some fields stay, such as those of statistics."""

from piiscan.promises.verdict import Evidence, Verdict, count

__all__ = ["judge"]


def judge(evidence: Evidence) -> Verdict:
    """Broken by messages without a field that each of them has; undecidable if no field tells."""
    promise, present = evidence.promise, evidence.present
    if present is None or not present.messages:
        return Verdict(
            promise=promise,
            state="undecidable",
            reason="no message of this channel is there, so nothing shows what was kept",
        )
    if present.missing:
        return Verdict(
            promise=promise,
            state="broken",
            reason=f"{count(present.missing, 'message')} without the fields that were to stay",
            messages=present.messages,
            failing=present.missing,
        )
    doubts = []
    if present.absent:
        doubts.append(f"no message has a field {_named(present.absent)}")
    if present.unknown:
        doubts.append(f"a store does not tell whether {_named(present.unknown)} is there")
    return Verdict(
        promise=promise,
        state="undecidable" if doubts else "kept",
        reason="; ".join(doubts),
        messages=present.messages,
    )


def _named(globs: tuple[str, ...]) -> str:
    return ", ".join(f"`{glob}`" for glob in globs)
