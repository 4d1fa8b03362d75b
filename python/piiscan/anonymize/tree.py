"""Rewriting files: a new tree beside the source, or the originals in their place.

Every file is written to a staging folder first, on the disk of its target. Then the staged tree is
read and scanned again, with the same decisions, and with every value that was removed looked for in
all of it. Files in which something is left are written again from the source with those values
known. Only when nothing is left does the tree take its name, or do files take the places of
originals. A run that is killed leaves the old state and a staging folder; the next one begins with
a new staging folder and removes the old one.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from piiscan.anonymize.decisions import decisions, rules
from piiscan.anonymize.outcome import FileResult, Progress, Residue, State, Total
from piiscan.anonymize.passing import FileChange, changes
from piiscan.anonymize.structure import differences
from piiscan.anonymize.writing import is_temporary, sync_folder, write
from piiscan.errors import ArchiveError, RefusedError
from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy
from piiscan.policy.model import Operator
from piiscan.rewriting import Known, Rewriter, Treatment
from piiscan.scanning import Scanner
from piiscan.sweeping import find_path

__all__ = ["Job", "rewrite_tree"]

STAGING = ".piiscan-staging"
ROUNDS = 3  # how often files are written again because a value was left
MEDIA = "media without text"  # the core's words: names are scanned, content is not


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is rewritten, and how."""

    roots: tuple[str, ...]
    policy: LoadedPolicy
    scanner: Scanner
    target: Path | None  # a new tree or file; None for the places of the originals
    key: bytes | None = None  # of tokens
    due: Mapping[str, int] | None = None
    now_ms: int | None = None
    people: Sequence[str] | None = None
    holds: Sequence[Hold] = ()
    operators: Mapping[str, Operator] = field(default_factory=dict)
    only: frozenset[bytes] | None = None  # ids of files
    profiles: Sequence[tuple[str, str]] = ()
    limits: Mapping[str, int] | None = None
    jobs: int | None = None
    exclude: Sequence[str] = ()
    skip: Sequence[str] = ()
    opaque: str | None = None  # of the policy if None
    on_file: Callable[[FileResult, Sequence[tuple[str, bytes]]], None] | None = None

    @property
    def in_place(self) -> bool:
        """Whether originals are changed."""
        return self.target is None

    def treatment(self, *, again: bool = False) -> Treatment:
        """Return what is changed.

        Args:
            again: In what was treated before.

        """
        spec = decisions(
            self.policy,
            self.scanner.catalog,
            holds=self.holds,
            due=self.due,
            now_ms=self.now_ms,
            people=self.people,
            operators=self.operators,
            again=again,
        )
        return Treatment(spec, scanner=self.scanner, key=self.key)

    def rewriter(
        self,
        roots: Sequence[str],
        *,
        sought: Known | None,
        only: frozenset[bytes] | None,
        again: bool = False,
    ) -> Rewriter:
        """Return a pass over roots.

        Args:
            roots: Those of the job, or the staged tree.
            sought: Values that are removed wherever they stand.
            only: Ids of the files that are looked at; all if None.
            again: They were treated before.

        """
        return Rewriter(
            roots,
            scanner=self.scanner,
            treatment=self.treatment(again=again),
            sought=sought,
            only=None if only is None else set(only),
            profiles=self.profiles,
            limits=self.limits,
            jobs=self.jobs,
            exclude=self.exclude,
            skip=self.skip,
        )

    def verdict(self, change: FileChange) -> tuple[State, str]:
        """Return what is to become of a file, and why if it does not come along.

        Args:
            change: The file.

        """
        done = change.done
        opaque = self.opaque or self.policy.policy.opaque
        if done.status == "skipped" and done.reason != MEDIA:
            return "skipped", done.reason
        if done.format == "folder":
            return "skipped", "empty folder"
        if change.erased_whole and (self.due is not None or self.people is not None):
            return "erased", ""
        if change.unread and opaque != "keep":
            return "refused", change.unread[0]
        if change.unchanged and not change.erased_whole:
            return "refused", change.unchanged
        return "copied", ""


