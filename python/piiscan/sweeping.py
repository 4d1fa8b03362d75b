"""Sweeping: what the reading door finds goes into a store.

Joins `scanning` and `store`, which do not know each other. A sweep reads only what is new or has
changed; stopped at any time, the next one goes on. Paths inside a file (the keys of a JSON
document) may hold personal data themselves, so they are masked before they are stored.
"""

import json
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from os import PathLike, fspath
from pathlib import Path
from typing import BinaryIO, ClassVar

import numpy as np

from piiscan.errors import KeyMismatchError, StoreError
from piiscan.findings import LOW, RAW, Findings, mask, printable
from piiscan.scanning import LexiconSource, ObjectDone, Part, Scanner, events
from piiscan.store import DEFAULT_STORE, Summary, Writer, default_path, load_or_create, open_store
from piiscan.store.provisional import companions

__all__ = [
    "ObjectDone",
    "Progress",
    "Settings",
    "find_path",
    "find_roots",
    "keep_outside",
    "mask_name",
    "mask_text",
    "open_key",
    "record",
    "record_text",
    "root_id",
    "sweep",
    "time_text",
    "writer",
]

CHUNK = 8 << 20  # bytes of stdin that are scanned at a time
PATHS_KEPT = 4096  # masked paths that are remembered: profiles have few


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep has come."""

    bytes_read: int
    bytes_known: int
    objects: int
    findings: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides which bytes are read, and how; part of what makes a file known."""

    roots: tuple[str, ...]
    profiles: tuple[tuple[str, str], ...] = ()
    limits: Mapping[str, int] | None = None
    jobs: int | None = None
    follow: bool = False
    exclude: tuple[str, ...] = ()
    full: bool = False
    all_keys: bool = False  # of messages without findings too: a hold may name them

    @property
    def profiles_digest(self) -> str:
        """Digest of the profiles that were given."""
        return _digest(self.profiles)

    @property
    def digest(self) -> str:
        """Digest of everything but the scanner and the number of threads."""
        keys = ["all keys"] if self.all_keys else []
        return _digest([self.profiles, dict(self.limits or {}), self.follow, *keys])


def sweep(
    *roots: str | PathLike[str],
    store: str | PathLike[str] = DEFAULT_STORE,
    key_file: str | PathLike[str] | None = None,
    detectors: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    jobs: int | None = None,
    full: bool = False,
    started: datetime | None = None,
    lexicons: Sequence[LexiconSource] = (),
) -> Iterator[Progress | ObjectDone | Summary]:
    """Sweep folders, files or containers into a store; yield what happens, the summary last.

    Args:
        *roots: What to sweep.
        store: The file of the store; made if it is not there.
        key_file: The key of the fingerprints; made beside the store if it is not there.
        detectors: Globs over detector ids and categories; all if None.
        exclude: Globs over paths that are left out.
        jobs: Worker threads; one per core if None.
        full: Read files again even if size and time of change are those of the last sweep.
        started: The time of the sweep for the records; piiscan itself reads no clock.
        lexicons: Further lexicons: paths, or pairs of name and TOML text.

    Yields:
        `Progress` about ten times a second, `ObjectDone` for each object, one `Summary`.

    Raises:
        FileNotFoundError: A root does not exist.
        KeyMismatchError: The store was made with another key.
        PolicyError: A detector or glob is wrong.
        StoreError: The store lies in a root, is damaged, or another sweep is writing to it.

    """
    places = find_roots([fspath(root) for root in roots])
    settings = Settings(places, jobs=jobs, exclude=tuple(exclude), full=full)
    path = Path(store)
    secret, key = open_key(path, None if key_file is None else Path(key_file), places)
    reference = None if started is None else started.date()
    scanner = Scanner(
        detectors=detectors, key=key, reference_date=reference, minimum=LOW, lexicons=lexicons
    )
    moment = "" if started is None else time_text(started)
    with writer(path, settings, scanner=scanner, key=key, key_file=secret, started=moment) as into:
        yield from record(into, settings, scanner=scanner, skip=(path, secret))
        yield into.finish(interrupted=False, ended="")


def writer(
    path: Path | None,
    settings: Settings,
    *,
    scanner: Scanner,
    key: bytes,
    key_file: Path | None,
    started: str,
    info: Mapping[str, object] | None = None,
) -> Writer:
    """Open a store for one sweep.

    Args:
        path: The file; None keeps the store in memory, for outputs that nobody joins with others.
        settings: What is swept.
        scanner: With which detectors.
        key: The fingerprint key.
        key_file: Its file.
        started: When, RFC 3339.
        info: More facts for the outputs.

    """
    return Writer(
        path,
        key=None if path is None and key_file is None else key,
        key_file=key_file,
        key_id=scanner.key_id,
        catalog=scanner.catalog,
        roots=[mask_text(scanner, root) for root in settings.roots],
        root_ids=[root_id(root, key) for root in settings.roots],
        engine_digest=scanner.undated_digest(),
        policy_digest=settings.digest,
        info={
            "engine_digest": scanner.digest,
            "detectors_digest": scanner.detectors_digest,
            "lexicons_digest": scanner.lexicon_digest,
            "lexicons": [
                one._asdict() | {"name": mask_text(scanner, one.name) if one.own else one.name}
                for one in scanner.lexicons
            ],
            "profiles_digest": settings.profiles_digest,
            "all_keys": settings.all_keys,
            **(info or {}),
        },
        started=started,
    )


