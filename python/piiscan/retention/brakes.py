"""The brakes: why a plan is not carried out. Each is a question with one answer, `RefusedError`.

Anonymizing a public record is disposal and needs a decision; a clock that is wrong makes everything
overdue; a rule that is wrong takes out most of the archive.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from piiscan.errors import RefusedError
from piiscan.holds import Hold
from piiscan.policy.model import Decision
from piiscan.retention.plan import Plan

__all__ = [
    "MAX_AGE_DAYS",
    "check_clock",
    "check_decision",
    "check_holds",
    "check_policy",
    "check_share",
    "check_store",
    "clock_problem",
    "local_day",
    "moment",
]

MAX_AGE_DAYS = 400  # a clock so far after the newest message is more likely wrong than right
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(milliseconds: int) -> datetime:
    """Return an instant in UTC.

    Args:
        milliseconds: Since 1970.

    """
    return EPOCH + timedelta(milliseconds=milliseconds)


def check_decision(decision: Decision, today: date) -> None:
    """Refuse without a decision that holds today.

    Args:
        decision: Of the policy.
        today: The day of the run, where the archive is.

    Raises:
        RefusedError: The reference is missing, or the decision has expired or is not yet made.

    """
    hint = "\n\nhint: name it in the policy: [decision] ref, body, date"
    if not decision.ref.strip():
        raise RefusedError(f"no decision allows originals to be changed{hint}")
    if decision.expires is not None and decision.expires < today:
        raise RefusedError(f"decision `{decision.ref}` expired on {decision.expires}{hint}")
    if decision.date is not None and decision.date > today:
        raise RefusedError(f"decision `{decision.ref}` is of {decision.date}, after today{hint}")


def check_policy(plan: Plan, digest: str) -> None:
    """Refuse a plan of another policy.

    Args:
        plan: The plan.
        digest: Of the policy that was named.

    Raises:
        RefusedError: The policy is another one, or has changed.

    """
    if plan.policy_digest != digest:
        raise RefusedError(
            f"the plan was made for another policy, or policy `{plan.policy}` has changed\n\n"
            "hint: look at a new dry run"
        )


def check_store(plan: Plan, key_id: str) -> None:
    """Refuse a plan whose files have other names in the store.

    Args:
        plan: The plan.
        key_id: Name of the store's key.

    Raises:
        RefusedError: The plan was made with another store.

    """
    if plan.key_id != key_id:
        raise RefusedError("the plan was made with another store\n\nhint: name it with --store")


def check_holds(plan: Plan, holds: Iterable[Hold]) -> None:
    """Refuse a plan that does not know of a hold.

    Args:
        plan: The plan.
        holds: Those that last now.

    Raises:
        RefusedError: One was placed after the plan was made.

    """
    if new := sorted({hold.id for hold in holds} - set(plan.holds)):
        raise RefusedError(
            f"hold `{new[0]}` was placed after the plan was made\n\nhint: look at a new dry run"
        )


def clock_problem(now: datetime, *, newest_ms: int | None, last_entry: str) -> str:
    """Return why a clock is implausible; nothing if it is plausible.

    Args:
        now: What the clock says.
        newest_ms: Time of the newest message.
        last_entry: Time of the last entry of the audit log, RFC 3339; empty without one.

    """
    if last_entry and now < datetime.fromisoformat(last_entry):
        return f"it is before the last entry of the audit log, {last_entry}"
    if newest_ms is None:
        return ""
    newest = moment(newest_ms)
    if now < newest:
        return f"it is before the newest message, {_text(newest)}"
    if now - newest > timedelta(days=MAX_AGE_DAYS):
        return f"it is more than {MAX_AGE_DAYS} days after the newest message, {_text(newest)}"
    return ""


def check_clock(
    now: datetime, *, newest_ms: int | None, last_entry: str, plan: Plan | None, confirmed: bool
) -> None:
    """Refuse a clock that is more likely wrong than right.

    Args:
        now: What the clock says.
        newest_ms: Time of the newest message.
        last_entry: Time of the last entry of the audit log, RFC 3339; empty without one.
        plan: The plan that is carried out.
        confirmed: Somebody has looked at the clock.

    Raises:
        RefusedError: The time is implausible and nobody has confirmed it, or it is before the plan.

    """
    if plan is not None and now < moment(plan.now_ms):
        raise RefusedError(
            f"the plan is of {_text(moment(plan.now_ms))}, which is after now\n\n"
            "hint: look at the clock, then make a new plan"
        )
    problem = clock_problem(now, newest_ms=newest_ms, last_entry=last_entry)
    if problem and not confirmed:
        raise RefusedError(
            f"the clock says {_text(now)}: {problem}\n\n"
            "hint: if the clock is right, say so with --now-confirmed"
        )


def check_share(plan: Plan, most: float) -> None:
    """Refuse a plan that takes out more of the archive than was expected.

    Args:
        plan: The plan.
        most: The share that may go, 0 to 1.

    Raises:
        RefusedError: More would go.

    """
    if plan.share > most:
        raise RefusedError(
            f"the plan erases {plan.erased:,} of {plan.messages:,} messages and recordings,"
            f" more than the share {most:g}\n\nhint: if that is meant, raise it with --max-share"
        )


def local_day(now: datetime, time_zone: str) -> date:
    """Return the day of an instant where the archive is.

    Args:
        now: The instant.
        time_zone: Of the notice.

    """
    return now.astimezone(ZoneInfo(time_zone)).date()


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
