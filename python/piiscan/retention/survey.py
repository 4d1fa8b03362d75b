"""One pass over the messages of a store, for every promise of a policy at once.

Beside the promises it notes what a notice has not spoken of: categories that a channel does not
declare, special categories without a ground, messages of no channel, objects that were not read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy, Promise
from piiscan.retention.accepting import Accepting
from piiscan.retention.clocks import find_zone, local_day
from piiscan.retention.holding import Holds
from piiscan.retention.keeping import Keeping
from piiscan.retention.kinds import Kinds, Unsaid
from piiscan.retention.measure import Due, Measure, View, Watch
from piiscan.retention.presence import Presence, Present
from piiscan.retention.units import NO_CHANNEL, Channels
from piiscan.store import INCOMPLETE, Store, StoredObject
from piiscan.store.messages import Batch

__all__ = ["Survey", "Unread", "survey"]


@dataclass(frozen=True, slots=True)
class Unread:
    """An object that was not read as a whole, and the channels that it may belong to."""

    loc: str
    status: str
    reason: str
    channels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one pass found.

    Args:
        dues: The promises that speak of findings or messages, in the order of the policy.
        present: Those that speak of what stays.
        undeclared: Categories that the channel's notice does not name.
        groundless: Special categories in a channel that names no ground for them.
        uncovered: Messages of no channel.
        uncovered_places: The first of their objects.
        unread: Objects that were not read as a whole.
        accepted: Findings that the allow file of the policy accepts; none of them is counted above.
        expired: Rows of that file whose time is over: their findings count.
        foreign: Rows of fingerprints under another key than the store's.

    """

    dues: Mapping[str, Due]
    present: Mapping[str, Present]
    undeclared: tuple[Unsaid, ...]
    groundless: tuple[Unsaid, ...]
    uncovered: int
    uncovered_places: tuple[str, ...]
    unread: tuple[Unread, ...]
    accepted: int = 0
    expired: int = 0
    foreign: int = 0


def survey(
    store: Store,
    policy: LoadedPolicy,
    *,
    now_ms: int,
    holds: Sequence[Hold] = (),
    promises: Sequence[Promise] | None = None,
    watch: Watch | None = None,
) -> Survey:
    """Hold the messages of a store against a policy.

    Args:
        store: What a sweep found.
        policy: What was promised.
        now_ms: The time of the check, in milliseconds since 1970.
        holds: What stays whatever was promised.
        promises: Of the policy; all if None.
        watch: Is told how the messages of each batch stand to each promise.

    Raises:
        PolicyError: A period or the time zone is wrong.

    """
    wanted = policy.policy.promise if promises is None else promises
    zone = find_zone(policy.policy.notice.time_zone)
    channels = Channels(store, policy)
    kept = Holds(holds, policy=policy, key_id=store.key_id, paths=channels.paths)
    measures = [
        Measure(promise, policy, now_ms=now_ms, zone=zone, holds=kept, watch=watch)
        for promise in wanted
        if promise.action not in {"keep", "manual"}
    ]
    presences = [Presence(promise, policy) for promise in wanted if promise.action == "keep"]
    kinds = Kinds(store, policy)
    keeping = Keeping(policy)
    accepting = Accepting(policy, today=local_day(now_ms, zone), key_id=store.key_id)
    accepted = 0
    unread: list[Unread] = []
    for owners, batch in store.batches(channels.watch(store.objects())):
        mask = accepting.mask(owners, batch, store.detector_rows)
        accepted += int(np.count_nonzero(mask))
        view = _view(store, channels, keeping, owners, batch, accepted=mask)
        for measure in measures:
            measure.add(view)
        for presence in presences:
            presence.add(view)
        kinds.add(view)
        unread += [
            Unread(owner.loc, owner.status, owner.reason, _channels_of(owner, channels, policy))
            for owner in owners[batch.continued :]
            if owner.status in INCOMPLETE
        ]
    return Survey(
        dues={measure.promise.id: measure.done() for measure in measures},
        present={presence.promise.id: presence.done() for presence in presences},
        undeclared=kinds.undeclared(),
        groundless=kinds.groundless(),
        uncovered=kinds.uncovered,
        uncovered_places=tuple(kinds.places),
        unread=tuple(unread),
        accepted=accepted,
        expired=accepting.expired,
        foreign=accepting.foreign,
    )


def _view(
    store: Store,
    channels: Channels,
    keeping: Keeping,
    owners: list[StoredObject],
    batch: Batch,
    *,
    accepted: npt.NDArray[np.bool_],
) -> View:
    count = max(1, len(batch.attribute_sets))
    pairs = batch.records["detector"].astype(np.int64) * count + batch.attributes
    kinds, kind = np.unique(pairs, return_inverse=True)
    units = channels.units(owners, batch)
    return View(
        owners=owners,
        batch=batch,
        units=units,
        kinds=[divmod(each, count) for each in kinds.tolist()],
        kind=kind,
        catalog=store.detector_rows,
        kept=keeping.kept(units, batch),
        accepted=accepted,
    )


def _channels_of(owner: StoredObject, channels: Channels, policy: LoadedPolicy) -> frozenset[str]:
    """Return the channels that an object may belong to which was not read.

    What could not be opened has no profile and no messages that name a channel, so every channel
    whose path fits may be meant.
    """
    names = [channel.name for channel in policy.policy.channel]
    if owner.profile:
        own = channels.of(owner, owner.channel)
        return frozenset() if own == NO_CHANNEL else frozenset([names[own]])
    return frozenset(channels.possible(owner))
