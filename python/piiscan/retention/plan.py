"""The plan of a dry run: what would be done, to which files, under which decision.

A plan is a file of its own, for its owner only. It names what it stands on: the time, the policy,
the decision, and size and hash of every file that it touches. `--apply` carries out exactly that
plan, or nothing. Files and messages are named by the keyed ids of the store and by masked paths, so
a plan holds no value.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from piiscan.errors import PolicyError, RefusedError
from piiscan.files import replacing
from piiscan.policy.model import Action, Clock, Decision

__all__ = [
    "Kept",
    "Plan",
    "PlannedFile",
    "PlannedRule",
    "default_path",
    "find_plan",
    "in_spans",
    "plan_id",
    "read_plan",
    "spans",
    "write_plan",
]

SCHEMA = 1
ID_LENGTH = 8


class PlannedRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a promise means for the archive at the time of the plan. Counts are of messages."""

    promise: str
    clause: str
    section: str
    channel: str
    clock: Clock
    within: str
    action: Action
    due: int  # will have to go one day, or has to go now
    overdue: int  # has to go now
    held: int  # would have to go now, and stays
    undetermined: int  # nobody can say when
    oldest: str = ""  # time of the oldest overdue message
    newest: str = ""  # and of the newest
    since: str = ""  # from when on the oldest is overdue


class PlannedFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A file that the plan changes or removes."""

    id: str  # keyed hash of its place, 16 hex
    loc: str  # masked
    size: int
    mtime_ns: int
    sha256: str
    treatment: Literal["rewrite", "remove"]
    promises: list[str]
    messages: int = 0  # that change or go
    erased: int = 0  # of these, those that go as a whole
    parts: dict[str, list[tuple[int, int]]] = {}  # id of an object in it -> messages, first to last
    recording: bool = False  # sound, erased as a whole


class Kept(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What stays although its time is over, or because nobody knows its time."""

    loc: str  # masked
    messages: int
    reason: str
    hold: str = ""  # id, if a hold is the reason
    kind: str = ""
    owner: str = ""
    review: str = ""


class Plan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a dry run found, in full."""

    schema: int = SCHEMA
    tool: str
    now_ms: int
    policy: str
    policy_digest: str
    decision: Decision
    key_id: str  # of the store
    roots: list[str]  # masked
    time_zone: str
    tz_version: str
    holds: list[str]  # ids of those that lasted
    rules: list[PlannedRule]
    files: list[PlannedFile]
    kept: list[Kept]
    messages: int  # in the archive, recordings included
    newest_ms: int | None  # time of the newest message, as far as it is plausible

    @property
    def changed(self) -> int:
        """Messages that change or go."""
        return sum(file.messages for file in self.files)

    @property
    def erased(self) -> int:
        """Messages and recordings that go as a whole."""
        return sum(file.erased for file in self.files)

    @property
    def share(self) -> float:
        """Share of the archive's messages that go as a whole."""
        return self.erased / self.messages if self.messages else 0.0


class _Sealed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    sha256: str
    plan: msgspec.Raw


def plan_id(digest: str) -> str:
    """Return the short name of a plan.

    Args:
        digest: Its SHA-256 in hex.

    """
    return digest[:ID_LENGTH]


def default_path(store: Path, digest: str) -> Path:
    """Return where a plan goes: beside the store.

    Args:
        store: The file of the store.
        digest: SHA-256 of the plan.

    """
    return store.with_name(f"{store.stem}.plan-{plan_id(digest)}.json")


def write_plan(plan: Plan, store: Path) -> tuple[Path, str]:
    """Write a plan beside its store; return where, and its SHA-256.

    Args:
        plan: The plan.
        store: The file of the store.

    """
    text = msgspec.json.encode(plan)
    digest = sha256(text).hexdigest()
    path = default_path(store, digest)
    with replacing(path) as stream:
        stream.write(f'{{"sha256":"{digest}","plan":{text.decode()}}}\n')
    return path, digest


def find_plan(name: str, store: Path) -> Path:
    """Return the file of a plan that was named by its id or its path.

    Args:
        name: What the user wrote.
        store: The file of the store.

    Raises:
        FileNotFoundError: There is no such plan.

    """
    beside = [default_path(store, name)] if re.fullmatch(r"[0-9a-f]{8}", name) else []
    for path in (*beside, Path(name)):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"there is no plan `{name}` beside `{store}`\n\nhint: a dry run makes one: piiscan retain"
    )


def read_plan(path: Path) -> tuple[Plan, str]:
    """Read a plan and its SHA-256.

    Args:
        path: Its file.

    Raises:
        FileNotFoundError: There is no such file.
        PolicyError: The file is no plan.
        RefusedError: The plan was changed after it was made.

    """
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
        plan = msgspec.json.decode(sealed.plan, type=Plan)
    except (msgspec.DecodeError, RecursionError):
        raise PolicyError(f"`{path}` is no plan of piiscan") from None
    if sha256(bytes(sealed.plan)).hexdigest() != sealed.sha256:
        raise RefusedError(f"plan `{path}` was changed after it was made\n\nhint: make a new one")
    if plan.schema != SCHEMA:
        raise PolicyError(f"plan `{path}` was made by another version\n\nhint: make a new one")
    return plan, sealed.sha256


def spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return numbers as runs, first to last.

    >>> spans([4, 1, 2, 3, 9])
    [(1, 4), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def in_spans(runs: Iterable[tuple[int, int]]) -> list[int]:
    """Return the numbers of runs.

    >>> in_spans([(1, 3), (9, 9)])
    [1, 2, 3, 9]
    """
    return [number for first, last in runs for number in range(first, last + 1)]
