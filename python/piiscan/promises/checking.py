"""Checking: every promise of a policy against what a store holds."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from os import PathLike
from typing import Literal

from piiscan.errors import PolicyError
from piiscan.holds import Hold, active
from piiscan.policy import LoadedPolicy, Promise
from piiscan.promises import PROMISES
from piiscan.promises.gaps import gaps, notes
from piiscan.promises.verdict import Evidence, Verdict
from piiscan.retention import Survey, instant, resolved, survey
from piiscan.retention.clocks import find_zone, local_day, tz_version
from piiscan.retention.recordings import Standing, recordings
from piiscan.store import AlertPlace, Store
from piiscan.store.audit_log import AuditLog, default_log

__all__ = ["Check", "check"]

ALERTS_LISTED = 20
NO_KEY = ("key-destroyed", "key-not-kept")  # events of the audit log; any other on keys makes one


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An archive held against a policy.

    Args:
        policy: What was promised.
        now: The time of the check, in milliseconds since 1970.
        tzdata: Version of the tz database by which days were counted.
        verdicts: One for each promise, in the order of the policy.
        alerts: Findings that a person has to see, by kind, of any confidence.
        alert_places: The first of their places.
        reviews: Holds that somebody has to look at again; they go on.
        survey: What else was found: undeclared and groundless categories, messages of no channel.
        state: Of the newest sweep: complete, incomplete, interrupted.

    """

    policy: LoadedPolicy
    now: int
    tzdata: str
    verdicts: tuple[Verdict, ...]
    alerts: Mapping[str, int]
    alert_places: tuple[AlertPlace, ...]
    reviews: tuple[Hold, ...]
    survey: Survey
    state: str

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The promises that are broken."""
        return tuple(verdict for verdict in self.verdicts if verdict.state == "broken")

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return self.state == "complete"


def check(
    store: Store,
    *,
    policy: str | PathLike[str] | LoadedPolicy,
    today: date | datetime | None = None,
    promises: Collection[str] = (),
    holds: Sequence[Hold] | None = None,
    audit: AuditLog | None = None,
) -> Check:
    """Hold a store against a policy.

    Args:
        store: What a sweep found.
        policy: A shipped policy by its name, a file, or a policy.
        today: The time of the check, or a day, which stands for its last moment; the time of the
            newest sweep if None.
        promises: Ids of those that are judged; all if empty.
        holds: What stays; those of policy and store if None.
        audit: The log that tells of keys; the one beside the store if None.

    Raises:
        FileNotFoundError: There is no such policy file.
        PolicyError: Something in the policy is wrong, or it has no promise of that id.
        StoreError: The store holds no sweep.
        ValueError: There is no `today`, and the sweep has no time.

    """
    loaded = resolved(policy)
    run = store.last_sweep()
    if today is None and not run.started:
        raise ValueError("the sweep has no time\n\nhint: check(store, policy=.., today=..)")
    when = datetime.fromisoformat(run.started) if today is None else today
    now = instant(when, loaded)
    zone = find_zone(loaded.policy.notice.time_zone)
    day = local_day(now, zone)
    chosen = _chosen(loaded, promises)
    lasting = active(loaded.policy, store) if holds is None else holds
    found = survey(
        store,
        loaded,
        now_ms=now,
        holds=lasting,
        promises=chosen,
    )
    if audit is None and store.path is not None:
        audit = AuditLog(default_log(store.path), store=store.path)
    key = _key(audit)
    sound = Counter(
        (each.promise.id, each.standing)
        for each in recordings(store, loaded, now_ms=now, zone=zone, holds=lasting)
    )
    places, _ = store.alert_places(ALERTS_LISTED)
    return Check(
        policy=loaded,
        now=now,
        tzdata=tz_version(),
        verdicts=tuple(
            PROMISES[promise.action](
                _evidence(promise, store=store, policy=loaded, found=found, key=key, sound=sound)
            )
            for promise in chosen
        ),
        alerts={name: each.findings for name, each in store.summary().by_alert.items()},
        alert_places=tuple(places),
        reviews=tuple(hold for hold in lasting if hold.due_for_review(day)),
        survey=found,
        state=run.state if run.state != "running" else "interrupted",
    )


def _chosen(policy: LoadedPolicy, ids: Collection[str]) -> list[Promise]:
    promises = policy.policy.promise
    known = [promise.id for promise in promises]
    for name in ids:
        if name not in known:
            hint = f"\n\nhint: {', '.join(known)}" if known else ""
            raise PolicyError(f"policy `{policy.name}` has no promise `{name}`{hint}")
    return [promise for promise in promises if not ids or promise.id in ids]


def _evidence(
    promise: Promise,
    *,
    store: Store,
    policy: LoadedPolicy,
    found: Survey,
    key: Literal["destroyed", "kept", "unknown", "damaged"],
    sound: Mapping[tuple[str, Standing], int],
) -> Evidence:
    doubts = gaps(promise, store=store, policy=policy, survey=found)
    present = found.present.get(promise.id)
    if promise.id not in found.dues:
        return Evidence(promise=promise, present=present)
    return Evidence(
        promise=promise,
        due=found.dues[promise.id],
        recordings={
            standing: number for (name, standing), number in sound.items() if name == promise.id
        },
        gaps=doubts,
        notes=notes(store=store, policy=policy),
        key=key,
    )


def _key(audit: AuditLog | None) -> Literal["destroyed", "kept", "unknown", "damaged"]:
    """Return what the last event about a key says."""
    if audit is None:
        return "unknown"
    if audit.verify():
        return "damaged"
    events = [entry.event for entry in audit.entries() if entry.event.startswith("key-")]
    if not events:
        return "unknown"
    if events[-1] in NO_KEY:
        return "destroyed"
    return "kept" if any(event in NO_KEY for event in events) else "unknown"
