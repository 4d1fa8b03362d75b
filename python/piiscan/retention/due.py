"""What is due: for each promise with a clock, how many messages have stayed too long."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from os import PathLike

from piiscan.holds import Hold, active
from piiscan.policy import LoadedPolicy, load
from piiscan.retention.clocks import find_zone
from piiscan.retention.measure import CLOCKED, Due
from piiscan.retention.survey import survey
from piiscan.store import Store

__all__ = ["due", "instant", "resolved"]


def due(
    store: Store,
    *,
    policy: str | PathLike[str] | LoadedPolicy,
    today: date | datetime,
    holds: Sequence[Hold] | None = None,
) -> list[Due]:
    """Return how each promise stands that a clock calls for: anonymize, erase, encrypt.

    Args:
        store: What a sweep found.
        policy: A shipped policy by its name, a file, or a policy.
        today: The time of the check; a day stands for its last moment in the policy's zone.
        holds: What stays; those of policy and store if None.

    Raises:
        FileNotFoundError: There is no such policy file.
        PolicyError: Something in the policy is wrong.

    """
    loaded = resolved(policy)
    promises = [each for each in loaded.policy.promise if each.action in CLOCKED]
    found = survey(
        store,
        loaded,
        now_ms=instant(today, loaded),
        holds=active(loaded.policy, store) if holds is None else holds,
        promises=promises,
    )
    return list(found.dues.values())


def resolved(policy: str | PathLike[str] | LoadedPolicy) -> LoadedPolicy:
    """Return a policy, loaded if it is a name or file."""
    return policy if isinstance(policy, LoadedPolicy) else load(policy)


def instant(today: date | datetime, policy: LoadedPolicy) -> int:
    """Return a time in milliseconds; a day stands for its last moment in the policy's zone.

    Args:
        today: A day, or a time with its zone.
        policy: Of which the zone counts.

    Raises:
        ValueError: A time has no zone.

    """
    if not isinstance(today, datetime):
        zone = find_zone(policy.policy.notice.time_zone)
        moment = datetime.combine(today, time.max, tzinfo=zone)
    elif today.tzinfo is None:
        raise ValueError("a time needs a zone, such as datetime.now(UTC)")
    else:
        moment = today
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
