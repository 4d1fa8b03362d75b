"""Following a sweep of the core, and what it can read and how far."""

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from typing import TypeAlias

from piiscan import _core, feed
from piiscan._core import Edits, ObjectDone, Part, Unchanged
from piiscan.scanning.scanner import Scanner

__all__ = ["Event", "ObjectDone", "Part", "Unchanged", "events", "formats", "limits"]

Event: TypeAlias = Part | ObjectDone | Unchanged


def limits() -> list[tuple[str, int, str, str]]:
    """Return every limit of a sweep: name, default, unit, reason."""
    return _core.limits()


def formats() -> list[str]:
    """Return the id of every syntax and container that can be read."""
    return _core.formats()


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
