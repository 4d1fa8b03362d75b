"""One promise held against batches of messages: how many are due, overdue, held, undetermined."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from piiscan.findings import LOW, MEDIUM
from piiscan.policy import LoadedPolicy, Promise, covers, field_fits, name_fits
from piiscan.retention.clocks import CLOCKS, Period, cutoff, erasable_from, plausible
from piiscan.retention.holding import Holds
from piiscan.retention.units import Units
from piiscan.store import StoredObject
from piiscan.store.blocks import ROLES
from piiscan.store.messages import Batch
from piiscan.store.tally import distinct

__all__ = ["CLOCKED", "SOON", "Due", "Judged", "Measure", "Spot", "View", "Watch"]

CLOCKED = ("anonymize", "erase", "encrypt")  # actions that a clock calls for
SOON = Period(days=7)
SPOTS = 20  # places that are named; all are counted
CONTENT = ("body", "subject", "sender", "recipient", "attachment-name")
EVENTS = ("sent", "contact")  # clocks that have started whenever there is a message at all


class Spot(NamedTuple):
    """A place in the archive, masked, and what stands there; a whole message has no detector."""

    loc: str
    detector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How one promise stands. Messages are counted; the last five speak of those overdue.

    Args:
        promise: Of the policy.
        messages: In its channels.
        concerned: Of which hold what the promise speaks of.
        later: Their time has not come.
        soon: Their time comes within a week.
        overdue: Their time is over, and no hold keeps them.
        held: Their time is over, and a hold keeps them.
        undetermined: Their clock has no plausible time.
        doubtful: Findings of low confidence that were not counted.
        accepted: Findings that somebody has accepted, which are not counted either.
        oldest: When the clock of the oldest one started, in milliseconds; None without a time.
        since: From when on that one is overdue.
        findings: What the promise speaks of.
        people: Distinct fingerprints.
        spots: The first places.

    """

    promise: Promise
    messages: int = 0
    concerned: int = 0
    later: int = 0
    soon: int = 0
    overdue: int = 0
    held: int = 0
    undetermined: int = 0
    doubtful: int = 0
    accepted: int = 0
    oldest: int | None = None
    since: int | None = None
    findings: int = 0
    people: int = 0
    spots: tuple[Spot, ...] = ()


class View(NamedTuple):
    """A batch with what every promise needs of it."""

    owners: Sequence[StoredObject]
    batch: Batch
    units: Units
    kinds: Sequence[tuple[int, int]]  # the pairs of detector and attributes that occur
    kind: npt.NDArray[np.int64]  # place of its pair, for each finding
    catalog: Mapping[int, tuple[str, str, str]]
    kept: npt.NDArray[np.bool_]  # stands in a field that its channel keeps, for each finding
    accepted: npt.NDArray[np.bool_]  # somebody has accepted it, for each finding

    def spot(self, record: int) -> Spot:
        """Return where a finding stands."""
        unit = int(self.units.of_record[record])
        role = ROLES[self.batch.roles[record]]
        path = self.batch.path(record).removeprefix("/") or role
        return Spot(f"{self.place(unit)}/{path}", self.detector(record))

    def place(self, unit: int) -> str:
        """Return where a unit stands."""
        number = int(self.units.number[unit])
        loc = self.owners[int(self.units.object[unit])].loc
        return loc if number < 0 else f"{loc}#{number}"

    def detector(self, record: int) -> str:
        """Return what found a finding."""
        return self.catalog[int(self.batch.records["detector"][record])][0]


class Judged(NamedTuple):
    """How the units of a batch stand to one promise."""

    promise: Promise
    view: View
    start: npt.NDArray[np.int64]  # of its clock, in milliseconds; the smallest number if unknown
    waiting: npt.NDArray[np.bool_]
    overdue: npt.NDArray[np.bool_]
    held: npt.NDArray[np.bool_]
    undetermined: npt.NDArray[np.bool_]


Watch: TypeAlias = Callable[[Judged], None]


