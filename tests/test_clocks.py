"""Until when is what kept? Worked dates, a matrix computed with another library, and laws."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from piiscan.errors import PolicyError
from piiscan.retention.clocks import (
    PLAUSIBLE_FROM,
    Period,
    cutoff,
    erasable_from,
    find_zone,
    is_plausible,
    last_keep_day,
    local_day,
    plausible,
    tz_version,
)

STOCKHOLM, HELSINKI = "Europe/Stockholm", "Europe/Helsinki"
MATRIX = Path(__file__).parent / "cases" / "retention" / "clocks.tsv"
ZONES = [STOCKHOLM, HELSINKI, "Europe/Oslo", "Atlantic/Reykjavik", "America/Nuuk", "UTC"]
NOW = "2026-11-22T15:00Z"

# event, zone, start day, period, last keep day, erasable from
WORKED = [
    ("2026-05-31T21:30Z", STOCKHOLM, "2026-05-31", "P30D", "2026-06-30", "2026-06-30T22:00Z"),
    ("2026-05-31T21:30Z", HELSINKI, "2026-06-01", "P30D", "2026-07-01", "2026-07-01T21:00Z"),
    ("2026-05-31T21:30Z", STOCKHOLM, "2026-05-31", "P3M", "2026-08-31", "2026-08-31T22:00Z"),
    ("2026-05-31T21:30Z", HELSINKI, "2026-06-01", "P3M", "2026-09-01", "2026-09-01T21:00Z"),
    ("2026-11-30T09:00Z", HELSINKI, "2026-11-30", "P3M", "2027-02-28", "2027-02-28T22:00Z"),
    ("2023-11-30T09:00Z", HELSINKI, "2023-11-30", "P3M", "2024-02-29", "2024-02-29T22:00Z"),
    ("2024-02-29T12:00Z", STOCKHOLM, "2024-02-29", "P1Y", "2025-02-28", "2025-02-28T23:00Z"),
    ("2027-02-28T22:15Z", HELSINKI, "2027-03-01", "P1Y", "2028-03-01", "2028-03-01T22:00Z"),
    ("2026-03-08T12:00Z", STOCKHOLM, "2026-03-08", "P21D", "2026-03-29", "2026-03-29T22:00Z"),
    ("2026-10-04T12:00Z", STOCKHOLM, "2026-10-04", "P21D", "2026-10-25", "2026-10-25T23:00Z"),
]


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def matrix() -> list[tuple[str, ...]]:
    lines = MATRIX.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


def test_the_matrix_is_whole() -> None:
    rows = matrix()
    assert len(rows) == len(set(rows)) == 11 * 4 * 2


@pytest.mark.parametrize("case", [*WORKED, *matrix()], ids=" ".join)
def test_an_event_is_kept_until(case: tuple[str, ...]) -> None:
    event, zone, start, period, last, erasable = case
    where, how_long = ZoneInfo(zone), Period.parse(period)
    begin = local_day(ms(event), where)
    assert str(begin) == start
    assert str(last_keep_day(begin, how_long)) == last
    assert erasable_from(ms(event), how_long, where) == ms(erasable)
    assert ms(event) < cutoff(ms(erasable), how_long, where)
    assert ms(event) >= cutoff(ms(erasable) - 1, how_long, where)


def test_months_are_added_in_one_step() -> None:
    assert last_keep_day(date(2026, 1, 31), Period.parse("P2M")) == date(2026, 3, 31)


def test_at_once_means_from_the_event_on() -> None:
    event, zone = ms("2026-05-31T21:30Z"), ZoneInfo(STOCKHOLM)
    assert Period.parse("P0D").at_once
    assert erasable_from(event, Period(), zone) == event
    assert event < cutoff(event, Period(), zone)
    assert event >= cutoff(event - 1, Period(), zone)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P0D", Period()),
        ("P21D", Period(days=21)),
        ("P3M", Period(months=3)),
        ("P1Y", Period(months=12)),
        ("P2W", Period(days=14)),
        ("P1Y6M10D", Period(months=18, days=10)),
    ],
)
def test_a_period_is_read(text: str, period: Period) -> None:
    assert Period.parse(text) == period
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text",
    ["", "P", "30D", "P30", "PT5H", "P1D1M", "P-1D", "P1.5Y", "p1d", "P٣D", "P1Y ", "P2000Y"],
)
def test_another_text_is_no_period(text: str) -> None:
    with pytest.raises(PolicyError):
        Period.parse(text)


@pytest.mark.parametrize("name", ["Europe/Stokholm", "", "..", "/etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(PolicyError, match="no time zone"):
        find_zone(name)


def test_the_database_of_zones_has_a_version() -> None:
    assert tz_version()[:2] == "20"


@pytest.mark.parametrize(
    "moment",
    [
        None,
        -(2**63),
        -1,
        0,
        1,
        PLAUSIBLE_FROM - 1,
        ms("1994-12-31T23:59Z"),
        ms("0999-01-01T00:00Z"),
        ms("9999-12-31T00:00Z"),
        ms("2026-11-22T15:01Z"),
        ms("2062-11-22T00:00Z"),
        ms("2026-11-22T14:00Z") // 1000,  # seconds for milliseconds
        ms("2026-11-22T14:00Z") * 1000,  # microseconds for milliseconds
        2**63 - 1,
    ],
)
def test_an_implausible_time_starts_no_clock(moment: int | None) -> None:
    assert not is_plausible(moment, ms(NOW))
    if moment is not None:
        assert not plausible(np.array([moment], dtype=np.int64), ms(NOW)).any()


@pytest.mark.parametrize("moment", [PLAUSIBLE_FROM, ms("2026-11-22T14:59Z"), ms(NOW)])
def test_a_plausible_time_does(moment: int) -> None:
    assert is_plausible(moment, ms(NOW))
    assert plausible(np.array([moment], dtype=np.int64), ms(NOW)).all()


days = st.dates(date(1995, 1, 1), date(2100, 1, 1))
instants = st.integers(PLAUSIBLE_FROM, ms("2100-01-01T00:00Z"))
periods = st.builds(Period, months=st.integers(0, 40), days=st.integers(0, 400))
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])


@given(start=days, months=st.integers(0, 400), more=st.integers(0, 4000))
def test_calendars_agree_with_another_library(start: date, months: int, more: int) -> None:
    expected = start + relativedelta(months=months) + timedelta(days=more)
    assert last_keep_day(start, Period(months, more)) == expected


@given(start=instants, now=instants, period=periods, zone=zones)
def test_the_cutoff_agrees_with_each_event(
    start: int, now: int, period: Period, zone: ZoneInfo
) -> None:
    assert (start < cutoff(now, period, zone)) == (erasable_from(start, period, zone) <= now)


@given(start=instants, period=periods, zone=zones)
def test_the_cutoff_agrees_at_the_very_border(start: int, period: Period, zone: ZoneInfo) -> None:
    due = erasable_from(start, period, zone)
    assert start >= cutoff(due - 1, period, zone)
    assert start < cutoff(due, period, zone)


@given(early=instants, late=instants, period=periods, zone=zones)
def test_what_came_first_is_due_first(
    early: int, late: int, period: Period, zone: ZoneInfo
) -> None:
    first, last = sorted((early, late))
    assert erasable_from(first, period, zone) <= erasable_from(last, period, zone)
    assert cutoff(first, period, zone) <= cutoff(last, period, zone)


@given(start=instants, period=periods, zone=zones)
def test_nothing_is_due_before_its_last_day_is_over(
    start: int, period: Period, zone: ZoneInfo
) -> None:
    due = erasable_from(start, period, zone)
    assert due >= start
    if not period.at_once:
        last = last_keep_day(local_day(start, zone), period)
        assert local_day(due - 1, zone) == last
        assert datetime.fromtimestamp(due / 1000, UTC).second == 0
