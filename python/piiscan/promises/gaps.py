"""Why a promise may be broken where nothing was found: what was not read, and not looked for.

A store that was swept for more than the policy asks is no gap; but then a promise may look broken
by what it does not speak of, and that is a note.
"""

from collections.abc import Iterator

import msgspec

from piiscan.policy import LoadedPolicy, Promise, Scan, finds, name_fits
from piiscan.policy.labels import LABELS
from piiscan.retention import Survey
from piiscan.store import Store

__all__ = ["gaps", "notes"]


def gaps(
    promise: Promise, *, store: Store, policy: LoadedPolicy, survey: Survey
) -> tuple[str, ...]:
    """Return the reasons for doubt.

    Args:
        promise: To be judged.
        store: What a sweep found.
        policy: Of which it is one.
        survey: Of the store.

    """
    if promise.action in {"keep", "manual"}:
        return ()
    return (*_unread(promise, survey), *_unswept(store), *_unsought(promise, store, policy))


def _unread(promise: Promise, survey: Survey) -> Iterator[str]:
    meant = [
        each
        for each in survey.unread
        if promise.channel == "*" or any(name_fits(promise.channel, name) for name in each.channels)
    ]
    if meant:
        more = f" and {len(meant) - 1:,} more" if len(meant) > 1 else ""
        yield f"not read as a whole: {meant[0].loc} ({meant[0].status}){more}"


def _unswept(store: Store) -> Iterator[str]:
    if store.last_sweep().state in {"interrupted", "running"}:
        yield "the sweep was interrupted"
    if outdated := store.outdated():
        yield f"{outdated:,} objects were read with other detectors or options"


def _unsought(promise: Promise, store: Store, policy: LoadedPolicy) -> Iterator[str]:
    run = store.last_sweep()
    ran = set(run.detectors)
    catalog = {name: category for name, category, _ in store.detector_rows.values()}
    missing = [
        name
        for name in LABELS
        if name not in ran
        and finds(promise.find, name, catalog.get(name, name))
        and not finds(promise.spare, name, catalog.get(name, name))
    ]
    silent = [
        glob
        for glob in promise.find
        if glob not in missing and not any(name_fits(glob, name, catalog[name]) for name in ran)
    ]
    if missing or silent:
        yield f"not looked for: {', '.join([*missing, *silent])}"
    yield from _options(store, policy, narrower=True)


def notes(*, store: Store, policy: LoadedPolicy) -> tuple[str, ...]:
    """Return in what a store was swept for more than the policy asks.

    Args:
        store: What a sweep found.
        policy: That it is held against.

    """
    return tuple(_options(store, policy, narrower=False))


def _options(store: Store, policy: LoadedPolicy, *, narrower: bool) -> Iterator[str]:
    given = store.last_sweep().info.get("scan")
    had = msgspec.convert(given, Scan) if isinstance(given, dict) else Scan()
    wanted = policy.policy.scan
    compared = (
        ("locales", had.locales, wanted.locales, set(had.locales) >= set(wanted.locales)),
        ("min_digits", had.min_digits, wanted.min_digits, had.min_digits <= wanted.min_digits),
        ("strict", had.strict, wanted.strict, had.strict),
        ("grouped", had.grouped, wanted.grouped, had.grouped),
    )
    for name, used, asked, wide in compared:
        if used != asked and wide != narrower:
            yield f"swept with {name} {_shown(used)}, the policy says {_shown(asked)}"


def _shown(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value).lower()
