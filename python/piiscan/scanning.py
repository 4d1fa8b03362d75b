"""The reading door to the core: scan text, and follow a sweep.

`scan` and `scan_batch` use one scanner with the defaults; a `Scanner` of one's own names detectors,
countries, a key. Nothing here reads a clock: a reference date is given, or the core's own date of
release counts.
"""

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from piiscan import _core, feed
from piiscan._core import Edits, ObjectDone, Part, Unchanged
from piiscan.errors import PolicyError
from piiscan.findings import MEDIUM, Catalog, Findings

__all__ = [
    "Collision",
    "Detector",
    "Event",
    "Issue",
    "Lexicon",
    "LexiconSource",
    "ObjectDone",
    "Part",
    "Scanner",
    "Unchanged",
    "collisions",
    "detectors",
    "events",
    "formats",
    "limits",
    "lint",
    "optional_detectors",
    "read_lexicons",
    "scan",
    "scan_batch",
    "select_detectors",
]

Event: TypeAlias = Part | ObjectDone | Unchanged
LexiconSource: TypeAlias = str | PathLike[str] | tuple[str, str]  # a file, or a name and its TOML
REFERENCE_DATE = date(2026, 12, 31)  # for callers that give none; part of the digest
OPTIONAL = ("gender",)  # of no special category: a policy that promises something about it asks


@dataclass(frozen=True, slots=True)
class Detector:
    """What a detector finds, and how sure it can be."""

    id: str
    category: str
    legal_class: str
    summary: str = ""
    rule: str = ""
    examples: tuple[str, ...] = ()


class Lexicon(NamedTuple):
    """A list of words that a scanner runs with."""

    name: str
    version: str
    digest: str
    own: bool  # the user's, not shipped


class Issue(NamedTuple):
    """Something that is wrong in a lexicon; line 0 and an empty term mean the whole file."""

    file: str
    line: int
    term: str
    error: bool
    what: str


class Collision(NamedTuple):
    """A word of a list that a term hits; `alone` if the word is a finding without a context."""

    term: str
    mode: str
    alone: bool
    word: str
    frequency: float | None


def lint(files: Iterable[LexiconSource] = ()) -> list[Issue]:
    """Return what is wrong in lexicon files, in the shipped ones if there are none.

    Args:
        files: Paths, or pairs of name and TOML text.

    """
    return [Issue(*row) for row in _core.lint(read_lexicons(files))]


def collisions(files: Iterable[LexiconSource], words: str) -> list[Collision]:
    """Return the words of a list that the stems of lexicons hit, by term, the most frequent first.

    Args:
        files: As for `lint`.
        words: A word a line, with its count before or after it if it has one.

    """
    return [Collision(*row) for row in _core.collisions(read_lexicons(files), words)]


