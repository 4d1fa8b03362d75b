"""What a sweep saw of each channel of a policy: how much, how old, which categories, where.

Messages of no channel are gathered under an empty name: a policy that leaves many of them out does
not describe its archive.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from piiscan.findings import MEDIUM
from piiscan.policy import LoadedPolicy
from piiscan.reports.names import named
from piiscan.reports.words import Words
from piiscan.retention.clocks import PLAUSIBLE_FROM
from piiscan.retention.units import NO_CHANNEL, Channels, Units
from piiscan.store import Store

__all__ = ["Observed", "found_text", "observe"]

Chosen: TypeAlias = npt.NDArray[np.bool_]
PLACES = 5  # folders that are named; the sweep report has all


@dataclass(slots=True)
class Observed:
    """What was seen of a channel; findings are of medium confidence or higher."""

    messages: int = 0
    personal: int = 0  # of the messages: those with findings
    objects: int = 0
    oldest: int | None = None  # milliseconds since 1970
    newest: int | None = None
    findings: Counter[str] = field(default_factory=Counter)  # by detector, about a person
    topical: Counter[str] = field(default_factory=Counter)  # by detector, about a theme
    folders: Counter[str] = field(default_factory=Counter)  # findings by the first step of a place

    @property
    def places(self) -> tuple[str, ...]:
        """The folders with the most findings."""
        return tuple(name for name, _ in sorted(self.folders.items(), key=_most)[:PLACES])


def observe(store: Store, policy: LoadedPolicy) -> Mapping[str, Observed]:
    """Return what was seen of each channel, in the order of the policy, that of none last."""
    names = [*(channel.name for channel in policy.policy.channel), ""]  # -1 is the last
    seen = {name: Observed() for name in names}
    channels = Channels(store, policy)
    detectors = {number: row[0] for number, row in store.detector_rows.items()}
    for owners, batch in store.batches(channels.watch(store.objects())):
        units = channels.units(owners, batch)
        counted = batch.records["confidence"] >= MEDIUM
        topical = batch.topical()
        sure = counted & ~topical
        for at in np.unique(units.channel).tolist():
            one = seen[names[at]]
            mine = units.channel == at
            _count(one, units, mine, sure)
            of = sure & mine[units.of_record]
            themes = counted & topical & mine[units.of_record]
            for found, chosen in ((one.findings, of), (one.topical, themes)):
                numbers, counts = np.unique(batch.records["detector"][chosen], return_counts=True)
                for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                    found[detectors[number]] += count
            held, amounts = np.unique(batch.objects[of], return_counts=True)
            for owner, count in zip(held.tolist(), amounts.tolist(), strict=True):
                one.folders[owners[owner].loc.split("!/")[0].split("/")[0]] += count
    assert NO_CHANNEL == -1  # noqa: S101 - the last of the names
    return seen


def _count(one: Observed, units: Units, mine: Chosen, sure: Chosen) -> None:
    counted = mine & units.counted
    one.messages += int(np.count_nonzero(counted))
    one.objects += len(np.unique(units.object[mine]))
    with_findings = np.zeros(len(units), dtype=np.bool_)
    with_findings[units.of_record[sure]] = True
    one.personal += int(np.count_nonzero(counted & with_findings))
    times = units.sent[mine & (units.sent >= PLAUSIBLE_FROM)]
    if len(times):
        low, high = int(times.min()), int(times.max())
        one.oldest = low if one.oldest is None else min(low, one.oldest)
        one.newest = high if one.newest is None else max(high, one.newest)


def _most(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def found_text(
    words: Words, store: Store, found: Counter[str], *, laws: Collection[str] | None = None
) -> str:
    """Return the categories of what was found, with counts, the most frequent first.

    Args:
        words: Of the report.
        store: Knows the categories of the detectors.
        found: Findings of a channel by detector.
        laws: Only categories of these legal classes.

    """
    counts: Counter[str] = Counter()
    for detector, category, law in store.detector_rows.values():
        if laws is None or law in laws:
            counts[category] += found[detector]
    return "; ".join(
        f"{named(words, name)} {words.number(count)}"
        for name, count in sorted(counts.items(), key=_most)
        if count
    )
