"""Periods of keeping, in days of the calendar where the notice applies.

Written from the rules alone, apart from the code that is judged by them: the day of the event is
not counted; months and years end on the same day number, or on the last day of the month; what
is due may go from the first moment of the day after.
"""

import datetime as dt
import re
from calendar import monthrange
from zoneinfo import ZoneInfo

AT_ONCE = "P0D"
PERIOD = re.compile(r"P(\d+)([DMY])")


def last_keep_day(start: dt.date, period: str) -> dt.date:
    """Return the last day on which something of the day `start` is kept."""
    match = PERIOD.fullmatch(period)
    if not match:
        message = f"`{period}` is no period of days, months or years"
        raise ValueError(message)
    count = int(match[1])
    if match[2] == "D":
        return start + dt.timedelta(days=count)
    years, month = divmod(start.month - 1 + count * (12 if match[2] == "Y" else 1), 12)
    year = start.year + years
    return dt.date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def overdue_since(moment: dt.datetime, period: str, zone: ZoneInfo) -> dt.datetime:
    """Return the first moment at which what happened at `moment` may not be there any more.

    `P0D` is at once.
    """
    if period == AT_ONCE:
        return moment.astimezone(dt.UTC)
    day = last_keep_day(moment.astimezone(zone).date(), period) + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def newest_overdue_day(now: dt.datetime, period: str, zone: ZoneInfo) -> dt.date:
    """Return the last day whose events are overdue at `now`."""
    today = day = now.astimezone(zone).date()
    while last_keep_day(day, period) >= today:
        day -= dt.timedelta(days=1)
    return day
