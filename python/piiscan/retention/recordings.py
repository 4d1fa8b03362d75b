"""Recordings: sound that no detector reads, erased as a whole when its time is over.

A recording has no clock of its own. What lies beside it under the same name (metadata, transcript)
has: the latest known time in it counts. Without such a file, or without a time in it, nobody can
say when the recording has to go, and it stays. Names of files and times of change are no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from piiscan.holds import Hold
from piiscan.policy import Channel, LoadedPolicy, Promise
from piiscan.retention.clocks import CLOCKS, Period, cutoff, plausible
from piiscan.retention.units import NO_CHANNEL, Channels
from piiscan.store import Store, StoredObject

__all__ = ["SIDECARS", "SOUND", "Recording", "Standing", "recordings"]

SOUND = frozenset({"wav", "mp3", "mp4", "ogg", "flac", "amr", "webm", "avi"})
SIDECARS = frozenset({".json", ".xml", ".vtt", ".txt"})
ALONE = "a recording with no file beside it that could have its time"
UNTIMED = "a recording, and no file beside it has a known time"
INSIDE = "a recording inside a container"

Standing: TypeAlias = Literal["later", "overdue", "held", "undetermined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording, the promise about it, and how it stands.

    Args:
        owner: The recording.
        sidecars: What lies beside it and goes with it.
        promise: To erase it.
        standing: Whether its time has come.
        start: When its clock started, in milliseconds; None if nobody knows.
        hold: What keeps it, if it is held.
        reason: Why nobody knows.

    """

    owner: StoredObject
    sidecars: tuple[StoredObject, ...]
    promise: Promise
    standing: Standing
    start: int | None = None
    hold: Hold | None = None
    reason: str = ""


def recordings(
    store: Store,
    policy: LoadedPolicy,
    *,
    now_ms: int,
    zone: ZoneInfo,
    holds: Sequence[Hold],
) -> list[Recording]:
    """Return the recordings that a promise wants to be erased, by location.

    Args:
        store: What the sweep found.
        policy: With the promises.
        now_ms: The time of the plan.
        zone: Whose calendar counts.
        holds: What stays.

    """
    sound = [each for each in store.objects(status="skipped") if each.format in SOUND]
    if not sound:
        return []
    stems = {_stem(each.loc) for each in sound}
    beside: dict[str, list[StoredObject]] = {}
    for each in store.objects():
        is_sidecar = PurePosixPath(each.loc).suffix.lower() in SIDECARS
        if each.parent is None and is_sidecar and _stem(each.loc) in stems:
            beside.setdefault(_stem(each.loc), []).append(each)
    asked = _Asked(store, policy, holds)
    found = []
    for owner in sound:
        promise = asked.promise(owner)
        if promise is not None:
            limit = cutoff(now_ms, Period.parse(promise.within), zone)
            sidecars = beside.get(_stem(owner.loc), [])
            found.append(_judge(owner, promise, sidecars, asked, now_ms=now_ms, limit=limit))
    return found


class _Asked:
    """What a recording asks of store, policy and holds."""

    def __init__(self, store: Store, policy: LoadedPolicy, holds: Sequence[Hold]) -> None:
        self.store = store
        self._policy = policy
        self._holds = holds
        self._channels = Channels(store, policy)

    def promise(self, owner: StoredObject) -> Promise | None:
        """Return the first promise to erase what lies in the channel of an object."""
        promises = self._policy.promises_of(self._channel(owner))
        return next((promise for promise in promises if promise.action == "erase"), None)

    def hold(self, owner: StoredObject) -> Hold | None:
        """Return what keeps an object, or anything in it."""
        channel = self._channel(owner)
        people: set[str] = set()
        senders: set[str] = set()
        keys: set[str] = set()
        for row in self.store.rows(owner):
            name = self.store.fingerprint(row)
            people.add(name)
            if row.role == "sender":
                senders.add(name)
            keys.add(row.key.hex())
        for hold in self._holds:
            for path in self._channels.paths(owner):
                if hold.covers(
                    path=path,
                    channel=channel.name if channel else "",
                    key=keys,
                    sender=senders,
                    subject=people,
                ):
                    return hold
        return None

    def _channel(self, owner: StoredObject) -> Channel | None:
        place = self._channels.of(owner, owner.channel)
        return None if place == NO_CHANNEL else self._policy.policy.channel[place]


def _judge(
    owner: StoredObject,
    promise: Promise,
    beside: Sequence[StoredObject],
    asked: _Asked,
    *,
    now_ms: int,
    limit: int,
) -> Recording:
    going = tuple(each for each in beside if asked.promise(each) is not None)
    column = CLOCKS[promise.clock]
    times: list[int] = []
    for each in beside:
        moments = asked.store.messages(each)[column]
        times += moments[plausible(moments, now_ms)].tolist()
    found = Recording(owner=owner, sidecars=going, promise=promise, standing="undetermined")
    if not times:
        return replace(found, reason=UNTIMED if beside else ALONE)
    start = max(times)
    if start >= limit:
        return replace(found, standing="later", start=start)
    if owner.parent is not None:
        return replace(found, reason=INSIDE)
    for each in (owner, *beside):
        if hold := asked.hold(each):
            return replace(found, standing="held", start=start, hold=hold)
    return replace(found, standing="overdue", start=start)


def _stem(loc: str) -> str:
    return str(PurePosixPath(loc).with_suffix(""))
