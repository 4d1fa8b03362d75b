"""A sweep under way: what the reading door finds goes into a store."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from os import PathLike, fspath
from pathlib import Path

from piiscan.findings import LOW
from piiscan.scanning import LexiconSource, ObjectDone, Part, Scanner, events
from piiscan.store import DEFAULT_STORE, Summary, Writer
from piiscan.store.provisional import companions
from piiscan.sweeping.masking import mask_text
from piiscan.sweeping.places import find_roots, open_key, root_id
from piiscan.sweeping.settings import Settings

__all__ = ["Progress", "record", "sweep", "time_text", "writer"]

PATHS_KEPT = 4096  # masked paths that are remembered: profiles have few


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep has come."""

    bytes_read: int
    bytes_known: int
    objects: int
    findings: int


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


def time_text(moment: datetime) -> str:
    """Return a time in RFC 3339, UTC, to the second.

    Args:
        moment: A time with its zone.

    """
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
