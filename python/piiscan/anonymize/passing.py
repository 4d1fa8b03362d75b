"""One pass over files: what changes in each, gathered until the file is done.

The events of a file come one after the other: its parts, its changes, the objects within it, and
itself last. Its location is that of the archive; what is shown of it is masked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from piiscan.policy import Promise
from piiscan.rewriting import Edits, ObjectDone, Rewriter

__all__ = ["FileChange", "changes"]

INCOMPLETE = ("limit", "error", "encrypted", "unsupported")
WHOLE = "messages of this format cannot be taken out one by one"  # the core's words
CONTAINERS = frozenset({"zip", "tar", "gzip", "zstd", "bzip2", "xz"})


@dataclass(slots=True)
class FileChange:
    """A file, and what changes in it."""

    done: ObjectDone
    rows: list[tuple[str, bytes]]  # location of the object, rows as JSON
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    alerts: int = 0
    messages: int = 0
    unread: list[str] = field(default_factory=list)  # objects within that were not read whole
    unchanged: str = ""  # why something could not be changed
    erased_whole: bool = False  # its only message is to be taken out

    @property
    def is_touched(self) -> bool:
        """Whether anything changes, be it the name."""
        return self.done.edits > 0 or self.done.renamed is not None


def changes(
    rewriter: Rewriter, promises: Sequence[Promise]
) -> Iterator[FileChange | tuple[int, int]]:
    """Yield every file with its changes, and the progress in bytes read and known.

    Args:
        rewriter: The pass.
        promises: By number of the rule.

    """
    edits: dict[int, list[Edits]] = {}
    within: list[ObjectDone] = []
    for event, progress in rewriter.events():
        if isinstance(event, Edits):
            edits.setdefault(event.object, []).append(event)
        elif isinstance(event, ObjectDone):
            within.append(event)
            if event.parent is None:
                yield _file(event, within, edits, promises)
                edits, within = {}, []
        yield progress[0], progress[1]


def _file(
    done: ObjectDone,
    within: list[ObjectDone],
    edits: dict[int, list[Edits]],
    promises: Sequence[Promise],
) -> FileChange:
    change = FileChange(done, [])
    for each in within:
        change.messages += each.messages
        if each.status in INCOMPLETE:
            change.unread.append(f"{each.loc}: {each.reason or each.status}")
        if each.unchanged and not change.unchanged:
            change.unchanged = each.unchanged
        for part in edits.get(each.ordinal, ()):
            if part.rows:
                change.rows.append((each.loc, part.rows))
            change.kinds.update(dict(part.kinds))
            change.alerts += part.alerts
            for rule, outcome, count in part.outcomes:
                name = promises[rule].id if promises else "subject"
                change.outcomes.setdefault(name, Counter())[outcome] += count
    if change.unchanged == WHOLE and done.messages == 1 and done.format not in CONTAINERS:
        change.erased_whole = True
    return change
