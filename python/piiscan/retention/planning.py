"""Making a plan: what a store knows of messages and recordings, and the files as they are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy
from piiscan.retention.clocks import (
    PLAUSIBLE_FROM,
    Period,
    cutoff,
    erasable_from,
    find_zone,
    tz_version,
)
from piiscan.retention.ledger import ROW, Ledger, Standing
from piiscan.retention.measure import CLOCKED, EVENTS
from piiscan.retention.plan import Kept, Plan, PlannedFile, PlannedRule, spans
from piiscan.retention.recordings import Recording, recordings
from piiscan.retention.survey import survey
from piiscan.retention.tree import Tree, hash_file
from piiscan.store import Store, StoredObject, sent_text
from piiscan.store.blocks import UNKNOWN_TIME

__all__ = ["cutoffs", "make_plan"]

FUTURE_MS = 400 * 86_400_000  # a time further ahead is a fault of the message, not of the clock
SINGLE = frozenset({"eml"})  # formats of which a file is one message
NO_ROWS: npt.NDArray[np.void] = np.empty(0, dtype=ROW)
CHANGING = "the file is not as it was swept"


@dataclass(slots=True)
class _File:
    """What is to be done to one file."""

    owner: StoredObject
    messages: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    promises: dict[str, None] = field(default_factory=dict)  # in their order
    parts: dict[str, list[int]] = field(default_factory=dict)
    treatment: Literal["rewrite", "remove"] = "rewrite"
    recording: bool = False


def make_plan(
    store: Store,
    policy: LoadedPolicy,
    *,
    now_ms: int,
    holds: Sequence[Hold],
    tree: Tree,
    tool: str,
) -> Plan:
    """Return what retention would do now.

    Args:
        store: What a sweep found; no older than the files.
        policy: With the promises and the decision.
        now_ms: The time of the plan.
        holds: What stays.
        tree: The files.
        tool: Name and version of the program.

    Raises:
        OSError: A file cannot be read.
        PolicyError: A period or the time zone is wrong.

    """
    notice = policy.policy.notice
    promises = [each for each in policy.policy.promise if each.action in CLOCKED]
    ledger = Ledger(store, policy, holds)
    survey(store, policy, now_ms=now_ms, holds=holds, promises=promises, watch=ledger.note)
    standings = {standing.promise.id: standing for standing in ledger.standings()}
    sound = recordings(store, policy, now_ms=now_ms, zone=find_zone(notice.time_zone), holds=holds)
    by_hold = ledger.by_hold()
    touched = [rows["object"] for each in standings.values() for rows in _kinds(each)]
    places = _Places(store, [*touched, *(rows["object"] for rows in by_hold.values())])
    planned, lost = _seal(_files(standings.values(), sound, places), tree, holds)
    return Plan(
        tool=tool,
        now_ms=now_ms,
        policy=policy.name,
        policy_digest=policy.digest,
        decision=policy.policy.decision,
        key_id=store.key_id,
        roots=list(dict.fromkeys(root for run in store.sweeps() for root in run.roots)),
        time_zone=notice.time_zone,
        tz_version=tz_version(),
        holds=[hold.id for hold in holds],
        rules=[
            _rule(
                standings.get(promise.id) or Standing(promise),
                [each for each in sound if each.promise.id == promise.id],
                policy,
            )
            for promise in promises
        ],
        files=planned,
        kept=[
            *_held(by_hold, sound, holds, places),
            *_unknown(standings.values(), sound, places),
            *lost,
        ],
        messages=store.summary().messages + len(sound),
        newest_ms=store.period(after=PLAUSIBLE_FROM - 1, before=now_ms + FUTURE_MS)[1],
    )


def cutoffs(policy: LoadedPolicy, now_ms: int) -> dict[str, int]:
    """Return for each promise the instant before which messages are overdue.

    What has to go at once has to go without a time too, so it has no such instant.

    Args:
        policy: With the promises.
        now_ms: The time of the plan.

    """
    zone = find_zone(policy.policy.notice.time_zone)
    found = {}
    for promise in policy.policy.promise:
        period = Period.parse(promise.within)
        timeless = period.at_once and promise.clock in EVENTS
        if promise.action in CLOCKED and not timeless:
            found[promise.id] = cutoff(now_ms, period, zone)
    return found


class _Places:
    """The objects that rows speak of, and the files that they lie in.

    Args:
        store: With the objects.
        touched: Rows of objects.

    """

    def __init__(self, store: Store, touched: Iterable[npt.NDArray[np.int64]]) -> None:
        wanted = {number for rows in touched for number in np.unique(rows).tolist()}
        parents = {each.id: each.parent for each in store.objects() if each.parent is not None}
        tops = set()
        for number in wanted:
            top = number
            while top in parents:
                top = parents[top]
            tops.add(top)
        self._parents = parents
        self.objects = {each.id: each for each in store.objects() if each.id in wanted | tops}

    def file(self, number: int) -> StoredObject:
        """Return the file that an object lies in."""
        while number in self._parents:
            number = self._parents[number]
        return self.objects[number]


def _kinds(standing: Standing) -> tuple[npt.NDArray[np.void], ...]:
    return (standing.overdue, standing.held, standing.undetermined)


def _files(
    standings: Iterable[Standing], sound: Sequence[Recording], places: _Places
) -> list[_File]:
    """Return the files that change, by location."""
    files: dict[int, _File] = {}
    for standing in standings:
        for number, message, at, gone in standing.overdue[
            ["object", "message", "number", "gone"]
        ].tolist():
            owner = places.file(number)
            file = files.setdefault(owner.id, _File(owner))
            file.promises[standing.promise.id] = None
            file.messages.add(message)
            if gone:
                file.gone.add(message)
            file.parts.setdefault(places.objects[number].ident.hex(), []).append(at)
    for file in files.values():
        if file.owner.format in SINGLE and file.owner.messages == 1 and len(file.gone) == 1:
            file.treatment = "remove"
    _add_recordings(files, sound)
    return sorted(files.values(), key=lambda file: (file.owner.loc, file.owner.id))


def _add_recordings(files: dict[int, _File], sound: Sequence[Recording]) -> None:
    """Let recordings and what lies beside them go, or stay, together."""
    for each in sound:
        if each.standing == "overdue":
            for owner in (each.owner, *each.sidecars):
                file = files.setdefault(owner.id, _File(owner))
                file.promises[each.promise.id] = None
                file.treatment = "remove"
                file.recording = owner is each.owner
    for each in sound:
        if each.standing in {"held", "later"}:
            for owner in each.sidecars:  # what says when a recording has to go stays with it
                files.pop(owner.id, None)


def _seal(
    files: Sequence[_File], tree: Tree, holds: Sequence[Hold]
) -> tuple[list[PlannedFile], list[Kept]]:
    """Return files with the hash of what they are now, and apart those that stay after all.

    A hold of the policy may name a file by a name that the store has only under a mask.
    """
    planned, lost = [], []
    for file in files:
        owner = file.owner
        found = tree.unchanged(owner.ident.hex(), owner.size, owner.mtime_ns)
        if found is None:
            lost.append(Kept(loc=owner.loc, messages=len(file.messages), reason=CHANGING))
            continue
        naming = [hold for hold in holds if found.name != owner.loc and hold.names(found.name)]
        if naming:
            lost.append(_kept(naming[0], owner.loc, len(file.messages)))
            continue
        removed = file.treatment == "remove"
        count = owner.messages + file.recording if removed else len(file.messages)
        planned.append(
            PlannedFile(
                id=owner.ident.hex(),
                loc=owner.loc,
                size=owner.size,
                mtime_ns=owner.mtime_ns,
                sha256=hash_file(found.path),
                treatment=file.treatment,
                promises=list(file.promises),
                messages=count,
                erased=count if removed else len(file.gone),
                parts={} if removed else {name: spans(at) for name, at in file.parts.items()},
                recording=file.recording,
            )
        )
    return planned, lost


def _rule(standing: Standing, sound: Sequence[Recording], policy: LoadedPolicy) -> PlannedRule:
    """Return the counts of a promise; a message is counted with the attachments that it carries."""
    promise = standing.promise
    known = standing.overdue["start"]
    known = known[known != UNKNOWN_TIME]
    started = [*known.tolist(), *(each.start for each in sound if each.standing == "overdue")]
    times = [start for start in started if start is not None]
    zone = find_zone(policy.policy.notice.time_zone)
    since = erasable_from(min(times), Period.parse(promise.within), zone) if times else None

    def count(rows: npt.NDArray[np.void], name: str) -> int:
        return len(np.unique(rows["message"])) + sum(each.standing == name for each in sound)

    return PlannedRule(
        promise=promise.id,
        clause=promise.clause,
        section=promise.section,
        channel=promise.channel,
        clock=promise.clock,
        within=promise.within,
        action=promise.action,
        due=count(standing.waiting, "later"),
        overdue=count(standing.overdue, "overdue"),
        held=count(standing.held, "held"),
        undetermined=count(standing.undetermined, "undetermined"),
        oldest=sent_text(min(times, default=None)),
        newest=sent_text(max(times, default=None)),
        since=sent_text(since),
    )


def _held(
    by_hold: Mapping[str, npt.NDArray[np.void]],
    sound: Sequence[Recording],
    holds: Sequence[Hold],
    places: _Places,
) -> list[Kept]:
    """Return what holds keep beyond its time, by hold and file."""
    found = []
    for hold in holds:
        messages: dict[str, set[int]] = {}
        for number, message in by_hold.get(hold.id, NO_ROWS)[["object", "message"]].tolist():
            messages.setdefault(places.file(number).loc, set()).add(message)
        counts = {loc: len(held) for loc, held in messages.items()}
        for each in sound:
            if each.hold is not None and each.hold.id == hold.id:
                counts[each.owner.loc] = counts.get(each.owner.loc, 0) + 1
        found += [_kept(hold, loc, count) for loc, count in sorted(counts.items())]
    return found


def _kept(hold: Hold, loc: str, messages: int) -> Kept:
    return Kept(
        loc=loc,
        messages=messages,
        reason=hold.reason,
        hold=hold.id,
        kind=hold.kind,
        owner=hold.owner,
        review=hold.review.isoformat() if hold.review else "",
    )


def _unknown(
    standings: Iterable[Standing], sound: Sequence[Recording], places: _Places
) -> list[Kept]:
    """Return what has no known time, by promise and file."""
    found = []
    for standing in standings:
        messages: dict[str, set[int]] = {}
        for number, message in standing.undetermined[["object", "message"]].tolist():
            messages.setdefault(places.file(number).loc, set()).add(message)
        reason = f"clock `{standing.promise.clock}` has no known time"
        found += [
            Kept(loc=loc, messages=len(unknown), reason=reason)
            for loc, unknown in sorted(messages.items())
        ]
    found += [
        Kept(loc=each.owner.loc, messages=1, reason=each.reason)
        for each in sound
        if each.standing == "undetermined"
    ]
    return found
