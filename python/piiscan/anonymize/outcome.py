"""What a rewrite did: file by file, and in sum. Nothing here holds a value."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["FileResult", "Progress", "Residue", "State", "Total"]

State: TypeAlias = Literal["changed", "copied", "refused", "dropped", "erased", "skipped"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rewrite has come, in bytes of files."""

    step: Literal["scanning", "rewriting", "settling", "verifying"]
    done: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What became of one file."""

    loc: str  # values in names masked
    id: bytes
    state: State
    reason: str = ""
    format: str = ""
    size: int = 0
    messages: int = 0
    edits: int = 0
    kinds: dict[str, int] = field(default_factory=dict)  # type -> places
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)  # promise -> outcome -> n
    alerts: int = 0
    before: str = ""  # SHA-256
    after: str = ""
    taken_over: bool = False  # from a run that was killed
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Residue:
    """A file of the result in which something still stands that had to go."""

    loc: str
    kinds: dict[str, int]
    reason: str = ""


@dataclass(slots=True)
class Total:
    """The sum of a rewrite."""

    files: Counter[str] = field(default_factory=Counter)  # state -> n
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    edits: int = 0
    alerts: int = 0
    bytes_read: int = 0
    refused: list[FileResult] = field(default_factory=list)
    dropped: list[FileResult] = field(default_factory=list)
    warned: list[FileResult] = field(default_factory=list)
    residues: list[Residue] = field(default_factory=list)
    rounds: int = 1
    taken_over: int = 0  # files of a run that was killed
    wording: str = "anonymized"
    published: bool = False

    def add(self, result: FileResult) -> None:
        """Add one file."""
        self.files[result.state] += 1
        self.kinds.update(result.kinds)
        for promise, counts in result.outcomes.items():
            self.outcomes.setdefault(promise, Counter()).update(counts)
        self.edits += result.edits
        self.alerts += result.alerts
        self.bytes_read += result.size
        if result.state == "refused":
            self.refused.append(result)
        if result.state == "dropped":
            self.dropped.append(result)
        self.taken_over += result.taken_over
        if result.warnings:
            self.warned.append(result)
