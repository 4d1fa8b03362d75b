"""The writing door to the core: what is changed, tokens under a key, and files with their changes.

A `Rewriter` is a sweep that also says what a treatment changes, in the order of the archive, and
writes files with their changes. Nothing is written that the caller does not ask for.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from piiscan import _core, feed
from piiscan._core import Edits, Known, ObjectDone, Part, Survey, Unchanged
from piiscan.scanning import Scanner

__all__ = [
    "Edits",
    "Known",
    "ObjectDone",
    "Part",
    "Replaced",
    "Rewriter",
    "Survey",
    "TreatedText",
    "Treatment",
    "Unchanged",
    "Written",
    "is_token",
    "reveal",
    "seal",
    "token",
]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written with its changes; hashes are SHA-256."""

    bytes_read: int
    bytes_written: int
    edits: int
    source_hash: bytes
    target_hash: bytes


@dataclass(frozen=True, slots=True)
class Replaced:
    """A place of a text that was replaced; offsets are bytes of its UTF-8."""

    start: int
    end: int
    new_start: int
    new_end: int
    detector: str


@dataclass(frozen=True, slots=True)
class TreatedText:
    """A text with its findings replaced.

    `alerts` counts findings that were left because a person has to look at them first.
    """

    text: str
    replaced: tuple[Replaced, ...]
    alerts: int

    def __repr__(self) -> str:
        return f"<TreatedText: {len(self.replaced)} places>"


class Treatment:
    """What a policy decided, for one scanner.

    Args:
        spec: `channels`, `rules`, `operators`, `holds`, `mask`, `minimum`, `removed`.
        scanner: The scanner whose findings are treated.
        key: 32 bytes, for operators that make tokens.

    Raises:
        PolicyError: It is malformed, or an operator needs a key and there is none.

    """

    __slots__ = ("_core", "_ids")

    def __init__(
        self, spec: Mapping[str, object], *, scanner: Scanner, key: bytes | None = None
    ) -> None:
        self._core = _core.Treatment(json.dumps(spec), scanner=scanner.core, key=key)
        self._ids = list(scanner.catalog)

    def text(self, text: str, *, channel: str = "") -> TreatedText:
        """Return a text as a message of a channel, treated.

        Args:
            text: What somebody wrote.
            channel: What the message says of its channel.

        """
        new, places, alerts = self._core.text(text, channel=channel)
        replaced = tuple(Replaced(*place[:4], self._ids[place[4]]) for place in places)
        return TreatedText(new, replaced, alerts)

    @property
    def seeks(self) -> bool:
        """Whether values are looked for in other messages than those that they go from.

        What goes because its message is due may stay in others, and what is taken out whole leaves
        no value to be looked for.
        """
        return self._core.seeks

    @property
    def core(self) -> _core.Treatment:
        """The compiled treatment."""
        return self._core


class Rewriter:
    """A sweep that says what changes, and writes files with their changes.

    Args:
        roots: Folders, files or containers.
        scanner: Which detectors run.
        treatment: What is changed.
        sought: Values that are removed wherever they stand, of an earlier run of this process.
        thorough: What was treated is looked at again, until nothing more comes to light: a label in
            the place of a value is another context for what stands beside it.
        first: The first of two passes: it says which values go, see `removed`, and changes nothing.
        survey: Of a first pass, takes what it found; of another, tells what a first one found.
        only: Ids of the files that are looked at; the scanner needs a key.
        profiles: Further profiles as pairs of name and TOML text.
        limits: Limits that differ from the defaults.
        jobs: Worker threads; one per core if None.
        follow: Follow links that stay within their root.
        exclude: Globs over paths that are left out.
        skip: Files that are never read.
        spool: A folder for edits that are too many for memory; they have no name in it.
        counting: Edits are counted and not kept: nothing is going to be written.
        notice: Comes in the place of an object within another that cannot be read whole; without
            it such objects stay.

    Raises:
        FileNotFoundError: A root does not exist.
        PolicyError: A limit, profile or glob is wrong.

    """

    __slots__ = ("_core",)

    def __init__(
        self,
        roots: Sequence[feed.Root],
        *,
        scanner: Scanner,
        treatment: Treatment,
        sought: Known | None = None,
        thorough: bool = False,
        first: bool = False,
        survey: Survey | None = None,
        only: set[bytes] | None = None,
        profiles: Sequence[tuple[str, str]] = (),
        limits: Mapping[str, int] | None = None,
        jobs: int | None = None,
        follow: bool = False,
        exclude: Sequence[str] = (),
        skip: Sequence[str] = (),
        spool: Path | None = None,
        counting: bool = False,
        notice: str | None = None,
    ) -> None:
        self._core = _core.Sweep(
            feed.names(roots),
            scanner=scanner.core,
            profiles=profiles,
            limits=limits,
            jobs=jobs,
            follow=follow,
            exclude=exclude,
            skip=skip,
            only=only,
            treatment=treatment.core,
            sought=sought,
            thorough=thorough,
            first=first,
            survey=survey,
            spool=spool,
            counting=counting,
            notice=notice,
        )

    def events(self) -> Iterator[tuple[feed.Happening | None, feed.Counts]]:
        """Yield each event with the progress, None when nothing came for a tenth of a second."""
        return feed.follow(self._core)

    def write(
        self, done: ObjectDone, source: str | PathLike[str], target: str | PathLike[str]
    ) -> Written:
        """Write a file of this sweep with its changes.

        Args:
            done: The file, as its event told.
            source: Its path.
            target: An empty file.

        Raises:
            ArchiveError: It changed since it was read, or cannot be written with its changes.
            KeyboardInterrupt: The pass was stopped.

        """
        return Written(*self._core.write(done, source, target))

    def stop(self) -> None:
        """Ask for an end, from whatever thread: events and writing end soon."""
        self._core.cancel()

    def removed(self) -> Known:
        """Return the values that were removed so far."""
        return self._core.removed()


def token(key: bytes, detector: str, value: str, *, scanner: Scanner, domain: str = "") -> str:
    """Return the pseudonym of a value in any of its spellings.

    Args:
        key: 32 bytes.
        detector: Id of the detector that finds it.
        value: As somebody wrote it.
        scanner: Whose options decide, such as the century of a short number.
        domain: Tokens of two domains cannot be joined.

    Raises:
        PolicyError: No detector has that id.

    """
    return _core.Tokens(key).pseudonym(scanner.core, detector, value, domain=domain)


def is_token(key: bytes, text: str) -> bool:
    """Return whether a text is a pseudonym made under a key, not an imitation.

    Args:
        key: 32 bytes.
        text: What may be a token.

    """
    return _core.Tokens(key).is_pseudonym(text)


def seal(key: bytes, detector: str, value: str) -> str:
    """Return a value encrypted with AES-SIV; equal values give equal tokens.

    Args:
        key: 32 bytes.
        detector: What kind of value it is; bound to the token.
        value: Any text.

    """
    return _core.Tokens(key).seal(detector, value)


def reveal(key: bytes, sealed: str) -> str:
    """Return the value of a token that `seal` or the operator `encrypt` made.

    Args:
        key: 32 bytes.
        sealed: The token.

    Raises:
        PolicyError: It is no such token, was changed, or is of another key.

    """
    return _core.Tokens(key).open(sealed)
