"""One pass over files: what changes in each, gathered until the file is done.

The events of a file come one after the other: its parts, its changes, the objects within it, and
itself last. Its location is that of the archive; what is shown of it is masked. Rows of edits go to
a file as they come, if there is one; only how many there are of which kind stays in memory.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from piiscan.anonymize.edits import EditFile, Place, Rows
from piiscan.policy import Promise
from piiscan.rewriting import Edits, ObjectDone, Rewriter

__all__ = ["INCOMPLETE", "FileChange", "changes"]

INCOMPLETE = ("limit", "error", "encrypted", "unsupported")
WHOLE = "messages of this format cannot be taken out one by one"  # the core's words
CONTAINERS = frozenset({"zip", "tar", "gzip", "zstd", "bzip2", "xz"})
LEFT_OUT = "unread"  # the kind of an edit that puts a notice in place of a whole object


@dataclass(slots=True)
class FileChange:
    """A file, and what changes in it."""

    done: ObjectDone
    rows: Rows
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    alerts: int = 0
    messages: int = 0
    unread: list[str] = field(default_factory=list)  # objects within that were not read whole
    is_unread: bool = False  # the file itself was not
    unchanged: str = ""  # why something could not be changed
    erased_whole: bool = False  # its only message is to be taken out

    @property
    def is_touched(self) -> bool:
        """Whether anything changes, be it the name."""
        return self.done.edits > 0 or self.done.renamed is not None


@dataclass(slots=True)
class _Told:
    """What was told of an object before it was done."""

    places: list[tuple[int, int]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[int, str]] = field(default_factory=Counter)
    alerts: int = 0

    def add(self, edits: Edits, file: EditFile | None) -> None:
        if edits.rows and file is not None:
            self.places.append((file.add(edits.rows), len(edits.rows)))
        self.kinds.update(dict(edits.kinds))
        self.alerts += edits.alerts
        for rule, outcome, count in edits.outcomes:
            self.outcomes[rule, outcome] += count


def changes(
    rewriter: Rewriter, promises: Sequence[Promise], file: EditFile | None = None
) -> Iterator[FileChange | tuple[int, int]]:
    """Yield every file with its changes, and the progress in bytes read and known.

    Args:
        rewriter: The pass.
        promises: By number of the rule.
        file: Takes the rows of the edits; without it they are dropped.

    """
    told: dict[int, _Told] = {}
    within: list[ObjectDone] = []
    for event, progress in rewriter.events():
        if isinstance(event, Edits):
            told.setdefault(event.object, _Told()).add(event, file)
        elif isinstance(event, ObjectDone):
            within.append(event)
            if event.parent is None:
                yield _file(event, within, told, promises, file)
                told, within = {}, []
        yield progress[0], progress[1]


def _file(
    done: ObjectDone,
    within: list[ObjectDone],
    told: dict[int, _Told],
    promises: Sequence[Promise],
    file: EditFile | None,
) -> FileChange:
    places: list[Place] = []
    change = FileChange(done, Rows())
    gone = _gone(within, told)
    for each in within:
        change.messages += each.messages
        if each.status in INCOMPLETE:
            change.unread.append(f"{each.loc}: {each.reason or each.status}")
            change.is_unread |= each.parent is None
        if each.unchanged and not change.unchanged and each.ordinal not in gone:
            change.unchanged = each.unchanged
        own = told.get(each.ordinal)
        if own is None or each.parent in gone:
            continue
        if each.ordinal in gone:
            # A notice stands in place of all of it: what else would have changed does not count.
            own.places, own.kinds = own.places[-1:], Counter({LEFT_OUT: 1})
        places += [(each.loc, at, length) for at, length in own.places]
        change.kinds.update(own.kinds)
        change.alerts += own.alerts
        for (rule, outcome), count in own.outcomes.items():
            name = promises[rule].id if promises else "subject"
            change.outcomes.setdefault(name, Counter())[outcome] += count
    change.rows = Rows(file, places)
    if change.unchanged == WHOLE and done.messages == 1 and done.format not in CONTAINERS:
        change.erased_whole = True
    return change


def _gone(within: Sequence[ObjectDone], told: dict[int, _Told]) -> set[int]:
    """Return the objects that a notice stands in place of, and those within them."""
    gone: set[int] = set()
    for each in reversed(within):  # what holds an object is done after it
        own = told.get(each.ordinal)
        if each.parent in gone or (own is not None and own.kinds[LEFT_OUT]):
            gone.add(each.ordinal)
    return gone
