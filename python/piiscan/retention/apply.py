"""Carrying a plan out: file by file, each as the complete old or the complete new one.

Before anything is changed, every file of the plan is compared with it: another size or hash, and
nothing is done. The audit log says of each file that it is begun and what became of it. A run that
was killed is started again with the same plan: what the log knows as done is left alone, a file
that was begun and looks different is rewritten once more (which changes nothing that is done), and
the log says so.

What is rewritten comes before what is removed. Removing a file takes away its name; backups,
journals and other names of it are out of reach.
"""

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, get_args

from piiscan.errors import PiiscanError, RefusedError
from piiscan.retention.plan import Plan, PlannedFile, plan_id
from piiscan.retention.tree import Found, Tree, hash_file
from piiscan.store.audit_log import AuditEntry, AuditLog

__all__ = [
    "ENDED",
    "STARTED",
    "Done",
    "Event",
    "Progress",
    "Rewriter",
    "Rewritten",
    "State",
    "Work",
    "carried_out",
    "carry_out",
    "progress",
]

STARTED, RESUMED, ENDED = "retention-started", "retention-resumed", "retention-ended"
BEGUN, CHANGED, REMOVED = "file-begun", "file-changed", "file-removed"
REFUSED, RECOVERED = "file-refused", "file-recovered"
LATE = "it changed while the plan was carried out"
BATCH = 64  # files that are treated, and logged, at a time
GONE = ""  # hash of a file that is not there

State: TypeAlias = Literal["changed", "removed", "unchanged", "refused"]


class Work(NamedTuple):
    """A file of the plan, and where it is."""

    file: PlannedFile
    found: Found

    @property
    def is_late(self) -> bool:
        """Whether the file does not look as planned: a run that was killed had it in hand."""
        now = (self.found.size, self.found.mtime_ns)
        return now != (self.file.size, self.file.mtime_ns)


class Rewritten(NamedTuple):
    """What a rewrite did to one file, named by its id; with a reason, it did nothing."""

    id: str
    messages: int = 0
    erased: int = 0
    findings: int = 0
    reason: str = ""
    edits: Sequence[object] = ()  # place of an object, then start, old length, type, replacement


