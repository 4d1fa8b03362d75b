"""What was found in which channel, held against what the channel's notice says of itself."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from piiscan.findings import MEDIUM
from piiscan.policy import LoadedPolicy, Promise, covers, finds
from piiscan.retention.measure import View
from piiscan.retention.units import NO_CHANNEL
from piiscan.store import Store

__all__ = ["Kinds", "Unsaid"]

SPECIAL = ("art9", "art10")
LISTED = 20  # objects without a channel that are named; all of their messages are counted
# What counts at all, themes apart: no addresses of offices.
EVERY = Promise(
    id="every",
    clause="",
    find=["*", "gender"],
    readings=["personal", "topical"],
    action="never",
)


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A category that was found in a channel; `findings` are about people, `topical` are not."""

    channel: str
    category: str
    legal_class: str
    findings: int
    topical: int


class Kinds:
    """Counts findings by channel and category, themes apart, and messages of no channel.

    Args:
        store: Names the detectors.
        policy: Names the channels.

    """

    def __init__(self, store: Store, policy: LoadedPolicy) -> None:
        self._catalog = store.detector_rows
        self._channels = policy.policy.channel
        self._found: Counter[tuple[int, int]] = Counter()
        self._topical: Counter[tuple[int, int]] = Counter()
        self.uncovered = 0
        self.places: list[str] = []

    def add(self, view: View) -> None:
        """Count a batch."""
        units, records = view.units, view.batch.records
        lost = (units.channel == NO_CHANNEL) & units.counted
        self.uncovered += int(np.count_nonzero(lost))
        for at in np.unique(units.object[lost]).tolist()[: LISTED - len(self.places)]:
            self.places.append(view.owners[at].loc)
        sets = view.batch.attribute_sets
        sure = (records["confidence"] >= MEDIUM) & ~view.kept & ~view.accepted
        spoken = [covers(EVERY, *view.catalog[number][:2], sets[at]) for number, at in view.kinds]
        meant = sure & np.array([*spoken, False])[view.kind]
        topical = view.batch.topical()
        for found, taken in ((self._found, meant & ~topical), (self._topical, meant & topical)):
            of = units.channel[units.of_record[taken]] + 1
            pairs, counts = np.unique(of * 256 + records["detector"][taken], return_counts=True)
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
                found[pair // 256 - 1, pair % 256] += count

    def undeclared(self) -> tuple[Unsaid, ...]:
        """Return what a channel holds that it does not declare."""
        return self._sums(
            lambda at, detector, category, _: (
                (declared := self._channels[at].declared) is not None
                and not finds([*declared, *self._channels[at].grounds], detector, category)
            )
        )

    def groundless(self) -> tuple[Unsaid, ...]:
        """Return the special categories for which a channel names no ground."""
        return self._sums(
            lambda at, detector, category, law: (
                law in SPECIAL and not finds(self._channels[at].grounds, detector, category)
            )
        )

    def _sums(self, wanted: Callable[[int, str, str, str], bool]) -> tuple[Unsaid, ...]:
        sums: Counter[tuple[int, str, str]] = Counter()
        themes: Counter[tuple[int, str, str]] = Counter()
        for at, number in sorted(self._found.keys() | self._topical.keys()):
            detector, category, law = self._catalog[number]
            if at != NO_CHANNEL and wanted(at, detector, category, law):
                sums[at, category, law] += self._found[at, number]
                themes[at, category, law] += self._topical[at, number]
        return tuple(
            Unsaid(self._channels[at].name, category, law, count, themes[at, category, law])
            for (at, category, law), count in sums.items()
            if count  # a theme alone is nobody's data
        )
