"""When messages came, and what that makes of them: the heart of every archive of a policy.

A message is `due` while its time runs, `overdue` when it is over, `held` when somebody has stopped
the clock, `undetermined` when no time can be told, `done` when nothing personal is left in it, and
`public` when it is meant to be read by everybody.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dice import Dice

from policies.periods import newest_overdue_day, overdue_since

# Times that are none: left out, not in any calendar, before there was mail, and yet to come.
BAD_TIMES = ("", "2026-02-30T10:15:00Z", "1970-01-01T00:00:00Z", "2031-05-04T12:00:00Z")
LAST_SECOND = dt.time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one message: what becomes of it, and its time, or what stands in its place."""

    state: str
    moment: dt.datetime | None
    bad_time: str = ""

    @property
    def personal(self) -> bool:
        """Whether there is something personal in the message."""
        return self.state != "done"

    def iso(self) -> str:
        """Return the time as machines write it, in the zone of the notice."""
        return self.moment.isoformat() if self.moment else self.bad_time

    def wall(self, pattern: str = "%Y-%m-%d %H:%M:%S") -> str:
        """Return the time without its zone, as tables hold it."""
        if self.moment:
            return self.moment.strftime(pattern)
        return self.bad_time.removesuffix("Z").replace("T", " ")

    def millis(self) -> int:
        """Return the time as a number; the beginning of 1970 where there is none."""
        return int(self.moment.timestamp()) * 1000 if self.moment else 0

    def answered(self) -> "Slot":
        """Return the slot of an answer, in which there is nothing personal."""
        return Slot("done", self.moment, self.bad_time)


@dataclass(frozen=True, slots=True)
class Mix:
    """How many messages of each state a file holds."""

    due: int = 6
    overdue: int = 4
    done: int = 8
    held: int = 0
    undetermined: int = 0


@dataclass(frozen=True, slots=True)
class Ages:
    """Times that are right for a state, on a given day."""

    now: dt.datetime
    zone: ZoneInfo
    is_kept: bool  # whether every promise is kept in this archive

    def slots(self, dice: Dice, mix: Mix, period: str) -> list[Slot]:
        """Return the slots of a file in the order of time; those without a time stand anywhere.

        The first of the overdue came in the last second of its day, the first of the due in the
        first second of the next day. Where every promise is kept, what would be overdue is done
        and what would be undetermined is due.
        """
        undated = 0 if self.is_kept else mix.undetermined
        late = "done" if self.is_kept else "overdue"
        dated = [
            *self.fresh(dice, mix.due + mix.undetermined - undated, period),
            *(Slot(late, moment) for moment in self.old(dice, mix.overdue, period)),
            *(Slot("done", self.random_old(dice, period)) for _ in range(mix.done)),
            *(Slot("held", self.random_old(dice, period)) for _ in range(mix.held)),
        ]
        slots = sorted(dated, key=lambda slot: slot.moment or self.now)
        for number in range(undated):
            bad = BAD_TIMES[number % len(BAD_TIMES)]
            slots.insert(dice.below(len(slots) + 1), Slot("undetermined", None, bad))
        return slots

    def before(self, slot: Slot, dice: Dice, days: int = 60) -> Slot:
        """Return when something began that ended at a slot's time, if it ended."""
        ended = slot.moment or self.now - dt.timedelta(days=100)
        began = ended - dt.timedelta(days=dice.between(min(days, 1), days), minutes=9)
        return Slot(slot.state, began.astimezone(self.zone))

    def fresh(self, dice: Dice, count: int, period: str) -> Iterator[Slot]:
        """Yield slots of messages whose time still runs, the oldest first."""
        day = newest_overdue_day(self.now, period, self.zone) + dt.timedelta(days=1)
        first = dt.datetime.combine(day, dt.time(), self.zone)
        span = int((self.now - first).total_seconds())
        for number in range(count):
            after = dice.between(1, span - 1) if number else 0
            yield Slot("due", local(first.timestamp() + after, self.zone))

    def old(self, dice: Dice, count: int, period: str) -> Iterator[dt.datetime]:
        """Yield times that are over, the newest first."""
        for number in range(count):
            if number:
                yield self.random_old(dice, period)
            else:
                day = newest_overdue_day(self.now, period, self.zone)
                yield dt.datetime.combine(day, LAST_SECOND, self.zone)

    def random_old(self, dice: Dice, period: str) -> dt.datetime:
        """Return a time that is over, by half a year at most."""
        day = newest_overdue_day(self.now, period, self.zone)
        newest = dt.datetime.combine(day, dt.time(), self.zone)
        return local(newest.timestamp() - dice.between(1, 180 * 86400), self.zone)

    def is_over(self, moment: dt.datetime, period: str) -> bool:
        """Tell whether what happened at `moment` may not be there any more."""
        return overdue_since(moment, period, self.zone) <= self.now


def local(seconds: float, zone: ZoneInfo) -> dt.datetime:
    """Return a moment as the clock on the wall shows it, but not in an hour that it shows twice.

    Without its zone such a time could be two.
    """
    moment = dt.datetime.fromtimestamp(seconds, zone)
    offsets = {moment.replace(fold=fold).utcoffset() for fold in (0, 1)}
    return moment if len(offsets) == 1 else moment + dt.timedelta(hours=2)
