"""Rewriting files: a new tree beside the source, or the originals in their place.

The source is scanned once, so that every value that goes is known before anything is written: it
goes from all messages. Then every file is written to a staging folder, on the disk of its target,
and the staged tree is read and scanned again, with the same decisions, and with every value that
was removed looked for in all of it. Files in which something is left are written once more, and
looked at until nothing more comes to light. When nothing is left, everybody who keeps a trail is
told; only then does the tree take its name, or do files take the places of originals. A run that is
killed or interrupted leaves the old state and a staging folder, from which the next one goes on.
One that fails takes the folder away.
"""

import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from piiscan.anonymize.aside import Aside
from piiscan.anonymize.decisions import rules
from piiscan.anonymize.edits import EditFile, Rows
from piiscan.anonymize.job import Job
from piiscan.anonymize.outcome import FileResult, Progress, Residue, Total
from piiscan.anonymize.passing import FileChange, changes
from piiscan.anonymize.places import Names, clear, settle_place
from piiscan.anonymize.resuming import TREE, Staged, State, digest
from piiscan.anonymize.structure import differences
from piiscan.anonymize.surveying import surveyed
from piiscan.anonymize.writing import Settling, sync_folder, write
from piiscan.errors import ArchiveError
from piiscan.rewriting import Known, Rewriter, Survey, Written
from piiscan.sweeping import find_path

__all__ = ["Job", "rewrite_tree"]

STOPPED = (KeyboardInterrupt, GeneratorExit)  # by whoever started it
ROUNDS = 3  # how often files are written again because a value was left


def rewrite_tree(job: Job) -> Generator[Progress | FileResult | Total]:
    """Carry a job out; yield progress each tenth of a second, every file, and the sum last.

    A file in which something is left that had to go is not published: the sum says so. If it is
    interrupted, or closed before its end, the next one with an equal job goes on from there.

    Args:
        job: What is rewritten.

    Raises:
        FileNotFoundError: A root does not exist.
        PolicyError: The policy does not fit, or an operator needs a key.
        RefusedError: The target is there already, or lies within the source.
        OSError: The disk is full, or fails.

    """
    place = settle_place(job.roots, job.target)
    clear(place)
    with ExitStack() as stack:
        run = stack.enter_context(_Run(job, place))
        survey = None
        if job.seeks:
            survey = Survey(place)
            run.removed = yield from surveyed(job, job.roots, only=job.only, survey=survey)
        yield from run.stage(job.only, run.removed, survey=survey)
        known = run.removed
        for round_ in range(1, ROUNDS + 1):
            run.total.rounds = round_
            left = run.left = yield from run.verify(known)
            again = frozenset(run.ids[name] for name in left if name in run.ids)
            if not left or round_ == ROUNDS or not again:
                break
            yield from run.settled()
            # What known values did not mend is looked at more than once: that takes longer.
            yield from run.stage(again, known, thorough=survey is not None or round_ > 1)
            known = run.removed
        yield from run.settled()
        run.settle()
        run.tell()
        run.publish()
    yield run.total


