"""The trail of rectifications (Art. 16): who, when, where, and the old and new entry, sealed.

The archive is not changed: the original entry stays, and the trail says what is right. Entries are
sealed under a key of their own and opened only on request. They live as long as the message they
belong to: when it is erased they are emptied, and who and when remain.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

import msgspec

from piiscan.errors import StoreError
from piiscan.files import replacing
from piiscan.rights.reading import Message

__all__ = ["Entry", "Spot", "Trail", "default_trail", "spots"]


class Spot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message, or a place that is none, that holds the old entry."""

    object: str  # id, 16 hex
    number: int | None
    loc: str  # masked
    role: str


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rectification; `old` and `new` are sealed, and empty when their messages are gone."""

    id: int
    time: str
    who: str
    case: str
    spots: list[Spot]
    old: str
    new: str


class Trail:
    """The file of the trail: a line of JSON a rectification, for its owner only.

    Args:
        path: The file; made with the first entry.

    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry]:
        """Return every entry, the oldest first.

        Raises:
            StoreError: The file is damaged.

        """
        if not self.path.is_file():
            return []
        try:
            return [
                msgspec.json.decode(line, type=Entry)
                for line in self.path.read_bytes().splitlines()
                if line
            ]
        except msgspec.MsgspecError:
            raise StoreError(
                f"`{self.path}` is damaged\n\nhint: bring it back from a copy"
            ) from None

    def add(
        self,
        *,
        time: str,
        who: str,
        case: str,
        found: Iterable[Spot],
        old: str,
        new: str,
        seal: Callable[[str], str],
    ) -> Entry:
        """Add a rectification and return it.

        Args:
            time: When, RFC 3339.
            who: Who decides so.
            case: Of the request.
            found: Where the old entry stands.
            old: The old entry.
            new: What is right.
            seal: Encrypts a text.

        """
        before = self.entries()
        entry = Entry(
            id=max((one.id for one in before), default=0) + 1,
            time=time,
            who=who,
            case=case,
            spots=list(found),
            old=seal(old),
            new=seal(new),
        )
        self._write([*before, entry])
        return entry

    def forget(self, erased: Mapping[bytes, Collection[int]]) -> int:
        """Empty the entries whose messages are all erased, and return how many.

        Args:
            erased: Id of the object -> numbers of its messages.

        """
        gone = {(ident.hex(), number) for ident, numbers in erased.items() for number in numbers}
        entries = self.entries()
        kept = [
            msgspec.structs.replace(one, old="", new="")
            if one.old and {(spot.object, spot.number) for spot in one.spots} <= gone
            else one
            for one in entries
        ]
        changed = sum(before != after for before, after in zip(entries, kept, strict=True))
        if changed:
            self._write(kept)
        return changed

    def _write(self, entries: Iterable[Entry]) -> None:
        with replacing(self.path) as stream:
            for one in entries:
                stream.write(msgspec.json.encode(one).decode() + "\n")


def spots(messages: Iterable[Message], old: str) -> list[Spot]:
    """Return where an entry stands in messages.

    Args:
        messages: Of the person.
        old: The entry, as it is written there.

    """
    wanted = " ".join(old.split()).casefold()
    return [
        Spot(object=message.object.hex(), number=message.number, loc=message.loc, role=one.role)
        for message in messages
        for one in message.fields
        if wanted and wanted in " ".join(one.text.split()).casefold()
    ]


def default_trail(store: Path) -> Path:
    """Return where the trail of a store lies: beside it.

    Args:
        store: The file of the store.

    """
    return store.with_name(f"{store.stem}.rectifications.jsonl")
