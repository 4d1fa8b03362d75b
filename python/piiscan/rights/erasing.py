"""Erasure (Art. 17): what may go, what is held, what has to be done by hand.

A hold beats every request (Art. 17(3)): if one message is held, nothing is erased, and somebody
decides. Nothing is erased without a decision behind it.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from piiscan.anonymize import FileResult, Job, rewrite_tree
from piiscan.errors import RefusedError
from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy
from piiscan.policy.model import Decision, Operator
from piiscan.rights.finding import Located, Overview
from piiscan.rights.identifiers import SHARED, Person
from piiscan.scanning import Scanner
from piiscan.store.audit_log import AuditLog

__all__ = ["DONE", "Erasure", "carry_out", "check_decision", "erasure", "held"]

DONE = ("changed", "erased")  # states of files that are not as they were


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure would do.

    `messages` is id of the object -> numbers of its messages; `files` are the ids of the files they
    lie in. `by_hand` are places that are no messages, such as a letter or the name of a file.
    """

    messages: Mapping[bytes, Sequence[int]]
    files: frozenset[bytes]
    by_hand: tuple[Located, ...]
    held: tuple[tuple[Located, Hold], ...]

    @property
    def count(self) -> int:
        """Number of messages that would go."""
        return sum(map(len, self.messages.values()))


def erasure(
    overview: Overview,
    holds: Sequence[Hold],
    *,
    key_id: str,
    paths: Mapping[bytes, Sequence[str]],
    files: Mapping[bytes, bytes],
) -> Erasure:
    """Return what an erasure would do.

    Args:
        overview: The person's messages.
        holds: Every hold that lasts.
        key_id: Names the key of the fingerprints.
        paths: Id of the object -> the paths that a glob may fit, as they are.
        files: Id of an entry or attachment -> id of the file that it lies in.

    """
    messages: dict[bytes, list[int]] = {}
    by_hand: list[Located] = []
    for one in overview.located:
        if one.message.number is None:
            by_hand.append(one)
        else:
            messages.setdefault(one.owner.ident, []).append(one.message.number)
    found = tuple(held(overview.located, holds, key_id=key_id, paths=paths))
    opened = frozenset(files.get(ident, ident) for ident in messages)
    return Erasure(messages, opened, tuple(by_hand), found)


def held(
    located: Iterable[Located],
    holds: Sequence[Hold],
    *,
    key_id: str,
    paths: Mapping[bytes, Sequence[str]],
) -> Iterable[tuple[Located, Hold]]:
    """Yield the messages that a hold keeps, with the first hold that does.

    Args:
        located: Messages.
        holds: Every hold that lasts.
        key_id: Names the key of the fingerprints.
        paths: Id of the object -> the paths that a glob may fit; else those shown count.

    """
    for one in located:
        message = one.message
        names = [f"{key_id}:{digest.hex()}" for digest in message.fingerprints()]
        senders = [f"{key_id}:{digest.hex()}" for digest in message.fingerprints(role="sender")]
        for hold in holds:
            if any(
                hold.covers(
                    path=path,
                    channel=one.channel,
                    key=message.key.hex(),
                    sender=senders,
                    subject=names,
                )
                for path in paths.get(one.owner.ident, one.paths)
            ):
                yield one, hold
                break


def carry_out(
    plan: Erasure,
    person: Person,
    *,
    roots: Sequence[str],
    policy: LoadedPolicy,
    scanner: Scanner,
    holds: Sequence[Hold],
    log: AuditLog,
    names: bool,
    profiles: Sequence[tuple[str, str]] = (),
    skip: Sequence[Path] = (),
) -> list[FileResult]:
    """Take the person's messages out of the files of some roots.

    Every file is published as a whole after it was read again; then the log learns of it.

    Args:
        plan: What goes.
        person: Whose messages.
        roots: What was swept together.
        policy: Says which fields of a channel stay as statistics.
        scanner: With the key of the store.
        holds: What stays.
        log: Learns of every file.
        names: What several people share counts alone.
        profiles: Further profiles, as for the sweep.
        skip: Files that are never touched.

    Returns:
        What became of every file that holds some.

    """
    settled: list[tuple[FileResult, Sequence[tuple[str, bytes]]]] = []
    people = [
        one.fingerprint.hex() for one in person.identifiers if names or one.detector not in SHARED
    ]
    job = Job(
        roots=tuple(roots),
        policy=policy,
        scanner=scanner,
        target=None,
        people=people,
        holds=holds,
        operators={"*": Operator(op="label")},  # nothing is replaced, so no key is needed
        only=plan.files,
        profiles=profiles,
        skip=[os.fspath(path) for path in skip],
        on_file=lambda result, rows: settled.append((result, rows)),
        resumable=False,  # copies of what others wrote stay nowhere
    )
    for _ in rewrite_tree(job):
        pass
    for result, rows in settled:
        if result.state in DONE:
            log.append(
                "subject-erased",
                object=result.id.hex(),
                loc=result.loc,
                before=result.before,
                after=result.after,
                changes=[[loc, json.loads(b"[" + packed + b"]")] for loc, packed in rows],
            )
    return [result for result, _ in settled if result.outcomes]


def check_decision(decision: Decision | None, today: date) -> None:
    """Refuse to change originals without a decision.

    Args:
        decision: Of the policy.
        today: The day of the run.

    Raises:
        RefusedError: There is none, or it has expired.

    """
    if decision is None or not decision.ref.strip():
        raise RefusedError(
            "there is no decision to erase\n\nhint: name it as [decision] ref in the policy"
        )
    if decision.kind == "working-copy":
        raise RefusedError("a decision on a working copy does not allow originals to be erased")
    if decision.expires is not None and decision.expires < today:
        raise RefusedError(f"the decision expired on {decision.expires.isoformat()}")
