"""Retention: how long messages may stay, and which of them have stayed too long.

`clocks` counts days, months and years. `survey` holds every message of a store against a policy in
one pass; `due` asks it about the promises that a clock calls for.
"""

from piiscan.retention.clocks import CLOCKS, Period, cutoff, erasable_from, last_keep_day
from piiscan.retention.due import due, instant, resolved
from piiscan.retention.kinds import Unsaid
from piiscan.retention.measure import CLOCKED, Due, Spot
from piiscan.retention.presence import Present
from piiscan.retention.survey import Survey, Unread, survey
from piiscan.retention.units import Channels, Units, paths

__all__ = [
    "CLOCKED",
    "CLOCKS",
    "Channels",
    "Due",
    "Period",
    "Present",
    "Spot",
    "Survey",
    "Units",
    "Unread",
    "Unsaid",
    "cutoff",
    "due",
    "erasable_from",
    "instant",
    "last_keep_day",
    "paths",
    "resolved",
    "survey",
]
