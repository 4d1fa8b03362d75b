"""What is known of a promise when it is judged, and what is said of it then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from piiscan.policy import Promise
from piiscan.retention import Due, Present, Spot
from piiscan.retention.recordings import Standing

__all__ = ["Evidence", "State", "Verdict", "count"]

State: TypeAlias = Literal["kept", "broken", "undecidable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a check knows of one promise.

    Args:
        promise: Of the policy.
        due: Its messages, if it speaks of findings or messages.
        recordings: Sound that it wants erased, by how it stands.
        present: Its fields, if it speaks of what stays.
        gaps: Why it may be broken all the same where nothing was found.
        notes: Why it may be kept all the same where something was found.
        key: What the audit log says of the key of encrypted values.

    """

    promise: Promise
    due: Due = field(default_factory=lambda: Due(promise=Promise(id="", clause="", action="never")))
    recordings: Mapping[Standing, int] = field(default_factory=dict)
    present: Present | None = None
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    key: Literal["destroyed", "kept", "unknown", "damaged"] = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a promise is kept.

    Args:
        promise: Of the policy.
        state: kept, broken or undecidable.
        reason: Why it is undecidable, else what else is to be said; may be empty.
        messages: That were held against it.
        failing: That break it.
        findings: In those.
        people: Distinct fingerprints in those.
        held: That a hold keeps.
        undetermined: Whose clock has no plausible time.
        soon: Whose time comes within a week.
        doubtful: Findings of low confidence that were not counted.
        accepted: Findings that somebody has accepted, which were not counted either.
        oldest: When the clock of the oldest failing message started, in milliseconds.
        since: From when on that one breaks the promise.
        spots: The first places.

    """

    promise: Promise
    state: State
    reason: str = ""
    messages: int = 0
    failing: int = 0
    findings: int = 0
    people: int = 0
    held: int = 0
    undetermined: int = 0
    soon: int = 0
    doubtful: int = 0
    accepted: int = 0
    oldest: int | None = None
    since: int | None = None
    spots: tuple[Spot, ...] = ()


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "message"), count(1200, "message")
    ('1 message', '1,200 messages')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
