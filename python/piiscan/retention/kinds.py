"""What was found in which channel, held against what the channel's notice says of itself."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from piiscan.findings import MEDIUM
from piiscan.policy import LoadedPolicy, Promise, covers, finds
from piiscan.retention.measure import View
from piiscan.retention.units import NO_CHANNEL
from piiscan.store import Store

__all__ = ["Kinds", "Unsaid"]

SPECIAL = ("art9", "art10")
LISTED = 20  # objects without a channel that are named; all of their messages are counted
# What speaks of a person at all: no topics, no addresses of offices.
EVERY = Promise(id="every", clause="", find=["*", "gender"], action="never")


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A category that was found in a channel."""

    channel: str
    category: str
    legal_class: str
    findings: int


class Kinds:
    """Counts findings by channel and category, and messages of no channel.

    Args:
        store: Names the detectors.
        policy: Names the channels.

    """

    def __init__(self, store: Store, policy: LoadedPolicy) -> None:
        self._catalog = store.detector_rows
        self._channels = policy.policy.channel
        self._found: dict[tuple[int, int], int] = {}
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
        speaking = [covers(EVERY, *view.catalog[number][:2], sets[at]) for number, at in view.kinds]
        of_person = np.array([*speaking, False])
        taken = of_person[view.kind] & (records["confidence"] >= MEDIUM) & ~view.kept
        of = units.channel[units.of_record[taken]] + 1
        pairs = of * 256 + records["detector"][taken]
        for pair, count in _counted(pairs):
            key = (pair // 256 - 1, pair % 256)
            self._found[key] = self._found.get(key, 0) + count

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
        sums: dict[tuple[int, str, str], int] = {}
        for (at, number), count in sorted(self._found.items()):
            detector, category, law = self._catalog[number]
            if at != NO_CHANNEL and wanted(at, detector, category, law):
                key = (at, category, law)
                sums[key] = sums.get(key, 0) + count
        return tuple(
            Unsaid(self._channels[at].name, category, law, count)
            for (at, category, law), count in sums.items()
        )


def _counted(numbers: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    found, counts = np.unique(numbers, return_counts=True)
    return list(zip(found.tolist(), counts.tolist(), strict=True))
