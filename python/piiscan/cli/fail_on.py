"""Conditions of `--fail-on`: NAME, with `@high` or `@medium`, with `>N`.

NAME is `any`, `warn`, `skipped`, a legal class (`art9`), a category (`health`) or a glob over
detectors (`se-*`). Without a level, findings of at least medium confidence count; without a number,
one is enough. Findings that the allow file of the policy accepts do not count.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

from piiscan.scanning import Detector, detectors, optional_detectors
from piiscan.store import Count, Summary

if TYPE_CHECKING:
    from piiscan.retention.accepting import AcceptedFindings

__all__ = ["Condition", "parse"]

CLASSES = ("ordinary", "art9", "art10", "protected")
LEDGER = ("warn", "skipped")
FORM = re.compile(r"(?P<name>[a-z0-9*?\[\]!-]+)(?:@(?P<level>high|medium))?(?:>(?P<above>\d+))?")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition."""

    text: str
    name: str
    level: str
    above: int

    def holds(self, totals: Summary, accepted: "AcceptedFindings | None" = None) -> bool:
        """Return whether the totals are above the limit.

        Args:
            totals: Of a run.
            accepted: What does not count of them.

        """
        return self.count(totals, accepted) > self.above

    def count(self, totals: Summary, accepted: "AcceptedFindings | None" = None) -> int:
        """Return the number that is compared.

        Args:
            totals: Of a run.
            accepted: What does not count of them.

        """
        if self.name in LEDGER:
            return totals.objects.get(self.name, 0)
        return sum(
            self._sure(count) - self._accepted(detector, accepted)
            for detector, count in totals.by_detector.items()
            if self._fits(totals, detector)
        )

    def _fits(self, totals: Summary, detector: str) -> bool:
        if self.name in {"any", totals.classes[detector]}:
            return True
        category = next((row.category for row in _rows() if row.id == detector), "")
        return self.name == category or fnmatchcase(detector, self.name)

    def _accepted(self, detector: str, accepted: "AcceptedFindings | None") -> int:
        if accepted is None:
            return 0
        return (accepted.high if self.level == "high" else accepted.sure).get(detector, 0)

    def _sure(self, count: Count) -> int:
        return count.high if self.level == "high" else count.sure


def parse(texts: Iterable[str]) -> list[Condition]:
    """Return the conditions.

    Args:
        texts: What was given to `--fail-on`.

    Raises:
        click.BadParameter: A condition has another form, or names nothing.

    """
    return [_parse(text) for text in texts]


def _rows() -> tuple[Detector, ...]:
    return (*detectors(), *optional_detectors())


def _parse(text: str) -> Condition:
    found = FORM.fullmatch(text.strip())
    if not found:
        raise click.BadParameter(
            f"`{text}` is no condition\n\n"
            "hint: NAME, NAME@high or NAME>10, such as --fail-on 'se-*@high>0'",
            param_hint="--fail-on",
        )
    name = found["name"]
    rows = _rows()
    names = [
        "any",
        *LEDGER,
        *CLASSES,
        *sorted({row.category for row in rows}),
        *(row.id for row in rows),
    ]
    if name not in names and not any(fnmatchcase(row.id, name) for row in rows):
        near = get_close_matches(name, names, n=1)
        similar = f", but `{near[0]}` is" if near else "\n\nhint: piiscan detectors list"
        raise click.BadParameter(f"nothing is called `{name}`{similar}", param_hint="--fail-on")
    return Condition(text, name, found["level"] or "medium", int(found["above"] or 0))