def record(
    into: Writer,
    settings: Settings,
    *,
    scanner: Scanner,
    skip: Sequence[Path] = (),
    values: dict[int, list[str]] | None = None,
) -> Generator[Progress | ObjectDone]:
    """Run a sweep into `into`; yield progress and objects. The caller finishes the writer.

    Args:
        into: The open store.
        settings: What is swept.
        scanner: With which detectors.
        skip: Files that are never read: the store and its key.
        values: Gets the matched texts by row of the object, for a caller that shows them.

    Yields:
        `Progress` and `ObjectDone`.

    """
    if not settings.roots:
        return

    @lru_cache(PATHS_KEPT)
    def masked(path: str) -> str:
        return mask_text(scanner, path)

    running = events(
        settings.roots,
        scanner=scanner,
        profiles=settings.profiles,
        limits=settings.limits,
        jobs=settings.jobs,
        follow=settings.follow,
        exclude=settings.exclude,
        known={} if settings.full else into.known(),
        skip=[str(each) for path in skip for each in companions(path)],
        full=settings.full,
        reveal=values is not None,
        all_keys=settings.all_keys,
    )
    found: dict[int, list[str]] = {}
    for event, progress in running:
        if event is None:
            into.tick()
        elif isinstance(event, Part):
            into.part(
                event,
                event.block.raws,
                [(at, masked(path)) for at, path in event.paths],
                [masked(name) for name in event.channels],
            )
            if event.block.values:
                found.setdefault(event.object, []).extend(event.block.values)
        elif isinstance(event, ObjectDone):
            row = into.object(event)
            if values is not None and event.ordinal in found:
                values[row] = found.pop(event.ordinal)
            yield event
        else:
            into.unchanged(event.root, event.id)
        yield Progress(*progress)


def mask_text(scanner: Scanner, text: str) -> str:
    """Return `text` with every value replaced by its mask, and safe on a terminal."""
    data = text.encode(errors="replace")
    shown, at = [], 0
    for finding in scanner.scan(data.decode()):
        if finding.end > at:
            shown.append(printable(data[at : max(at, finding.start)].decode()))
            shown.append(mask(finding.detector, finding.end - finding.start))
            at = finding.end
    return "".join([*shown, printable(data[at:].decode())])


def mask_name(scanner: Scanner, name: str) -> str:
    """Return one step of a path as a sweep with this scanner shows it.

    Args:
        scanner: With the key of the store, whose fingerprints stand in masks.
        name: Of a file, folder or entry.

    """
    data = name.encode(errors="replace")
    shown, at = [], 0
    for finding in scanner.scan(name):
        if finding.start >= at:
            length = len(data[finding.start : finding.end].decode())
            digest = finding.fingerprint.partition(":")[2][:8]
            shown += [data[at : finding.start].decode(), f"[{finding.detector} {length} {digest}]"]
        at = max(at, finding.end)
    return "".join([*shown, data[at:].decode()])


def find_roots(names: Sequence[str]) -> tuple[str, ...]:
    """Return the roots of a sweep without those that lie in another.

    Args:
        names: What the user named.

    Raises:
        FileNotFoundError: There is nothing of that name.

    """
    roots: dict[Path, str] = {}
    for name in names:
        if not name or not os.path.lexists(name):
            raise FileNotFoundError(
                f"there is nothing at `{printable(name)}`\n\nhint: check the spelling"
            )
        roots.setdefault(Path(name).resolve(), name)
    return tuple(
        name for path, name in roots.items() if not any(other in path.parents for other in roots)
    )


def open_key(store: Path, key_file: Path | None, roots: Sequence[str]) -> tuple[Path, bytes]:
    """Return the key file of a store and the key, made now if the store is new.

    Args:
        store: The file of the store.
        key_file: Where the user keeps the key; None for the place beside the store.
        roots: What is swept: neither store nor key may lie there.

    Raises:
        KeyMismatchError: The store is there and its key is not.
        StoreError: Store or key lie in a root, or the key file is no key.

    """
    path = default_path(store) if key_file is None else key_file
    keep_outside(roots, store, path)
    if store.exists() and not path.exists():
        open_store(store).close()  # says so if it is no store at all
        raise KeyMismatchError(
            f"the key of store `{store}` is not at `{path}`\n\n"
            "hint: name it with --key-file, or start a new store with --store"
        )
    return path, load_or_create(path)


