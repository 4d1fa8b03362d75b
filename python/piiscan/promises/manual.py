"""A promise about what people do, or about where data goes: no archive shows it."""

from piiscan.promises.verdict import Evidence, Verdict

__all__ = ["judge"]


def judge(evidence: Evidence) -> Verdict:
    """Never decided by a scan."""
    return Verdict(
        promise=evidence.promise,
        state="undecidable",
        reason="no archive shows this: a person has to confirm it",
    )
