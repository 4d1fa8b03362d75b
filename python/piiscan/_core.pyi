"""The compiled core: scans text and sweeps archives.

Nobody imports this module but `piiscan.scanning`, `piiscan.rewriting` and what both enter,
`piiscan.feed`. Every class is frozen and may be shared by threads; every call that takes time
releases the interpreter.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, final

__all__ = [
    "Edits",
    "FindingBlock",
    "Known",
    "ObjectDone",
    "Part",
    "Scanner",
    "Survey",
    "Sweep",
    "Tokens",
    "Treatment",
    "Unchanged",
    "__version__",
    "collisions",
    "detectors",
    "formats",
    "limits",
    "lint",
]

__version__: str

@final
class FindingBlock:
    """Findings as packed records, in the order of field and start."""

    @property
    def records(self) -> bytes:
        """32 bytes a finding, little-endian.

        `field u4, start u4, end u4, detector u1, confidence u1, attributes u2, fingerprint 16
        bytes`; `start` and `end` count bytes of the decoded field.
        """

    @property
    def raws(self) -> bytes:
        """24 bytes a finding, little-endian: `start u8, end u8, ranges u4, unused u4`.

        Bytes of the innermost object.
        """

    @property
    def attribute_sets(self) -> list[dict[str, object]]:
        """The distinct sets of attributes; `attributes` of a record is a place in this list."""

    @property
    def detectors(self) -> list[str]:
        """Ids of the scanner's detectors; `detector` of a record is a place in this list."""

    @property
    def values(self) -> list[str] | None:
        """The matched text of each finding of a revealing sweep, else None."""

    def select(self, places: bytes) -> FindingBlock:
        """Return the findings at `places` (u4, little-endian), in that order."""

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

@final
class Scanner:
    """A compiled set of detectors and lexicons."""

    def __new__(
        cls,
        *,
        detectors: Sequence[str] | None = None,
        locales: Sequence[str] | None = None,
        reference_date: str,
        min_digits: int = 7,
        strict: bool = False,
        grouped: bool = True,
        norway_2032: bool | None = None,
        explain: bool = False,
        key: bytes | None = None,
        lexicons: Sequence[tuple[str, str]] | None = None,
    ) -> Scanner: ...
    @property
    def detectors(self) -> list[dict[str, object]]:
        """Its detectors: `id`, `category`, `class`, `summary`, `rule`, `examples`."""

    @property
    def digest(self) -> str:
        """Digest of engine, options, detectors and lexicons: equal digests, equal findings."""

    @property
    def detectors_digest(self) -> str:
        """Digest of the detectors and their options."""

    @property
    def lexicon_digest(self) -> str:
        """Digest of the lexicons."""

    @property
    def lexicons(self) -> list[tuple[str, str, str]]:
        """Its lexicons: name, version, digest."""

    def explain(self, text: str) -> list[dict[str, Any]]:
        """Return every place where a term stood, and what became of it.

        `term category mode span weight contexts`; then `score confidence reading negated alert` of
        a finding, or `reason` of none. A context has `name role points span`.
        """

    @property
    def key_id(self) -> str | None:
        """Name of the key."""

    def ident(self, name: bytes) -> bytes | None:
        """Return the 8 bytes by which a store knows the key of a message; None without a key."""

    def file_ident(self, name: bytes) -> bytes | None:
        """Return the id of a file by its path below its root, as `ObjectDone.id`."""

    def scan(self, text: str) -> FindingBlock:
        """Return the findings of one text; their `field` is 0."""

    def scan_batch(self, texts: Sequence[str]) -> FindingBlock:
        """Return the findings of many texts; `field` is the place of the text."""

    def scan_arrow(self, stream: object) -> FindingBlock:
        """Return the findings of one Arrow string column; `field` is the row."""