def rewrite_tree(job: Job) -> Generator[Progress | FileResult | Total]:
    """Carry a job out; yield progress, every file, and the sum last.

    A file in which something is left that had to go is not published: the sum says so.

    Args:
        job: What is rewritten.

    Raises:
        FileNotFoundError: A root does not exist.
        PolicyError: The policy does not fit, or an operator needs a key.
        RefusedError: The target is there already, or lies within the source.

    """
    place = _place(job)
    run = _Run(job, place)
    _clear(place)
    place.mkdir(mode=0o700)
    try:
        yield from run.stage(job.only, None)
        known = run.removed
        for round_ in range(1, ROUNDS + 1):
            run.total.rounds = round_
            left = run.left = yield from run.verify(known)
            again = frozenset(run.ids[name] for name in left if name in run.ids)
            if not left or round_ == ROUNDS or not again:
                break
            yield from run.stage(again, known)
            known = run.removed
        run.settle()
        run.publish()
        run.tell()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    yield run.total


class _Run:
    """A job under way."""

    def __init__(self, job: Job, place: Path) -> None:
        self.job = job
        self.place = place
        self.promises = [] if job.people is not None else rules(job.policy)
        self.total = Total()
        self.results: dict[bytes, tuple[FileResult, list[tuple[str, bytes]]]] = {}
        self.staged: dict[bytes, Path] = {}  # id -> below the staging folder
        self.sources: dict[bytes, Path] = {}
        self.ids: dict[str, bytes] = {}  # location in the staged tree -> id
        self.erased: list[Path] = []
        self.removed: Known | None = None
        self.taken: set[str] = set()  # by files
        self.folders: set[str] = set()
        self.left: list[str] = []  # locations in the staged tree that are not clean

    def stage(
        self, only: frozenset[bytes] | None, sought: Known | None
    ) -> Iterator[Progress | FileResult]:
        """Write files to the staging folder."""
        rewriter = self.job.rewriter(self.job.roots, sought=sought, only=only)
        for event in changes(rewriter, self.promises):
            if isinstance(event, tuple):
                yield Progress("rewriting", *event)
                continue
            result = self._file(rewriter, event)
            self.results[event.done.id] = (result, event.rows)
            yield result
        removed = rewriter.removed()
        self.removed = removed if self.removed is None else self.removed.joined(removed)

    def _file(self, rewriter: Rewriter, change: FileChange) -> FileResult:
        done = change.done
        warnings: tuple[str, ...] = ()
        if change.unread:
            warnings = tuple(f"copied unread: {one}" for one in change.unread)
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
        state, reason = self.job.verdict(change)
        source = find_path(self.job.roots[done.root], done.loc_bytes, done.size, done.mtime_ns)
        if state == "copied" and source is None:
            state, reason = "refused", "changed since it was scanned"
        if source is None or state in {"skipped", "refused"}:
            return replace(result, state=state, reason=reason, warnings=())
        if state == "erased":
            self.erased.append(source)
            return replace(result, state=state, edits=1, kinds={"erased": 1})
        if self.job.in_place and not change.is_touched:
            return result
        return self._write(rewriter, change, source, result)

    def _write(
        self, rewriter: Rewriter, change: FileChange, source: Path, result: FileResult
    ) -> FileResult:
        """Write a file to the staging folder, and compare its form with that of the source."""
        done = change.done
        name = self._name(change)
        staged = self.place / name
        _make_folder(staged.parent)
        try:
            written = write(rewriter, done, source, staged)
        except ArchiveError as error:
            return replace(result, state="refused", reason=str(error))
        if change.is_touched and not change.kinds["erased"]:
            found = differences(source, staged, done.format)
            if found:
                staged.unlink()
                return replace(result, state="refused", reason=f"in the result {found[0]}")
        self.staged[done.id] = Path(name)
        self.sources[done.id] = source
        self.ids[os.fspath(name)] = done.id
        return replace(
            result,
            state="changed" if change.is_touched else "copied",
            edits=done.edits + (done.renamed is not None),
            kinds=dict(change.kinds),
            before=written.source_hash.hex(),
            after=written.target_hash.hex(),
        )

    def _name(self, change: FileChange) -> str:
        """Return the place of a file in the new tree; no two are the same."""
        done = change.done
        if done.id in self.staged:
            return os.fspath(self.staged[done.id])
        renamed = done.renamed is not None and not self.job.in_place
        name = os.fsdecode(done.renamed if renamed and done.renamed else done.loc_bytes)
        *folders, last = [part for part in name.split("/") if part not in {"", ".", ".."}] or [
            "file"
        ]
        above = ""
        for folder in folders:
            above = self._free(above, folder, self.taken) + "/"
            self.folders.add(above[:-1])
        unique = self._free(above, last, self.taken, self.folders)
        self.taken.add(unique)
        return unique

    @staticmethod
    def _free(above: str, name: str, *taken: set[str]) -> str:
        """Return a path that is not taken, with a number before the suffix if need be."""
        unique, number = above + name, 2
        stem, dot, tail = name.rpartition(".")
        while any(unique in each for each in taken):
            unique = above + (f"{stem}~{number}.{tail}" if dot else f"{name}~{number}")
            number += 1
        return unique

    def verify(self, sought: Known | None) -> Generator[Progress, None, list[str]]:
        """Read the staged tree again; return the locations in which something is left."""
        self.total.residues = []
        if not self.staged:
            return []
        left = []
        rewriter = self.job.rewriter([os.fspath(self.place)], sought=sought, only=None, again=True)
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
        """Take out what is not clean, and sum up."""
        for name in self.left:
            ident = self.ids.get(name)
            if ident is None:
                continue
            (self.place / self.staged.pop(ident)).unlink()
            result, _ = self.results[ident]
            reason = "something was left that had to go"
            self.results[ident] = (replace(result, state="refused", reason=reason), [])
        for result, _ in self.results.values():
            self.total.add(result)

    def tell(self) -> None:
        """Tell of every file what became of it, now that it stands."""
        for result, rows in self.results.values():
            if self.job.on_file:
                self.job.on_file(result, rows)

    def publish(self) -> None:
        """Give the staged files their places."""
        target = self.job.target
        if target is None:
            for ident, name in self.staged.items():
                source = self.sources[ident]
                mode = source.stat().st_mode & 0o7777
                staged = self.place / name
                staged.chmod(mode)
                staged.replace(source)
                sync_folder(source.parent)
            for path in self.erased:
                path.unlink()
                sync_folder(path.parent)
        elif Path(self.job.roots[0]).is_file() and len(self.job.roots) == 1:
            for name in self.staged.values():
                (self.place / name).replace(target)
                self.total.published = True
            return
        else:
            self.place.replace(target)
        sync_folder((target or Path(self.job.roots[0]).resolve()).parent)
        self.total.published = True


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner only."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700)


def _place(job: Job) -> Path:
    """Return the staging folder: on the disk of the target."""
    if job.target is None:
        first = Path(job.roots[0]).resolve()
        return first.parent / f"{STAGING}-{first.name}"
    target = job.target
    if target.exists() or target.is_symlink():
        raise RefusedError(
            f"`{target}` is there already\n\nhint: name a new place; nothing is overwritten"
        )
    parent = target.resolve().parent
    if not parent.is_dir():
        raise FileNotFoundError(f"the folder of `{target}` does not exist")
    for root in job.roots:
        folder = Path(root).resolve()
        if folder == parent or folder in parent.parents or target.resolve() == folder:
            raise RefusedError(
                f"`{target}` lies within the source `{root}`\n\nhint: name a place outside of it"
            )
    return parent / f"{STAGING}-{target.name}"


def _clear(place: Path) -> None:
    """Remove what a run that was killed has left."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    if place.parent.is_dir():
        for path in place.parent.iterdir():
            if is_temporary(path):
                path.unlink()
