"""Globs of a policy: over paths, over detectors and categories, over fields.

In a path `*` and `?` stay within one step and `**` stands for any number of steps, none too, as in
`chat/**` and `**/*.eml`. In a name they are as in a shell. Time grows with pattern times text: no
glob can stall a run.
"""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from piiscan.policy.model import Promise

__all__ = ["covers", "field_fits", "finds", "name_fits", "path_fits", "place_fits", "place_globs"]

ANY, ANY_STEPS = "*", "**"
CONTAINERS = (".zip", ".tar", ".gz", ".tgz", ".zst", ".bz2", ".tbz2", ".xz", ".txz")
QUIET = "gender"  # looked for only where a policy says its name: it is of no special category
OFFICES = ("role_mailbox", "org_phone", "role_address")  # attributes of what is nobody's own


def path_fits(glob: str, path: str) -> bool:
    """Return whether a glob fits a path, both with `/` between steps.

    >>> path_fits("chat/**", "chat/2026/a.json"), path_fits("chat/*", "chat/2026/a.json")
    (True, False)

    Args:
        glob: Such as `chat/**`.
        path: Below its root; steps into a container are steps.

    """
    return _steps_fit(glob.split("/"), path.split("/"))


def place_globs(glob: str) -> list[str]:
    """Return the globs that the place of a channel stands for.

    A glob that ends as a container does means all that is in it, too. Checks and rewriting both ask
    here, so that a message has one channel wherever it is asked for.

    >>> place_globs("chat/**"), place_globs("out/*.zip")
    (['chat/**'], ['out/*.zip', 'out/*.zip/**'])

    Args:
        glob: Of a channel.

    """
    inside = glob.casefold().endswith(CONTAINERS)
    return [glob, f"{glob}/{ANY_STEPS}"] if inside else [glob]


def place_fits(glob: str, path: str) -> bool:
    """Return whether the place of a channel fits a path.

    Args:
        glob: Of a channel.
        path: Below its root; steps into a container are steps.

    """
    return any(path_fits(each, path) for each in place_globs(glob))


def name_fits(glob: str, *names: str) -> bool:
    """Return whether a glob fits one of some names.

    >>> name_fits("se-*", "se-personnummer", "identity-number")
    True
    """
    return any(fnmatchcase(name, glob) for name in names)


def finds(globs: Iterable[str], detector: str, category: str) -> bool:
    """Return whether a promise or a scan asks for what a detector finds.

    A lone `*` leaves `gender` out: who promises something about it says so.

    >>> finds(["*"], "health", "health"), finds(["*"], "gender", "gender")
    (True, False)

    Args:
        globs: Over ids and categories.
        detector: An id.
        category: Its category.

    """
    return any(
        name_fits(glob, detector, category)
        for glob in globs
        if glob != ANY or QUIET not in (detector, category)
    )


def field_fits(globs: Iterable[str], role: str, path: str = "") -> bool:
    """Return whether one of some globs means a field.

    A glob with `/` first is one over paths: `/client/ip`, for a column or header `/Browser`, in any
    case. Any other is one over roles: `body`, `attachment-*`.

    >>> field_fits(["time", "/client/*"], "meta", "/client/ip")
    True

    Args:
        globs: Of a promise or of what a channel keeps.
        role: Of the field.
        path: Of the field in its document; the name of a column or header.

    """
    place = "/" + path.removeprefix("/").casefold()
    return any(
        path_fits(glob.casefold(), place) if glob.startswith("/") else fnmatchcase(role, glob)
        for glob in globs
    )


def covers(
    promise: Promise, detector: str, category: str, attributes: Mapping[str, object] | None = None
) -> bool:
    """Return whether a promise speaks of a finding, wherever it stands.

    Sensitive words have a reading, and only the promised readings count. Addresses and numbers of
    offices count where the promise says so.

    Args:
        promise: Of a policy.
        detector: What found it.
        category: Its category.
        attributes: Of the finding.

    """
    if not finds(promise.find, detector, category) or finds(promise.spare, detector, category):
        return False
    attributes = attributes or {}
    if not promise.offices and any(attributes.get(name) for name in OFFICES):
        return False
    return attributes.get("reading", promise.readings[0]) in promise.readings


def _steps_fit(globs: Sequence[str], steps: Sequence[str]) -> bool:
    """Compare step by step; on a mismatch the last `**` takes one step more."""
    at = here = 0
    star, resume = -1, 0
    while here < len(steps):
        if at < len(globs) and globs[at] == ANY_STEPS:
            star, resume = at, here
            at += 1
            if at == len(globs):
                return True
        elif at < len(globs) and fnmatchcase(steps[here], globs[at]):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(glob == ANY_STEPS for glob in globs[at:])