@final
class Part:
    """A piece of an object: its findings and messages."""

    @property
    def object(self) -> int:
        """Ordinal of the object in this sweep."""

    @property
    def index(self) -> int:
        """Ordinal of the part in its object."""

    @property
    def block(self) -> FindingBlock:
        """Findings; `field` counts the fields of this part."""

    @property
    def messages(self) -> bytes:
        """40 bytes a message, little-endian.

        `raw_start u8, sent i8, closed i8, raw_len u4, first_field u4, channel u2, flags u2,
        findings u4`; times are milliseconds since 1970 UTC, the smallest number where unknown.
        """

    @property
    def roles(self) -> bytes:
        """One byte a field: its role."""

    @property
    def first_record(self) -> int:
        """Number of messages of the object before this part."""

    @property
    def paths(self) -> list[tuple[int, str]]:
        """Paths of the fields that have findings."""

    @property
    def keys(self) -> bytes:
        """12 bytes a message with key and findings, little-endian: `message u4, hash 8 bytes`.

        `message` is its place in `messages`; `hash` is the keyed hash of its key.
        """

    @property
    def id(self) -> bytes:
        """Keyed hash of the location of the object, 8 bytes."""

    @property
    def channels(self) -> list[str]:
        """Channels that messages name; `channel` in `messages` counts from 1, 0 is the object's."""

    def fields(self, start: int, end: int) -> list[tuple[int, str, str]]:
        """Number, path and decoded text of fields; none if the object was not asked for."""

@final
class Edits:
    """What changes in a stretch of an object."""

    @property
    def object(self) -> int:
        """Ordinal of the object."""

    @property
    def rows(self) -> bytes:
        """JSON lists with commas between: start, old length, new length, type, replacement.

        Lengths are bytes of the object. The replacement is left out where a whole part is encoded
        again, because other text stands in it.
        """

    @property
    def count(self) -> int:
        """Number of rows."""

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """Number of rows by type: detectors, `erased`, `derived`, `attachment`."""

    @property
    def outcomes(self) -> list[tuple[int, str, int]]:
        """Number of the rule, `done`, `held` or `undetermined`, number of messages."""

    @property
    def alerts(self) -> int:
        """Findings left as they are because a person has to look at them."""

@final
class Known:
    """Values that were removed, as hashes that mean nothing outside of this process."""

    def joined(self, other: Known) -> Known:
        """Both sets: the other one was removed while this one was sought, or the reverse."""

    def __bool__(self) -> bool: ...

@final
class Survey:
    """What the first of two passes found: places and keyed hashes, without values.

    What is too much for memory goes to a file without a name in a folder. Without a folder it is
    not kept: the second pass scans again.
    """

    def __new__(cls, folder: str | PathLike[str] | None = None) -> Survey: ...

@final
class Treatment:
    """What a policy decided, for one scanner.

    `spec` is JSON: `channels`, `rules`, `operators`, `holds`, `mask`, `minimum`, `removed`. Raises
    `PolicyError` if it is malformed, or an operator needs a key and there is none.
    """

    def __new__(cls, spec: str, *, scanner: Scanner, key: bytes | None = None) -> Treatment: ...
    @property
    def seeks(self) -> bool:
        """Whether values are looked for in other messages than those that they go from."""

    def text(
        self, text: str, *, channel: str = ""
    ) -> tuple[str, list[tuple[int, int, int, int, int]], int]:
        """Return the text treated; old start, old end, new start, new end, place of the detector.

        Offsets are bytes. The last number counts findings left because a person has to look.
        """

@final
class Tokens:
    """Pseudonyms and encrypted values under a key of 32 bytes."""

    def __new__(cls, key: bytes) -> Tokens: ...
    def pseudonym(self, scanner: Scanner, detector: str, value: str, *, domain: str = "") -> str:
        """Return the token of a value; `scanner` has the same key."""

    def is_pseudonym(self, text: str) -> bool:
        """Whether a text is a token of this key."""

    def seal(self, detector: str, value: str) -> str:
        """Encrypt a value."""

    def open(self, token: str) -> str:
        """Return an encrypted value. Raises `PolicyError` if it is none of this key."""

