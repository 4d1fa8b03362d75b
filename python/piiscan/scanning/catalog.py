"""Which detectors there are, and how globs choose among them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache

from piiscan import _core
from piiscan.errors import PolicyError

__all__ = [
    "REFERENCE_DATE",
    "Detector",
    "detector_of",
    "detectors",
    "optional_detectors",
    "select_detectors",
]

REFERENCE_DATE = date(2026, 12, 31)  # for callers that give none; part of the digest
OPTIONAL = ("gender",)  # of no special category: a policy that promises something about it asks


@dataclass(frozen=True, slots=True)
class Detector:
    """What a detector finds, and how sure it can be."""

    id: str
    category: str
    legal_class: str
    summary: str = ""
    rule: str = ""
    examples: tuple[str, ...] = ()


@cache
def detectors() -> tuple[Detector, ...]:
    """Return every detector that ships, in the order of outputs."""
    return tuple(detector_of(row) for row in _core.detectors())


@cache
def optional_detectors() -> tuple[Detector, ...]:
    """Return the detectors that run only where somebody asks for them by name."""
    day = REFERENCE_DATE.isoformat()
    scanner = _core.Scanner(detectors=OPTIONAL, reference_date=day)
    return tuple(detector_of(row) for row in scanner.detectors)


def select_detectors(include: Iterable[str] = (), exclude: Iterable[str] = ()) -> list[str] | None:
    """Return the ids that the globs choose, None for all.

    Args:
        include: Globs over ids and categories; all detectors if empty. A lone `*` leaves out those
            that run only where asked for.
        exclude: Globs that take some away again.

    Raises:
        PolicyError: A glob fits no detector, or none is left.

    """
    include, exclude = tuple(include), tuple(exclude)
    if not include and not exclude:
        return None
    known = (*detectors(), *optional_detectors()) if include else detectors()
    for glob in (*include, *exclude):
        if not any(_fits(detector, glob) for detector in known):
            raise PolicyError(f"no detector is called `{glob}`{_similar(glob)}")
    chosen = [
        detector.id
        for detector in known
        if (not include or any(_fits(detector, glob) for glob in include))
        and not any(_fits(detector, glob) for glob in exclude)
    ]
    if not chosen:
        raise PolicyError("no detector is left\n\nhint: exclude fewer detectors")
    return chosen


def detector_of(row: Mapping[str, object]) -> Detector:
    """Return what the core says of a detector."""
    examples = row.get("examples") or ()
    return Detector(
        id=str(row["id"]),
        category=str(row["category"]),
        legal_class=str(row["class"]),
        summary=str(row.get("summary", "")),
        rule=str(row.get("rule", "")),
        examples=tuple(map(str, examples)) if isinstance(examples, Iterable) else (),
    )


def _fits(detector: Detector, glob: str) -> bool:
    if glob == "*" and detector.id in OPTIONAL:
        return False
    return fnmatchcase(detector.id, glob) or fnmatchcase(detector.category, glob)


def _similar(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only when something went wrong

    names = [detector.id for detector in (*detectors(), *optional_detectors())]
    near = get_close_matches(name, names, n=1)
    return f", but `{near[0]}` is" if near else "\n\nhint: `piiscan detectors list`"
