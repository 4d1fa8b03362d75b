"""The brakes: when a plan is not carried out."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from retaining import FILES, NOW, POLICY, Case, held

from piiscan.errors import RefusedError
from piiscan.policy import parse
from piiscan.policy.model import Decision
from piiscan.retention import brakes


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, FILES)


TODAY = date(2026, 11, 22)
DECISIONS: list[tuple[dict[str, object], str]] = [
    ({"ref": ""}, "no decision"),
    ({"ref": "  "}, "no decision"),
    ({"ref": "KS 1", "expires": date(2026, 11, 21)}, "expired"),
    ({"ref": "KS 1", "date": date(2026, 11, 23)}, "after today"),
]


@pytest.mark.parametrize(("given", "why"), DECISIONS)
def test_without_a_decision_that_holds_nothing_is_done(given: dict[str, object], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        brakes.check_decision(msgspec.convert(given, Decision), TODAY)


@pytest.mark.parametrize(
    "given",
    [{"ref": "KS 1"}, {"ref": "KS 1", "date": TODAY}, {"ref": "KS 1", "expires": TODAY}],
)
def test_a_decision_holds_on_its_first_and_last_day(given: dict[str, object]) -> None:
    brakes.check_decision(msgspec.convert(given, Decision), TODAY)


NEWEST = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)
CLOCKS = [
    (datetime(2026, 11, 19, tzinfo=UTC), "", "before the newest message"),
    (datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=401), "", "more than 400 days"),
    (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-23T00:00:00Z", "last entry of the audit log"),
]


@pytest.mark.parametrize(("now", "last", "why"), CLOCKS)
def test_an_implausible_clock_is_refused_until_it_is_confirmed(
    now: datetime, last: str, why: str
) -> None:
    def check(*, confirmed: bool) -> None:
        brakes.check_clock(now, newest_ms=NEWEST, last_entry=last, plan=None, confirmed=confirmed)

    with pytest.raises(RefusedError, match=why):
        check(confirmed=False)
    check(confirmed=True)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_plausible_clock_is_not(days: int) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=days)
    last = "2026-11-20T00:00:00Z"
    brakes.check_clock(now, newest_ms=NEWEST, last_entry=last, plan=None, confirmed=False)
    brakes.check_clock(now, newest_ms=None, last_entry="", plan=None, confirmed=False)


def test_a_plan_of_tomorrow_is_refused(case: Case) -> None:
    with pytest.raises(RefusedError, match="after now"):
        brakes.check_clock(
            NOW - timedelta(hours=1),
            newest_ms=None,
            last_entry="",
            plan=case.plan(),
            confirmed=True,
        )


def test_a_plan_of_another_policy_is_refused(case: Case) -> None:
    plan = case.plan()
    brakes.check_policy(plan, case.policy.digest)
    with pytest.raises(RefusedError, match="has changed"):
        brakes.check_policy(plan, parse(POLICY.replace("P30D", "P31D")).digest)


def test_a_plan_of_another_store_is_refused(case: Case) -> None:
    plan = case.plan()
    brakes.check_store(plan, plan.key_id)
    with pytest.raises(RefusedError, match="another store"):
        brakes.check_store(plan, "zzzz")


def test_a_plan_that_takes_out_too_much_is_refused(case: Case) -> None:
    plan = case.plan()
    assert plan.messages == 11
    brakes.check_share(plan, 0.5)
    brakes.check_share(plan, 3 / 11)
    with pytest.raises(RefusedError, match="erases 3 of 11"):
        brakes.check_share(plan, 0.25)


def test_a_hold_that_came_after_the_plan_stops_it(case: Case) -> None:
    plan = case.plan(holds=[held(path="x")])
    brakes.check_holds(plan, [held(path="x")])
    brakes.check_holds(plan, [])
    with pytest.raises(RefusedError, match="hold `7` was placed"):
        brakes.check_holds(case.plan(), [held(path="x")])