Event: TypeAlias = tuple[str, Mapping[str, object]]
Rewriter: TypeAlias = Callable[[Sequence[Work]], Iterable[Rewritten]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one file of the plan."""

    file: PlannedFile
    state: State
    reason: str = ""
    after: str = ""  # SHA-256; empty for a file that was removed
    size: int = 0  # after
    messages: int = 0
    erased: int = 0
    findings: int = 0
    links: int = 1  # names of the file; with more than one, the others lead to what it was


@dataclass(slots=True)
class Progress:
    """What the audit log knows of a plan."""

    started: bool = False
    ended: AuditEntry | None = None
    begun: set[str] = field(default_factory=set)  # ids of files
    done: dict[str, dict[str, object]] = field(default_factory=dict)  # id -> fields of the entry


def progress(log: AuditLog, digest: str) -> Progress:
    """Return how far a plan was carried out.

    Args:
        log: The audit log.
        digest: SHA-256 of the plan.

    """
    found = Progress()
    for entry in log.entries():
        if entry.fields.get("plan") != digest:
            continue
        name = str(entry.fields.get("object", ""))
        if entry.event in {STARTED, ENDED}:
            found.started = True
            found.ended = entry if entry.event == ENDED else None
        elif entry.event == BEGUN:
            found.begun.add(name)
        elif entry.event in {CHANGED, REMOVED, REFUSED}:
            found.done[name] = dict(entry.fields)
    return found


def carried_out(plan: Plan, before: Progress) -> list[Done]:
    """Return what became of the files of a plan, as the audit log knows it.

    Args:
        plan: The plan.
        before: What the log knows.

    """
    return [_from_log(file, before.done[file.id]) for file in plan.files if file.id in before.done]


def carry_out(
    plan: Plan, digest: str, *, tree: Tree, rewrite: Rewriter, log: AuditLog
) -> Generator[Done]:
    """Carry a plan out; yield what became of each file, in the order of the plan.

    Args:
        plan: The plan.
        digest: Its SHA-256.
        tree: The files as they are now.
        rewrite: Rewrites files in place, each as a whole or not at all.
        log: The audit log, open for writing.

    Yields:
        One `Done` a file; a caller that stops early can go on with the same plan later.

    Raises:
        RefusedError: The plan was carried out before, or a file of it has changed.
        StoreError: The audit log is damaged.

    """
    before = progress(log, digest)
    if before.ended:
        raise RefusedError(
            f"plan {plan_id(digest)} was carried out already\n\nhint: look at a new dry run"
        )
    places = {file.id: _place(file, tree, before) for file in plan.files}
    log.append(RESUMED if before.started else STARTED, plan=digest, files=len(plan.files))
    run = _Run(digest=digest, places=places, begun=before.begun, rewrite=rewrite, log=log)
    counts = Counter[str]()
    for done in run.files(plan.files, before):
        counts[done.state] += 1
        yield done
    log.append(ENDED, plan=digest, **{state: counts[state] for state in get_args(State)})


def _place(file: PlannedFile, tree: Tree, before: Progress) -> Found | None:
    """Return where a file of the plan is, once it is sure that it is the one.

    None stands for a file that a killed run has removed.
    """
    found = tree.unchanged(file.id, file.size, file.mtime_ns)
    if file.id in before.done:
        return found
    if found is not None and hash_file(found.path) == file.sha256:
        return found
    if file.id in before.begun:
        found = tree.file(file.id)
        if found is not None or file.treatment == "remove":
            return found
    raise RefusedError(
        f"`{file.loc}` has changed since the plan was made: nothing was done\n\n"
        "hint: look at a new dry run"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run over the files of a plan."""

    digest: str
    places: Mapping[str, Found | None]
    begun: AbstractSet[str]  # by a run that was killed
    rewrite: Rewriter
    log: AuditLog

    def files(self, files: Sequence[PlannedFile], before: Progress) -> Iterator[Done]:
        """Treat files; what is rewritten comes before what is removed."""
        known = [file for file in files if file.id in before.done]
        yield from (_from_log(file, before.done[file.id]) for file in known)
        waiting = [file for file in files if file.id not in before.done]
        for treatment, treat in (("rewrite", self._rewritten), ("remove", self._removed)):
            chosen = [file for file in waiting if file.treatment == treatment]
            for start in range(0, len(chosen), BATCH):
                batch = chosen[start : start + BATCH]
                fresh, events = self._begin(batch)
                events += treat(fresh)
                self.log.extend(events)
                told = {str(fields["object"]): fields for _, fields in events}
                yield from (_from_log(file, told[file.id]) for file in batch)

    def _event(self, event: str, file: PlannedFile, **fields: object) -> Event:
        return event, {"plan": self.digest, "object": file.id, "loc": file.loc, **fields}

    def _begin(self, files: Sequence[PlannedFile]) -> tuple[list[PlannedFile], list[Event]]:
        """Note that files may look different from now on; refuse those that already do.

        One that a run which was killed had in hand may look different.
        """
        fresh, begun, refused = [], [], []
        for file in files:
            found = self.places[file.id]
            now = hash_file(found.path) if found else GONE
            known = file.id in self.begun and (found is None or file.treatment == "rewrite")
            if now == file.sha256:
                begun.append(self._event(BEGUN, file, before=now))
            elif known:
                begun.append(self._event(RECOVERED, file, before=file.sha256, after=now))
            else:
                refused.append(self._event(REFUSED, file, reason=LATE, after=now))
                continue
            fresh.append(file)
        self.log.extend(begun)
        return fresh, refused

    def _rewritten(self, files: Sequence[PlannedFile]) -> list[Event]:
        works = [Work(file, found) for file in files if (found := self.places[file.id])]
        results: list[Rewritten] = []
        reason = "it was not met again"
        try:
            results.extend(self.rewrite(works) if works else ())
        except PiiscanError as error:
            reason = str(error).partition("\n")[0]
        by_id = {result.id: result for result in results}
        missed = Rewritten("", reason=reason)
        return [self._changed(work, by_id.get(work.file.id, missed)) for work in works]

    def _changed(self, work: Work, result: Rewritten) -> Event:
        file, found = work
        gone = not found.path.exists()  # the only message of a file was taken out
        after = GONE if gone else hash_file(found.path)
        size = 0 if gone else found.path.stat().st_size
        if result.reason and (work.is_late or after == file.sha256):
            return self._event(REFUSED, file, reason=result.reason, after=after, size=size)
        if result.reason or (work.is_late and not result.messages):
            # It was written, by a run that was killed or one that failed after it.
            result = Rewritten(file.id, file.messages, file.erased)
        return self._event(
            REMOVED if gone else CHANGED,
            file,
            before=file.sha256,
            after=after,
            size=size,
            messages=result.messages,
            erased=result.erased,
            findings=result.findings,
            links=found.links,
            edits=list(result.edits),
        )

    def _removed(self, files: Sequence[PlannedFile]) -> list[Event]:
        events = []
        folders: dict[Path, None] = {}
        for file in files:
            found = self.places[file.id]
            try:
                if found is not None:
                    found.path.unlink()
                    folders[found.path.parent] = None
            except OSError as error:
                reason = os.strerror(error.errno or 0).lower()
                events.append(self._event(REFUSED, file, reason=reason, after=file.sha256))
                continue
            events.append(
                self._event(
                    REMOVED,
                    file,
                    before=file.sha256,
                    after=GONE,
                    messages=file.messages,
                    erased=file.erased,
                    links=found.links if found else 1,
                )
            )
        for folder in folders:
            _sync(folder)
        return events


def _from_log(file: PlannedFile, entry: Mapping[str, object]) -> Done:
    """Return what became of a file, as the log says it."""

    def number(name: str, default: int = 0) -> int:
        value = entry.get(name, default)
        return value if isinstance(value, int) else default

    after = str(entry.get("after", ""))
    if "reason" in entry:
        size = number("size", file.size)
        reason = str(entry["reason"])
        return Done(file=file, state="refused", reason=reason, after=after, size=size)
    state: State = "removed" if after == GONE else "changed"
    return Done(
        file=file,
        state="unchanged" if after == file.sha256 else state,
        after=after,
        size=number("size"),
        messages=number("messages"),
        erased=number("erased"),
        findings=number("findings"),
        links=number("links", 1),
    )


def _sync(folder: Path) -> None:
    """Make the removal of a name durable, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