def keep_outside(roots: Sequence[str], *paths: Path) -> None:
    """Refuse to write into what is swept.

    Args:
        roots: What is swept.
        *paths: What will be written.

    Raises:
        StoreError: A path lies in a root.

    """
    for root in roots:
        folder = Path(root).resolve()
        for path in paths:
            target = path.resolve()
            if target == folder or (folder.is_dir() and folder in target.parents):
                raise StoreError(
                    f"`{path}` lies inside `{root}`, which is only read\n\n"
                    f"hint: name a file elsewhere, such as {_beside(folder, path.name)}"
                )


def find_path(root: str, name: bytes, size: int, mtime_ns: int) -> Path | None:
    """Return the path of a file that a sweep has read; None if it is not there any more as it was.

    Args:
        root: Its root.
        name: Its exact location: a path below the root, after the root's name if there are more.
        size: As it was.
        mtime_ns: As it was.

    """
    parts = Path(os.fsdecode(name)).parts
    for start in range(len(parts) + 1):
        path = Path(root, *parts[start:])
        try:
            status = path.stat()
        except OSError:
            continue
        if path.is_file() and (status.st_size, status.st_mtime_ns) == (size, mtime_ns):
            return path
    return None


def record_text(
    into: Writer,
    scanner: Scanner,
    stream: BinaryIO,
    *,
    keep: dict[int, bytes] | None = None,
    values: dict[int, list[str]] | None = None,
) -> None:
    """Scan text from a stream into `into`, as an object called `-`.

    Args:
        into: The open store.
        scanner: With which detectors.
        stream: UTF-8, or windows-1252 where it is not valid UTF-8.
        keep: Gets the bytes by row of the object, for a caller that shows what stands around.
        values: Gets the matched texts in the same way.

    """
    at, kept, odd, found = 0, [], False, 0
    texts: list[str] = []
    for index, chunk in enumerate(_chunks(stream)):
        try:
            text, lossless = chunk.decode(), True
        except UnicodeDecodeError:
            text, lossless, odd = chunk.decode("cp1252", errors="replace"), False, True
        findings = scanner.scan(text)
        part = _TextPart(index, findings)
        into.part(part, _raws(findings, at, None if lossless else text), [])
        found += len(findings)
        at += len(chunk)
        if keep is not None:
            kept.append(chunk)
        if values is not None:
            texts += findings.values(text)
    row = into.object(
        _TextDone(
            size=at,
            findings=found,
            status="warn" if odd else "ok",
            reason="not valid UTF-8: read as windows-1252" if odd else "",
        )
    )
    if keep is not None:
        keep[row] = b"".join(kept)
    if values is not None:
        values[row] = texts


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield pieces of about `CHUNK` bytes that end with a line, or at a space."""
    rest = b""
    while True:
        data = stream.read(CHUNK)
        if len(data) < CHUNK:  # the end
            break
        data = rest + data
        end = data.rfind(b"\n") + 1 or data.rfind(b" ") + 1 or len(data)
        rest = data[end:]
        yield data[:end]
    if rest or data:
        yield rest + data


def time_text(moment: datetime) -> str:
    """Return a time in RFC 3339, UTC, to the second.

    Args:
        moment: A time with its zone.

    """
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


class _TextPart:
    """A piece of text on stdin, in the form of a part of a sweep."""

    object = -1  # sweeps count from 0
    messages = b""
    roles = b"\0"  # body
    first_record = 0
    paths: ClassVar[list[tuple[int, str]]] = []
    keys = b""

    def __init__(self, index: int, findings: Findings) -> None:
        self.index = index
        self.block = findings.block


def _raws(findings: Findings, at: int, recoded: str | None) -> bytes:
    """Return where the values stand in a stream: one byte a character in recoded text."""
    spans = findings.spans() if recoded is None else findings.spans(unit="char", text=recoded)
    raws = np.zeros(len(findings), dtype=RAW)
    raws["start"], raws["end"] = spans[:, 0] + np.uint64(at), spans[:, 1] + np.uint64(at)
    raws["ranges"] = 1
    return raws.tobytes()


@dataclass(frozen=True, slots=True)
class _TextDone:
    """The text on stdin, in the form of an object of a sweep."""

    size: int
    findings: int
    status: str
    reason: str
    ordinal: int = -1
    parent: int | None = None
    root: int = 0
    loc: str = "-"
    mtime_ns: int = 0
    format: str = "text"
    profile: str = ""
    channel: str = ""
    lossy: int = 0
    not_scanned: int = 0
    messages: int = 0
    content_hash: bytes | None = None
    id: ClassVar[bytes] = b"\0" * 8

    @property
    def scanned(self) -> int:
        return self.size

    @property
    def problems(self) -> list[tuple[int, int, str, str]]:
        return []


def _beside(folder: Path, name: str) -> Path:
    try:
        return Path(os.path.relpath(folder.parent), name)
    except ValueError:  # another drive
        return folder.parent / name


def root_id(root: str, key: bytes) -> bytes:
    """Return the keyed hash under which a store knows the path of a root."""
    path = os.fsencode(Path(root).resolve())
    return blake2b(path, key=key, digest_size=8).digest()


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
