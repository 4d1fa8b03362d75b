"""What was written where: each message, what is personal in it and what must outlive it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from identity import Value

from policies.ages import Ages, Slot

T = TypeVar("T")
Row = dict[str, object]  # of JSON
Planted = tuple[str, Value]  # the role of a field, or `/` and its name where it has no role
EARLIEST = dt.datetime(1995, 1, 1, tzinfo=dt.UTC)  # a message before that has a wrong clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the archive."""

    file: str  # way to the object, as in the truth of the demo
    record: int
    channel: str
    slot: Slot  # of the clock that its promise counts by
    key: str
    planted: tuple[Planted, ...] = ()
    statistics: Mapping[str, str] = field(default_factory=dict)  # name of a field -> what it holds
    is_held: bool = False
    is_empty: bool = False  # whether it was erased but for its statistics


@dataclass(slots=True)
class Ledger:
    """The archive that is being written, and all its messages."""

    root: Path
    ages: Ages
    messages: list[Message] = field(default_factory=list)
    opaque: dict[str, str] = field(default_factory=dict)  # file that nothing can read -> its state
    holds: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the archive."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def hold(self, kind: str, reason: str, **scope: str) -> None:
        """Note that something is on hold, as a policy says it."""
        self.holds.append((kind, scope, reason))


@dataclass(slots=True)
class Sheet(Generic[T]):
    """The messages of one file, in order."""

    ledger: Ledger
    file: str
    channel: str
    rows: list[T] = field(default_factory=list)

    def add(
        self,
        row: T,
        slot: Slot,
        *,
        key: str,
        planted: Iterable[Planted] = (),
        statistics: Mapping[str, str] | None = None,
        is_held: bool | None = None,
        is_empty: bool = False,
    ) -> None:
        """Append a message; where nothing personal is left, nothing is planted."""
        message = Message(
            file=self.file,
            record=len(self.rows),
            channel=self.channel,
            slot=slot,
            key=key,
            planted=tuple(planted) if slot.personal else (),
            statistics={name: text for name, text in (statistics or {}).items() if text},
            is_held=slot.state == "held" if is_held is None else is_held,
            is_empty=is_empty,
        )
        self.rows.append(row)
        self.ledger.messages.append(message)
