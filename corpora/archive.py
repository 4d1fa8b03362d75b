"""The tree that is being written, its objects and the truth about what is planted in them.

An object is a file or an entry of a container. Its name in the truth shows the way to it:
`arkiv/kvartal.zip!/inkorg.mbox#3!/bilaga.csv` is an attachment of the fourth message of a
mailbox in a zip file.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dice import Dice
from identity import Value
from scribe import Decks, Scribe

ENCODE = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(slots=True)
class Truth:
    """What a correct scanner reports, one JSON line each."""

    file: IO[str]
    planted: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, record: int | None, role: str, value: Value) -> None:
        """Write one finding."""
        line: dict[str, object] = {"object": name}
        if record is not None:
            line["record"] = record
        line |= {"role": role, "detector": value.detector, "value": value.text}
        line["confidence"] = value.confidence
        if value.attributes:
            line["attributes"] = value.attributes
        if value.duty:
            line[value.duty] = True
        self.file.write(ENCODE(line) + "\n")
        if not value.duty and value.confidence != "low":
            self.planted[name.partition("!/")[0].partition("#")[0]] += 1


@dataclass(slots=True)
class Output:
    """One object: its name, where its bytes go, and how many there are."""

    name: str
    stream: IO[bytes]
    truth: Truth
    size: int = 0

    def write(self, data: bytes) -> None:
        """Append to the object."""
        self.stream.write(data)
        self.size += len(data)

    def plant(self, values: Iterable[Value], role: str = "body", record: int | None = None) -> None:
        """Note what stands in one field of a record."""
        for value in values:
            self.truth.add(self.name, record, role, value)

    def inner(self, name: str, stream: IO[bytes], record: int | None = None) -> "Output":
        """Return an object within this one: an entry, or an attachment of a record."""
        at = "" if record is None else f"#{record}"
        return Output(f"{self.name}{at}!/{name}", stream, self.truth)


@dataclass(slots=True)
class Archive:
    """A folder that fills up with files."""

    root: Path
    truth: Truth
    sizes: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def create(self, name: str) -> Iterator[Output]:
        """Open a new file for writing."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield Output(name, file, self.truth)
        self.sizes[name] = path.stat().st_size


@dataclass(frozen=True, slots=True)
class Desk:
    """What every writer needs: chance and words."""

    dice: Dice
    scribe: Scribe

    @classmethod
    def seeded(cls, seed: str, decks: Decks | None = None) -> "Desk":
        """Return a desk whose work depends on the seed, and on the decks that it shares."""
        dice = Dice(seed)
        return cls(dice, Scribe(dice, decks))