class _Run:
    """A job under way."""

    def __init__(self, job: Job, place: Path) -> None:
        self.job = job
        self.place = place
        self.tree = place / TREE
        self.promises = [] if job.people is not None else rules(job.policy)
        self.total = Total()
        self.results: dict[bytes, tuple[FileResult, Rows]] = {}
        self.staged: dict[bytes, Path] = {}  # id -> below the staged tree
        self.sources: dict[bytes, Path] = {}
        self.ids: dict[str, bytes] = {}  # location in the staged tree -> id
        self.erased: list[Path] = []
        self.removed: Known | None = None
        self.names = Names()
        self.left: list[str] = []  # locations in the staged tree that are not clean
        self.settling = Settling()
        self.state = State(place, job.digest())
        self.edits: EditFile
        self.earlier: dict[tuple[int, bytes], Staged] = {}
        self.is_publishing = False

    def __enter__(self) -> Self:
        roots = {at: Path(root) for at, root in enumerate(self.job.roots)}
        self.edits, found = self.state.open(roots, in_place=self.job.in_place)
        self.earlier = {(one.root, bytes.fromhex(one.name)): one for one in found}
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.settling.__exit__(None, None, None)
        self.state.close()
        if kind is None or not self._goes_on(kind):
            shutil.rmtree(self.place, ignore_errors=True)

    def _goes_on(self, kind: type[BaseException]) -> bool:
        """Return whether the next run goes on from what was staged.

        After a failure it does not. A full disk needs the space, and a disk that fails should not
        be believed; and the folder holds copies of messages that were not proved to be clean, which
        may stay only where somebody is told of them: whoever interrupts is there, a nightly job is
        not.
        """
        if self.is_publishing:
            # Some originals may be new and some old: the next run has to know which.
            return self.job.in_place
        return self.job.resumable and self.state.says_any and issubclass(kind, STOPPED)

    def stage(
        self,
        only: frozenset[bytes] | None,
        sought: Known | None,
        *,
        thorough: bool = False,
        survey: Survey | None = None,
    ) -> Iterator[Progress | FileResult]:
        """Write files to the staging folder, while the next ones are read."""
        rewriter = self.job.rewriter(
            self.job.roots,
            sought=sought,
            only=only,
            thorough=thorough,
            survey=survey,
            spool=self.place,
        )
        so_far = Progress("rewriting", 0, 0)
        with Aside[tuple[FileResult, Rows]](rewriter.stop) as aside:
            for event in changes(rewriter, self.promises, self.edits):
                if isinstance(event, tuple):
                    so_far = Progress("rewriting", *event)
                    yield so_far
                else:
                    aside.give(partial(self._file, rewriter, event))
                for one in aside.done():
                    yield self._noted(one) if one else so_far
            for one in aside.done(0):
                yield self._noted(one) if one else so_far
        self.earlier.clear()
        removed = rewriter.removed()
        self.removed = removed if self.removed is None else self.removed.joined(removed)

    def settled(self) -> Iterator[Progress]:
        """Wait until every file is compared with what was written, and on the disk."""
        for _ in self.settling.wait():
            yield Progress("settling", 0, 0)

    def _noted(self, one: tuple[FileResult, Rows]) -> FileResult:
        self.results[one[0].id] = one
        return one[0]

    def _file(self, rewriter: Rewriter, change: FileChange) -> tuple[FileResult, Rows]:
        done = change.done
        warnings: tuple[str, ...] = ()
        if change.unread:
            done_with = "left out" if self.job.unread == "drop" else "copied unread"
            warnings = tuple(f"{done_with}: {one}" for one in change.unread)
        result = FileResult(
            loc=done.loc,
            id=bytes(done.id),
            state="copied",
            format=done.format,
            size=done.size,
            messages=change.messages,
            outcomes={name: dict(counts) for name, counts in change.outcomes.items()},
            alerts=change.alerts,
            warnings=warnings,
        )
        earlier = self.earlier.get((done.root, bytes(done.loc_bytes)))
        if earlier is not None and not (self.tree / earlier.path).exists():
            # It stands in the place of its original already.
            rows = Rows(self.edits, earlier.places)
            return _taken_over(result, earlier), rows
        state, reason = self.job.verdict(change)
        source = find_path(self.job.roots[done.root], done.loc_bytes, done.size, done.mtime_ns)
        if state == "copied" and source is None:
            state, reason = "refused", "changed since it was scanned"
        if source is None or state in {"skipped", "refused", "dropped"}:
            return replace(result, state=state, reason=reason, warnings=()), Rows()
        if state == "erased":
            self.erased.append(source)
            return replace(result, state=state, edits=1, kinds={"erased": 1}), change.rows
        if self.job.in_place and not change.is_touched:
            return result, Rows()
        return self._write(rewriter, change, source, result, earlier)

    def _write(
        self,
        rewriter: Rewriter,
        change: FileChange,
        source: Path,
        result: FileResult,
        earlier: Staged | None,
    ) -> tuple[FileResult, Rows]:
        """Write a file to the staging folder, and compare its form with that of the source."""
        done = change.done
        name = self._name(change)
        staged = self.tree / name
        edits = done.edits + (done.renamed is not None)
        if earlier is not None:
            now = (name, done.size, done.mtime_ns, edits)
            if now == (earlier.path, earlier.size, earlier.mtime_ns, earlier.edits):
                self._keep(change, Path(name), source)
                return _taken_over(result, earlier), Rows(self.edits, earlier.places)
        _make_folder(staged.parent)
        try:
            written = write(rewriter, done, source, staged)
        except ArchiveError as error:
            reason = str(error)
            return replace(result, state=self.job.left_out, reason=reason, warnings=()), Rows()
        if change.is_touched and not change.kinds["erased"]:
            found = differences(source, staged, done.format)
            if found:
                staged.unlink()
                reason = f"in the result {found[0]}"
                return replace(result, state="refused", reason=reason), Rows()
        self._keep(change, Path(name), source)
        result = replace(
            result,
            state="changed" if change.is_touched else "copied",
            edits=edits,
            kinds=dict(change.kinds),
            before=written.source_hash.hex(),
            after=written.target_hash.hex(),
        )
        self._note(change, name, result, written)
        return result, change.rows

    def _keep(self, change: FileChange, name: Path, source: Path) -> None:
        ident = change.done.id
        self.staged[ident] = name
        self.sources[ident] = source
        self.ids[os.fspath(name)] = ident

    def _note(self, change: FileChange, name: str, result: FileResult, written: Written) -> None:
        """Have a file compared, and noted for a run that goes on from here."""
        done = change.done
        if done.renamed is not None and not self.job.in_place:
            # The state would say the name that has to go: such a file is written again.
            self.settling.add(self.tree / name, written, _nothing)
            return
        one = Staged(
            root=done.root,
            name=bytes(done.loc_bytes).hex(),
            size=done.size,
            mtime_ns=done.mtime_ns,
            staged=os.fsencode(name).hex(),
            length=written.bytes_written,
            before=result.before,
            after=result.after,
            edits=result.edits,
            state=result.state,
            kinds=result.kinds,
            places=change.rows.places,
            rows=digest(change.rows),
        )
        self.settling.add(self.tree / name, written, lambda: self.state.add(one))

    def _name(self, change: FileChange) -> str:
        """Return the place of a file in the new tree; no two are the same."""
        done = change.done
        if done.id in self.staged:
            return os.fspath(self.staged[done.id])
        renamed = done.renamed is not None and not self.job.in_place
        return self.names.take(
            os.fsdecode(done.renamed if renamed and done.renamed else done.loc_bytes)
        )

    def verify(self, sought: Known | None) -> Generator[Progress, None, list[str]]:
        """Read the staged tree again; return the locations in which something is left."""
        self.total.residues = []
        if not self.staged:
            return []
        left = []
        rewriter = self.job.rewriter([os.fspath(self.tree)], sought=sought, only=None, again=True)
        for event in changes(rewriter, self.promises):
            if isinstance(event, tuple):
                yield Progress("verifying", *event)
                continue
            if event.is_touched or event.erased_whole:
                left.append(os.fsdecode(event.done.loc_bytes))
                kinds = dict(event.kinds) or {"name": 1}
                self.total.residues.append(Residue(event.done.loc, kinds))
        return left

    def settle(self) -> None:
        """Take out what is not clean, put the names on the disk, and sum up."""
        for name in self.left:
            ident = self.ids.get(name)
            if ident is None:
                continue
            (self.tree / self.staged.pop(ident)).unlink()
            result, _ = self.results[ident]
            reason = "something was left that had to go"
            self.results[ident] = (replace(result, state="refused", reason=reason), Rows())
        folders = {folder for name in self.staged.values() for folder in name.parents}
        for folder in folders:
            sync_folder(self.tree / folder)
        for result, _ in self.results.values():
            self.total.add(result)

    def tell(self) -> None:
        """Tell of every file what becomes of it, before it does."""
        for result, rows in self.results.values():
            if self.job.on_file:
                self.job.on_file(result, rows)
        if self.job.on_ready:
            self.job.on_ready()

    def publish(self) -> None:
        """Give the staged files their places."""
        self.is_publishing = True
        target = self.job.target
        if target is None:
            self._publish_in_place()
        else:
            if _is_one_file(self.job.roots):
                for name in self.staged.values():
                    (self.tree / name).replace(target)
            else:
                self.tree.replace(target)
            sync_folder(target.resolve().parent)
        self.total.published = target is None or target.exists()

    def _publish_in_place(self) -> None:
        for ident, name in self.staged.items():
            source = self.sources[ident]
            mode = source.stat().st_mode & 0o7777
            staged = self.tree / name
            staged.chmod(mode)
            staged.replace(source)
            sync_folder(source.parent)
        for path in self.erased:
            path.unlink()
            sync_folder(path.parent)


def _nothing() -> None:
    """Do nothing."""


def _taken_over(result: FileResult, earlier: Staged) -> FileResult:
    return replace(
        result,
        state="changed" if earlier.state == "changed" else "copied",
        edits=earlier.edits,
        kinds=earlier.kinds,
        before=earlier.before,
        after=earlier.after,
        taken_over=True,
    )


def _is_one_file(roots: Sequence[str]) -> bool:
    return len(roots) == 1 and Path(roots[0]).is_file()


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner only."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700)