class Measure:
    """Counts for one promise.

    Args:
        promise: Of the policy.
        policy: Of which it is one.
        now_ms: The time of the check.
        zone: Whose calendar counts.
        holds: What stays.
        watch: Is told of each batch how its messages stand.

    """

    def __init__(
        self,
        promise: Promise,
        policy: LoadedPolicy,
        *,
        now_ms: int,
        zone: ZoneInfo,
        holds: Holds,
        watch: Watch | None = None,
    ) -> None:
        self.promise = promise
        self._watch = watch
        self._now, self._zone, self._holds = now_ms, zone, holds
        self._period = Period.parse(promise.within)
        self._column = CLOCKS[promise.clock]
        self._timeless = promise.action not in CLOCKED or (
            self._period.at_once and promise.clock in EVENTS
        )
        self._limit = cutoff(now_ms, self._period, zone)
        soon = now_ms + SOON.days * 86_400_000
        self._soon = cutoff(soon, self._period, zone)
        channels = policy.policy.channel
        named = [name_fits(promise.channel, channel.name) for channel in channels]
        # By place of the channel; messages of no channel have the place -1, the last.
        self._channels = np.array([*named, promise.channel == "*"], dtype=np.bool_)
        self._content = np.array(
            [*(_content(channel.keep) for channel in channels), _content([])], dtype=np.uint16
        )
        self._roles = np.array([field_fits(promise.fields, role) for role in ROLES])
        self._everywhere = bool(self._roles.all())
        self._counts = dict.fromkeys(
            ("messages", "concerned", "later", "soon", "overdue", "held", "undetermined"), 0
        )
        self._doubtful = self._findings = self._accepted = 0
        # Messages that were counted and may carry others, sorted: 8 bytes for each.
        self._seen: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._oldest: int | None = None
        self._people: npt.NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
        self._spots: list[Spot] = []

    def add(self, view: View) -> None:
        """Count the messages of a batch."""
        units, records = view.units, view.batch.records
        inside = self._channels[units.channel]
        if not inside.any():
            return
        self._counts["messages"] += int(np.count_nonzero(inside & units.counted))
        meant = self._meant(view) & inside[units.of_record] & ~view.kept
        sure = meant & (records["confidence"] >= MEDIUM)
        self._accepted += int(np.count_nonzero(sure & view.accepted))
        sure &= ~view.accepted
        self._doubtful += int(np.count_nonzero(meant & (records["confidence"] == LOW)))
        concerned = np.bincount(units.of_record[sure], minlength=len(units)) > 0
        if self.promise.action == "erase":
            concerned |= inside & self._remaining(view)
        if not concerned.any():
            return
        self._judge(view, concerned, sure)

    def _meant(self, view: View) -> npt.NDArray[np.bool_]:
        """Return which findings the promise speaks of, whatever their confidence."""
        batch = view.batch
        table = [
            covers(self.promise, *view.catalog[detector][:2], batch.attribute_sets[attributes])
            for detector, attributes in view.kinds
        ]
        found = np.array([*table, False])[view.kind]
        if self._everywhere or not found.any():
            return found
        fields = self.promise.fields
        return found & (
            self._roles[batch.roles] | batch.in_fields(lambda path: field_fits(fields, "", path))
        )

    def _remaining(self, view: View) -> npt.NDArray[np.bool_]:
        """Return which messages are still there.

        In a channel that keeps some fields, those that have others too.
        """
        units = view.units
        mask: npt.NDArray[np.uint16] = self._content[units.channel]
        filled: npt.NDArray[np.bool_] = (units.roles & mask) > 0
        there: npt.NDArray[np.bool_] = filled | (mask == 0) | (units.number < 0)
        return there & units.counted

    def _judge(
        self, view: View, concerned: npt.NDArray[np.bool_], sure: npt.NDArray[np.bool_]
    ) -> None:
        units = view.units
        start = units.sent if self._column == "sent" else units.closed
        known = plausible(start, self._now)
        over = concerned if self._timeless else concerned & known & (start < self._limit)
        held = self._holds.covering(over, units=units, owners=view.owners, batch=view.batch)
        overdue = over & ~held
        undetermined = concerned & ~over & ~known
        soon = concerned & ~over & known & (start < self._soon)
        later = concerned & ~over & known & ~soon
        if self._watch is not None:
            waiting = soon | later
            self._watch(Judged(self.promise, view, start, waiting, overdue, held, undetermined))
        for name, state in (
            ("overdue", overdue),
            ("held", held),
            ("undetermined", undetermined),
            ("soon", soon),
            ("later", later),
        ):
            self._count(name, units, state)
        if not overdue.any():
            return
        started = start[overdue & known]
        if len(started):
            first = int(started.min())
            self._oldest = first if self._oldest is None else min(first, self._oldest)
        self._note(view, overdue, np.flatnonzero(sure & overdue[units.of_record]))

    def _count(self, name: str, units: Units, state: npt.NDArray[np.bool_]) -> None:
        """Count messages: one for a message and the attachments that it carries."""
        alone = state & ~units.carried
        fresh = int(np.count_nonzero(alone))
        carrying = units.message[alone & units.carrying]
        if len(carrying):
            self._seen = np.union1d(self._seen, carrying)
        carried = np.unique(units.message[state & units.carried])
        if len(carried):
            fresh += int(np.count_nonzero(~np.isin(carried, self._seen)))
            self._seen = np.union1d(self._seen, carried)
        self._counts[name] += fresh
        self._counts["concerned"] += fresh

    def _note(
        self,
        view: View,
        overdue: npt.NDArray[np.bool_],
        records: npt.NDArray[np.int64],
    ) -> None:
        """Remember people and places."""
        batch = view.batch
        self._findings += len(records)
        naming = np.array([*(law == "ordinary" for _, _, law in self._laws(view)), False])
        of = batch.records[records[naming[view.kind[records]]]]
        if len(of):
            self._people = np.union1d(self._people, distinct(of))
        room = SPOTS - len(self._spots)
        if room <= 0:
            return
        if self.promise.action == "erase":
            places = np.flatnonzero(overdue)[:room].tolist()
            self._spots += [Spot(view.place(unit), "") for unit in places]
        else:
            self._spots += [view.spot(record) for record in records[:room].tolist()]

    def _laws(self, view: View) -> list[tuple[str, str, str]]:
        return [view.catalog[detector] for detector, _ in view.kinds]

    def done(self) -> Due:
        """Return the counts."""
        since = None
        if self._oldest is not None:
            since = erasable_from(self._oldest, self._period, self._zone)
        return Due(
            promise=self.promise,
            **self._counts,
            doubtful=self._doubtful,
            accepted=self._accepted,
            oldest=self._oldest,
            since=since,
            findings=self._findings,
            people=len(self._people),
            spots=tuple(self._spots),
        )


def _content(keep: Sequence[str]) -> int:
    """Return the roles that a message has as long as it is there, as bits; 0 where all count."""
    if not keep:
        return 0
    return sum(1 << ROLES.index(role) for role in CONTENT if not field_fits(keep, role))