@final
class ObjectDone:
    """An object that was read to its end, and what became of its bytes."""

    @property
    def ordinal(self) -> int:
        """Ordinal in this sweep."""

    @property
    def renamed(self) -> bytes | None:
        """Its name with the values in it replaced, if a treatment replaces some."""

    @property
    def unchanged(self) -> str | None:
        """Why some of it could not be changed as a treatment asks."""

    @property
    def edits(self) -> int:
        """Number of places that change in a file, entries and attachments included."""

    @property
    def parent(self) -> int | None:
        """Ordinal of the container."""

    @property
    def root(self) -> int:
        """Number of the root."""

    @property
    def loc(self) -> str:
        """Location for display: odd bytes escaped, values in names masked."""

    @property
    def loc_bytes(self) -> bytes:
        """The exact location."""

    @property
    def id(self) -> bytes:
        """Keyed hash of the location, 8 bytes."""

    @property
    def size(self) -> int:
        """Bytes of the object."""

    @property
    def mtime_ns(self) -> int:
        """Time of the last change of a file; 0 for an entry."""

    @property
    def status(self) -> str:
        """`ok`, `warn`, `limit`, `error`, `encrypted`, `unsupported` or `skipped`."""

    @property
    def reason(self) -> str:
        """Reason of that status; empty when ok."""

    @property
    def format(self) -> str:
        """Syntax or container; empty when unknown."""

    @property
    def profile(self) -> str | None:
        """Profile."""

    @property
    def channel(self) -> str | None:
        """Channel that the profile names."""

    @property
    def scanned(self) -> int:
        """Bytes decoded and scanned."""

    @property
    def lossy(self) -> int:
        """Bytes replaced on decoding."""

    @property
    def not_scanned(self) -> int:
        """Bytes not scanned."""

    @property
    def messages(self) -> int:
        """Number of messages."""

    @property
    def findings(self) -> int:
        """Number of findings."""

    @property
    def content_hash(self) -> bytes | None:
        """Hash of the content, when asked for."""

    @property
    def problems(self) -> list[tuple[int, int, str, str]]:
        """Places that are not ok: raw start, raw end, status, reason."""

@final
class Unchanged:
    """A file that was finished before and has not changed."""

    @property
    def root(self) -> int:
        """Number of the root."""

    @property
    def id(self) -> bytes:
        """Keyed hash of the location, 8 bytes."""

@final
class Sweep:
    """A running sweep. Its threads end when it is dropped."""

    def __new__(
        cls,
        roots: Sequence[str | bytes],
        *,
        scanner: Scanner,
        profiles: Sequence[tuple[str, str]] | None = None,
        limits: Mapping[str, int] | None = None,
        jobs: int | None = None,
        follow: bool = False,
        exclude: Sequence[str] | None = None,
        known: Mapping[bytes, tuple[int, int]] | None = None,
        skip: Sequence[str] | None = None,
        hash: bool = False,  # noqa: A002
        reveal: bool = False,
        texts: set[bytes] | None = None,
        all_keys: bool = False,
        only: set[bytes] | None = None,
        treatment: Treatment | None = None,
        sought: Known | None = None,
        thorough: bool = False,
        survey: Survey | None = None,
        first: bool = False,
        spool: str | PathLike[str] | None = None,
        counting: bool = False,
        notice: str | None = None,
    ) -> Sweep: ...
    @property
    def finished(self) -> bool:
        """Whether every event was delivered."""

    def next_event(self, timeout_ms: int) -> Part | ObjectDone | Unchanged | Edits | None:
        """Return the next event in the order of the archive, None if none came in time.

        A sweep with a treatment tells of what changes, and of no parts.
        """

    def write(
        self, done: ObjectDone, source: str | PathLike[str], target: str | PathLike[str]
    ) -> tuple[int, int, int, bytes, bytes]:
        """Write a file of this sweep with its changes to an empty file.

        Returns bytes read, bytes written, edits, SHA-256 of source and target. Raises
        `ArchiveError` if the file changed since it was read, or cannot be written.
        """

    def removed(self) -> Known:
        """Values that the treatment removed so far."""

    def cancel(self) -> None:
        """Stop soon; what is already read is still delivered."""

    def progress(self) -> tuple[int, int, int, int]:
        """Bytes read, bytes known so far, objects done, findings."""

def detectors() -> list[dict[str, object]]:
    """Every detector that ships: `id`, `category`, `class`, `summary`, `rule`, `examples`."""

def limits() -> list[tuple[str, int, str, str]]:
    """Every limit: name, default, unit, reason."""

def lint(files: Sequence[tuple[str, str]]) -> list[tuple[str, int, str, bool, str]]:
    """What is wrong in lexicons: file, line, term, whether it is an error, what.

    `files` are names and texts; none of them stands for the shipped lexicons.
    """

def collisions(
    files: Sequence[tuple[str, str]], words: str
) -> list[tuple[str, str, bool, str, float | None]]:
    """Words of a list that stems hit: term, mode, whether alone a finding, word, count."""

def formats() -> list[str]:
    """Ids of every syntax and container."""
