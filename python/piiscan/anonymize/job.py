"""What is rewritten, and how: the order that a rewrite, a dry run and a verification carry out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from piiscan.anonymize.decisions import UNREAD, decisions, needs_key
from piiscan.anonymize.keys import key_name
from piiscan.anonymize.outcome import FileResult, State
from piiscan.anonymize.passing import FileChange
from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy
from piiscan.policy.model import Operator
from piiscan.rewriting import Known, Rewriter, Survey, Treatment
from piiscan.scanning import Scanner

__all__ = ["Job"]

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
    resumable: bool = True  # an interrupted run leaves its staging folder for the next one
    on_file: Callable[[FileResult, Sequence[tuple[str, bytes]]], None] | None = None
    on_ready: Callable[[], None] | None = None  # all files were told of, and nothing is published

    @property
    def in_place(self) -> bool:
        """Whether originals are changed."""
        return self.target is None

    @property
    def unread(self) -> str:
        """What becomes of parts that nobody can read or rewrite: `refuse`, `drop` or `keep`."""
        return self.opaque or self.policy.policy.opaque

    @property
    def left_out(self) -> State:
        """What becomes of a file that cannot come along. An original is never dropped for that."""
        return "dropped" if self.unread == "drop" and not self.in_place else "refused"

    @property
    def seeks(self) -> bool:
        """Whether a value that goes from one message goes from all of them."""
        return self.treatment().seeks

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
        thorough: bool = False,
        first: bool = False,
        survey: Survey | None = None,
        spool: Path | None = None,
    ) -> Rewriter:
        """Return a pass over roots.

        Args:
            roots: Those of the job, or the staged tree.
            sought: Values that are removed wherever they stand.
            only: Ids of the files that are looked at; all if None.
            again: They were treated before.
            thorough: What was treated is looked at again, until nothing more comes to light.
            first: The first of two passes, which changes nothing.
            survey: Of a first pass, takes what it found; of another, tells what a first one found.
            spool: A folder for edits that are too many for memory; without one nothing is written.

        """
        drops = self.unread == "drop" and not again
        return Rewriter(
            roots,
            scanner=self.scanner,
            treatment=self.treatment(again=again),
            sought=sought,
            thorough=thorough,
            first=first,
            survey=survey,
            only=None if only is None else set(only),
            profiles=self.profiles,
            limits=self.limits,
            jobs=self.jobs,
            exclude=self.exclude,
            skip=self.skip,
            spool=spool,
            counting=spool is None,
            notice=UNREAD[self.policy.language] if drops else None,
        )

    def verdict(self, change: FileChange) -> tuple[State, str]:
        """Return what is to become of a file, and why if it does not come along.

        Args:
            change: The file.

        """
        done = change.done
        if done.status == "skipped" and done.reason != MEDIA:
            return "skipped", done.reason
        if done.format == "folder":
            return "skipped", "empty folder"
        if change.erased_whole and (self.due is not None or self.people is not None):
            return "erased", ""
        reason = "" if change.erased_whole else change.unchanged
        if change.unread and self.unread == "refuse":
            reason = change.unread[0]
        elif change.is_unread and self.unread == "drop":
            reason = change.unread[-1]
        return (self.left_out, reason) if reason else ("copied", "")

    def digest(self) -> str:
        """Return a digest of what decides the result: with an equal one a run goes on."""
        made = needs_key(self.policy, self.scanner.catalog, self.operators)
        said = {
            "roots": [str(Path(root).resolve()) for root in self.roots],
            "target": None if self.target is None else str(self.target.resolve()),
            "policy": self.policy.digest,
            "scanner": self.scanner.digest,
            "key": key_name(self.key) if self.key and made else "",
            "due": self.due and dict(self.due),
            "people": self.people and sorted(self.people),
            "holds": [spec for hold in self.holds for spec in hold.specs()],
            "operators": {name: repr(operator) for name, operator in self.operators.items()},
            "profiles": self.profiles,
            "limits": self.limits and dict(self.limits),
            "exclude": self.exclude,
            "unread": self.unread,
        }
        return sha256(json.dumps(said, sort_keys=True, default=asdict).encode()).hexdigest()