def read_lexicons(files: Iterable[LexiconSource]) -> list[tuple[str, str]]:
    """Return name and text of lexicon files.

    Args:
        files: Paths, or pairs of name and TOML text, which are returned as they are.

    Raises:
        PolicyError: A file is not UTF-8.

    """
    read = []
    for file in files:
        if isinstance(file, tuple):
            read.append(file)
            continue
        try:
            read.append((fspath(file), Path(file).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            raise PolicyError(f"lexicon `{fspath(file)}` is not UTF-8") from None
    return read


@cache
def detectors() -> tuple[Detector, ...]:
    """Return every detector that ships, in the order of outputs."""
    return tuple(_detector(row) for row in _core.detectors())


@cache
def optional_detectors() -> tuple[Detector, ...]:
    """Return the detectors that run only where somebody asks for them by name."""
    day = REFERENCE_DATE.isoformat()
    scanner = _core.Scanner(detectors=OPTIONAL, reference_date=day)
    return tuple(_detector(row) for row in scanner.detectors)


def limits() -> list[tuple[str, int, str, str]]:
    """Return every limit of a sweep: name, default, unit, reason."""
    return _core.limits()


def formats() -> list[str]:
    """Return the id of every syntax and container that can be read."""
    return _core.formats()


def select_detectors(include: Iterable[str] = (), exclude: Iterable[str] = ()) -> list[str] | None:
    """Return the ids that the globs choose, None for all.

    Args:
        include: Globs over ids and categories; all detectors if empty. A lone `*` leaves out those
            that run only where asked for.
        exclude: Globs that take some away again.

    Raises:
        PolicyError: A glob fits no detector, or none is left.

    """
    include, exclude = tuple(include), tuple(exclude)
    if not include and not exclude:
        return None
    known = (*detectors(), *optional_detectors()) if include else detectors()
    for glob in (*include, *exclude):
        if not any(_fits(detector, glob) for detector in known):
            raise PolicyError(f"no detector is called `{glob}`{_similar(glob)}")
    chosen = [
        detector.id
        for detector in known
        if (not include or any(_fits(detector, glob) for glob in include))
        and not any(_fits(detector, glob) for glob in exclude)
    ]
    if not chosen:
        raise PolicyError("no detector is left\n\nhint: exclude fewer detectors")
    return chosen


class Scanner:
    """Finds personal data in text. Immutable; threads may share it.

    Scanning releases the interpreter.

    Args:
        detectors: Globs over detector ids and categories; all if None.
        locales: Countries whose numbers count without a context word.
        reference_date: Latest date that a date of birth may have; it also decides centuries.
        min_digits: Shortest run of digits that is a long number.
        strict: Long numbers stay long numbers where an ordinary reading, such as a date, would
            excuse them.
        grouped: Long numbers may be written in groups.
        norway_2032: Norwegian numbers may follow the rule for check digits of 2032; from that year
            on if None.
        explain: The attribute `context` tells where the nearest context word stands: `adjacent`,
            `before`, `after` or `none`.
        minimum: `LOW`, `MEDIUM` or `HIGH`: findings less sure than this are left out.
        key: 32 bytes that make fingerprints; without it they are empty.
        lexicons: Further lexicons: paths, or pairs of name and TOML text.

    Raises:
        PolicyError: A detector, locale or lexicon is wrong.

    """

    __slots__ = ("_catalog", "_core", "_key_id", "_minimum", "_own", "_undated", "_undated_digest")

    def __init__(
        self,
        *,
        detectors: Sequence[str] | None = None,
        locales: Sequence[str] = ("SE", "FI"),
        reference_date: date | None = None,
        min_digits: int = 7,
        strict: bool = False,
        grouped: bool = True,
        norway_2032: bool | None = None,
        explain: bool = False,
        minimum: int = MEDIUM,
        key: bytes | None = None,
        lexicons: Sequence[LexiconSource] = (),
    ) -> None:
        own = read_lexicons(lexicons)
        self._own = {name for name, _ in own}
        self._undated = partial(
            _core.Scanner,
            detectors=None if detectors is None else select_detectors(detectors),
            locales=locales,
            min_digits=min_digits,
            strict=strict,
            grouped=grouped,
            norway_2032=norway_2032,
            lexicons=own,
        )
        day = reference_date or REFERENCE_DATE
        self._core = self._undated(reference_date=day.isoformat(), key=key, explain=explain)
        self._catalog: Catalog = {
            row.id: (row.category, row.legal_class) for row in map(_detector, self._core.detectors)
        }
        self._undated_digest = ""
        self._key_id = self._core.key_id or ""
        self._minimum = minimum

    def scan(self, text: str) -> Findings:
        """Return the findings of `text`."""
        return Findings(
            self._core.scan(text), self._catalog, minimum=self._minimum, key_id=self._key_id
        )

    def scan_batch(self, texts: object) -> Findings:
        """Return the findings of many texts; the column `field` is the place of the text.

        Args:
            texts: A sequence of strings, or anything that exports one Arrow string column.

        Raises:
            TypeError: `texts` is neither.

        """
        if hasattr(texts, "__arrow_c_stream__"):
            block = self._core.scan_arrow(texts)
        elif isinstance(texts, str):
            raise TypeError("scan_batch takes many texts\n\nhint: scan(text) takes one")
        elif isinstance(texts, Iterable):
            block = self._core.scan_batch(texts if isinstance(texts, list) else list(texts))
        else:
            raise TypeError(f"scan_batch takes a sequence of strings, not `{type(texts).__name__}`")
        return Findings(block, self._catalog, minimum=self._minimum, key_id=self._key_id)

    def ident(self, name: bytes) -> bytes:
        """Return the 8 bytes by which a store knows a case id or Message-ID.

        Args:
            name: As the archive has it.

        Raises:
            PolicyError: The scanner has no key.

        """
        found = self._core.ident(name)
        if found is None:
            raise PolicyError("a scanner without a key knows no ids")
        return found

    @property
    def catalog(self) -> Catalog:
        """Category and legal class of every detector of this scanner."""
        return self._catalog

    @property
    def key_id(self) -> str:
        """Name of the key; empty without one."""
        return self._key_id

    @property
    def digest(self) -> str:
        """Digest of engine, options, detectors and lexicons: equal digests, equal findings."""
        return self._core.digest

    def undated_digest(self) -> str:
        """Return the digest without the reference date.

        A file that has not changed was right to scan with the date of its day: it is not read again
        every day.
        """
        if not self._undated_digest:  # another scanner: made once, since it takes its time
            self._undated_digest = self._undated(reference_date=REFERENCE_DATE.isoformat()).digest
        return self._undated_digest

    @property
    def detectors_digest(self) -> str:
        """Digest of the detectors and their options."""
        return self._core.detectors_digest

    @property
    def lexicon_digest(self) -> str:
        """Digest of the lexicons."""
        return self._core.lexicon_digest

    @property
    def lexicons(self) -> tuple[Lexicon, ...]:
        """Every lexicon, the shipped ones first."""
        return tuple(Lexicon(*row, row[0] in self._own) for row in self._core.lexicons)

    def file_ident(self, name: bytes) -> bytes:
        """Return the keyed id of a file: what the store knows of it.

        Args:
            name: Its path below its root; of several roots after the name of its own.

        Raises:
            PolicyError: The scanner has no key.

        """
        found = self._core.file_ident(name)
        if found is None:
            raise PolicyError("a scanner without a key knows no ids")
        return found

    def explain(self, text: str) -> list[dict[str, Any]]:
        """Return every place where a term of a lexicon stood in `text`, and what became of it.

        A record has `term category mode span weight contexts`; then `score confidence reading
        negated`, and `alert` if the term has one, of a finding; or `reason` of none. Spans count
        bytes. No record holds text.
        """
        return self._core.explain(text)

    @property
    def core(self) -> _core.Scanner:
        """The compiled scanner, for `events`."""
        return self._core

    def __repr__(self) -> str:
        return f"<Scanner: {len(self._catalog)} detectors, {self.digest[:8]}>"


@cache
def _default() -> Scanner:
    return Scanner()


def scan(text: str) -> Findings:
    """Return the findings of `text`, with every detector and no key.

    >>> import piiscan
    >>> [finding.detector for finding in piiscan.scan("Mejla kim@example.org, tack.")]
    ['email']
    """
    return _default().scan(text)


def scan_batch(texts: object) -> Findings:
    """Return the findings of many texts, with every detector and no key."""
    return _default().scan_batch(texts)


def events(
    roots: Sequence[feed.Root],
    *,
    scanner: Scanner,
    profiles: Sequence[tuple[str, str]] = (),
    limits: Mapping[str, int] | None = None,
    jobs: int | None = None,
    follow: bool = False,
    exclude: Sequence[str] = (),
    known: Mapping[bytes, tuple[int, int]] | None = None,
    skip: Sequence[str] = (),
    full: bool = False,
    reveal: bool = False,
    all_keys: bool = False,
    texts: Collection[bytes] = (),
    only: Collection[bytes] | None = None,
) -> Generator[tuple[Event | None, feed.Counts]]:
    """Sweep `roots` and yield each event with the progress.

    The progress is bytes read, bytes known, objects, findings.

    None stands for an event when nothing came for a tenth of a second. The order of events does not
    depend on the number of threads. When the caller stops early, the threads are stopped.

    Args:
        roots: Folders, files or containers.
        scanner: Which detectors run.
        profiles: Further profiles as pairs of name and TOML text.
        limits: Limits that differ from the defaults.
        jobs: Worker threads; one per core if None.
        follow: Follow links that stay within their root.
        exclude: Globs over paths that are left out.
        known: Location -> size and time of change of files that need not be read again.
        skip: Files that are never read: the store and its key.
        full: Hash the content of every object.
        reveal: Hand over the matched text too.
        all_keys: Hand over the keys of messages without findings too.
        texts: Ids of objects whose parts hand over the text of their fields.
        only: Ids of the files that are looked at; all if None.

    Raises:
        FileNotFoundError: A root does not exist.
        PolicyError: A limit, profile or glob is wrong.

    """
    core = _core.Sweep(
        feed.names(roots),
        scanner=scanner.core,
        profiles=profiles,
        limits=limits,
        jobs=jobs,
        follow=follow,
        exclude=exclude,
        known=known,
        skip=skip,
        hash=full,
        reveal=reveal,
        all_keys=all_keys,
        texts=set(texts),
        only=None if only is None else set(only),
    )
    with closing(feed.follow(core)) as running:
        for event, counts in running:
            if not isinstance(event, Edits):  # only a treatment makes edits
                yield event, counts


def _detector(row: Mapping[str, object]) -> Detector:
    examples = row.get("examples") or ()
    return Detector(
        id=str(row["id"]),
        category=str(row["category"]),
        legal_class=str(row["class"]),
        summary=str(row.get("summary", "")),
        rule=str(row.get("rule", "")),
        examples=tuple(map(str, examples)) if isinstance(examples, Iterable) else (),
    )


def _fits(detector: Detector, glob: str) -> bool:
    if glob == "*" and detector.id in OPTIONAL:
        return False
    return fnmatchcase(detector.id, glob) or fnmatchcase(detector.category, glob)


def _similar(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only when something went wrong

    names = [detector.id for detector in (*detectors(), *optional_detectors())]
    near = get_close_matches(name, names, n=1)
    return f", but `{near[0]}` is" if near else "\n\nhint: `piiscan detectors list`"
