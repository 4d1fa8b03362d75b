"""Clocks: until which day something is kept, and from which instant it is overdue.

Periods are counted in calendar days, months and years of a time zone, never in seconds. The day of
the event is not counted. A month ends on the day of the same number, or on the last day of a month
that has no such day (SFS 1930:173 section 1; Finland 150/1930 sections 2-3). A year is 12 months,
and months and years are added in one step from the start. What is kept until the end of a day is
overdue from the first instant of the next.

`P0D` means at once: overdue from the event on.

Times are milliseconds since 1970 in UTC, as in the store. A time that is missing, before 1995 or
after now says nothing: what it belongs to is undetermined, and stays.
"""

import calendar
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from zoneinfo import TZPATH, ZoneInfo

import numpy as np
import numpy.typing as npt

from piiscan.errors import PolicyError
from piiscan.policy.model import Clock

__all__ = [
    "CLOCKS",
    "PLAUSIBLE_FROM",
    "Period",
    "cutoff",
    "erasable_from",
    "find_zone",
    "is_plausible",
    "last_keep_day",
    "local_day",
    "plausible",
    "tz_version",
]

CLOCKS: Mapping[Clock, Literal["sent", "closed"]] = {
    "sent": "sent",
    "contact": "sent",
    "closed": "closed",
    "contract_end": "closed",
}
"""Which time of a message a clock reads; profiles say which column is `closed`."""

PLAUSIBLE_FROM = 788_918_400_000  # 1995-01-01: an earlier time of a message is a fault of its clock
LONGEST_MONTHS, LONGEST_DAYS = 12_000, 366_000  # 1,000 years: the calendar ends with year 9999
DAY_S = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_S, LAST_S = (  # within these every zone has a date
    int((datetime(*day, tzinfo=UTC) - EPOCH).total_seconds()) for day in ((1, 1, 2), (9999, 12, 30))
)
PERIOD = re.compile(
    r"P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of ISO 8601: months first, then days."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Return the period that `text` names, such as `P30D`, `P3M`, `P1Y`.

        Args:
            text: `P` and numbers with `Y`, `M`, `W`, `D`, in this order.

        Raises:
            PolicyError: It is none, or longer than a thousand years.

        """
        found = PERIOD.fullmatch(text)
        if not found:
            raise PolicyError(
                f"`{text}` is no period\n\nhint: days, months or years, such as P30D, P3M, P1Y"
            )
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        period = cls(12 * years + months, 7 * weeks + days)
        if period.months > LONGEST_MONTHS or period.days > LONGEST_DAYS:
            raise PolicyError(f"period `{text}` is longer than a thousand years")
        return period

    @property
    def at_once(self) -> bool:
        """Whether nothing is kept at all."""
        return not self.months and not self.days

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        parts = [f"{count}{unit}" for count, unit in ((years, "Y"), (months, "M")) if count]
        if self.days or not parts:
            parts.append(f"{self.days}D")
        return "P" + "".join(parts)


def last_keep_day(start: date, period: Period) -> date:
    """Return the last day on which something is kept.

    Args:
        start: The day of the event, which is not counted.
        period: How long.

    Raises:
        OverflowError: The calendar ends before that day.

    """
    place = start.year * 12 + start.month - 1 + period.months
    year, month = place // 12, place % 12 + 1
    if year > date.max.year:
        raise OverflowError("the calendar ends with year 9999")
    day = min(start.day, calendar.monthrange(year, month)[1])
    return date(year, month, day) + timedelta(days=period.days)


def erasable_from(start_ms: int, period: Period, zone: ZoneInfo) -> int:
    """Return the instant from which something is overdue, in milliseconds.

    Args:
        start_ms: The instant of the event.
        period: How long it is kept.
        zone: Whose calendar counts.

    Raises:
        OverflowError: The calendar ends before that day.

    """
    if period.at_once:
        return start_ms
    return _first_instant(
        last_keep_day(local_day(start_ms, zone), period) + timedelta(days=1), zone
    )


def cutoff(now_ms: int, period: Period, zone: ZoneInfo) -> int:
    """Return the instant before which every event is overdue.

    `start < cutoff(now)` holds exactly where `erasable_from(start) <= now` does; the one is a
    comparison of numbers for a million messages, the other a computation for each.

    Args:
        now_ms: The time of the check.
        period: How long is kept.
        zone: Whose calendar counts.

    """
    if period.at_once:
        return now_ms + 1
    today = local_day(now_ms, zone)
    first, last = date.min.toordinal(), today.toordinal()
    kept = bisect_right(
        range(first, last + 1), today, key=lambda day: _ended(date.fromordinal(day), period)
    )
    return _first_instant(date.fromordinal(first + kept), zone)


def is_plausible(moment_ms: int | None, now_ms: int) -> bool:
    """Return whether a time of a message can be one; no clock starts at another.

    Args:
        moment_ms: The time; None if there is none.
        now_ms: The time of the check.

    """
    return moment_ms is not None and PLAUSIBLE_FROM <= moment_ms <= now_ms


def plausible(times: npt.NDArray[np.int64], now_ms: int) -> npt.NDArray[np.bool_]:
    """Return where times of messages can be ones; as `is_plausible`, for a column.

    Args:
        times: The times; the smallest number stands for none.
        now_ms: The time of the check.

    """
    return (times >= PLAUSIBLE_FROM) & (times <= now_ms)


def local_day(moment_ms: int, zone: ZoneInfo) -> date:
    """Return the day that an instant falls on.

    Args:
        moment_ms: The instant.
        zone: Whose calendar counts.

    Raises:
        OverflowError: It lies outside the years 1 to 9999.

    """
    return (EPOCH + timedelta(milliseconds=moment_ms)).astimezone(zone).date()


def find_zone(name: str) -> ZoneInfo:
    """Return a time zone.

    Args:
        name: As in the tz database.

    Raises:
        PolicyError: The database has none of that name.

    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder, a path that leads out, nothing at all
        raise PolicyError(
            f"no time zone is called `{name}`\n\nhint: such as Europe/Stockholm, Europe/Helsinki"
        ) from None


def tz_version() -> str:
    """Return the version of the tz database that is used; empty if it does not say."""
    for folder in TZPATH:
        path = Path(folder, "tzdata.zi")
        if path.is_file():
            with path.open(encoding="utf-8") as lines:
                return lines.readline().removeprefix("# version").strip()
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return ""


def _ended(start: date, period: Period) -> date:
    """Return the day after the last one on which something is kept, or the calendar's last."""
    try:
        return last_keep_day(start, period) + timedelta(days=1)
    except OverflowError:
        return date.max


def _first_instant(day: date, zone: ZoneInfo) -> int:
    """Return when a day begins, in milliseconds: not at midnight where clocks jump over it."""
    midnight = (day.toordinal() - EPOCH.toordinal()) * DAY_S
    first = max(midnight - DAY_S, FIRST_S)
    steps = range(first, min(midnight + DAY_S, LAST_S))
    return 1000 * (first + bisect_left(steps, day, key=lambda at: local_day(at * 1000, zone)))
