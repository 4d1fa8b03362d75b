"""Findings as users hold them: typed columns over the packed records of the core.

A `Findings` wraps one block of records without a copy; a `Finding` is built when it is asked for.
Neither holds matched text: `values` takes it from the caller's own text. Offsets count **bytes** of
the decoded text in UTF-8; `spans` converts them to characters or UTF-16 units.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, overload

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array: TypeAlias = npt.NDArray[np.void]
    Mask: TypeAlias = npt.NDArray[np.bool_] | npt.NDArray[np.integer]

__all__ = [
    "CONFIDENCES",
    "HIGH",
    "LOW",
    "MEDIUM",
    "MESSAGE",
    "RAW",
    "RECORD",
    "Block",
    "Catalog",
    "Finding",
    "Findings",
    "mask",
    "printable",
    "tally",
]

LOW, MEDIUM, HIGH = 1, 2, 3
CONTINUED, FOUR_BYTES = (
    0x80,
    0xF0,
)  # UTF-8: head bits of a following byte; first byte of a long character
CONFIDENCES = {LOW: "low", MEDIUM: "medium", HIGH: "high"}

RECORD = np.dtype(
    [
        ("field", "<u4"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("detector", "u1"),
        ("confidence", "u1"),
        ("attributes", "<u2"),
        ("fingerprint", "V16"),
    ]
)
RAW = np.dtype([("start", "<u8"), ("end", "<u8"), ("ranges", "<u4"), ("unused", "<u4")])
MESSAGE = np.dtype(
    [
        ("raw_start", "<u8"),
        ("sent", "<i8"),
        ("closed", "<i8"),
        ("raw_len", "<u4"),
        ("first_field", "<u4"),
        ("channel", "<u2"),
        ("flags", "<u2"),
        ("findings", "<u4"),
    ]
)

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Catalog: TypeAlias = Mapping[str, tuple[str, str]]
"""Detector id -> category and legal class."""

Unit: TypeAlias = Literal["byte", "char", "utf16"]


class Block(Protocol):
    """What the core hands over: packed records; see `FindingBlock` of the compiled module."""

    @property
    def records(self) -> bytes:
        """`RECORD` rows."""

    @property
    def raws(self) -> bytes:
        """`RAW` rows."""

    @property
    def attribute_sets(self) -> list[dict[str, object]]:
        """Attributes by number."""

    @property
    def detectors(self) -> list[str]:
        """Detector ids by number."""

    def select(self, places: bytes) -> "Block":
        """Return the records at these places."""

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...


def mask(detector: str, length: int, fingerprint: str = "") -> str:
    """Return what stands for a value: detector, length in bytes, head of the fingerprint.

    >>> mask("se-personnummer", 11, "bdfh:7f2a91c0d4e5f6a7b8c9d0e1f2a3b4c5")
    '[se-personnummer 11 bdfh:7f2a91c0]'
    """
    key_id, colon, digest = fingerprint.partition(":")
    tail = f" {key_id}:{digest[:8]}" if colon else ""
    return f"[{detector} {length}{tail}]"


def printable(text: str) -> str:
    r"""Return `text` without what steers a terminal: controls and bidi marks as `\xNN`.

    >>> print(printable("a\x1b[31m"))
    a\x1b[31m
    """
    return _UNSAFE.sub(
        lambda found: "".join(f"\\x{byte:02x}" for byte in found[0].encode()),
        text.replace("\\", "\\\\"),
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `start` and `end` count bytes of the decoded text, `raw` bytes of the file."""

    detector: str
    category: str
    confidence: int
    start: int
    end: int
    raw: tuple[int, int] | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    fingerprint: str = ""
    loc: str = ""

    @property
    def masked(self) -> str:
        """What is shown in place of the value."""
        return mask(self.detector, self.end - self.start, self.fingerprint)


class Findings:
    """Findings of a scan: a sequence, a numpy array, an Arrow stream.

    Not a `Sequence` by class: data frames would then read it item by item and not as Arrow.

    Args:
        block: Packed records of the core.
        catalog: Category and class of each detector.
        minimum: Findings less sure than this are left out.
        key_id: Names the key of the fingerprints; empty without a key.

    """

    __slots__ = ("_array", "_block", "_catalog", "_key_id", "_minimum")

    def __init__(
        self, block: Block, catalog: Catalog, *, minimum: int = LOW, key_id: str = ""
    ) -> None:
        self._block = block
        self._catalog = catalog
        self._minimum = minimum
        self._key_id = key_id
        self._array: Array | None = None

    @property
    def array(self) -> "Array":
        """A read-only structured view of the records, without a copy; columns as in `RECORD`."""
        if self._array is None:
            records = np.frombuffer(self._block.records, dtype=RECORD)
            if self._minimum > LOW:
                keep = records["confidence"] >= self._minimum
                if not keep.all():
                    self._block = self._block.select(np.flatnonzero(keep).astype("<u4").tobytes())
                    records = np.frombuffer(self._block.records, dtype=RECORD)
            self._array = records
        return self._array

    @property
    def raw(self) -> "Array":
        """Where the values stand in the file or entry; columns as in `RAW`."""
        block = self._filtered()
        return np.frombuffer(block.raws, dtype=RAW)

    @property
    def block(self) -> Block:
        """The packed records."""
        return self._filtered()

    @property
    def detectors(self) -> list[str]:
        """Ids by the number in the column `detector`."""
        return self._block.detectors

    @property
    def attribute_sets(self) -> list[dict[str, object]]:
        """Attributes by the number in the column `attributes`."""
        return self._filtered().attribute_sets

    def _filtered(self) -> Block:
        _ = self.array  # leaves out what is not sure enough
        return self._block

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: "slice | Mask") -> "Findings": ...
    def __getitem__(self, at: "int | slice | Mask") -> "Finding | Findings":
        if isinstance(at, int | np.integer):
            return self._finding(range(len(self))[int(at)])
        if isinstance(at, np.ndarray) and at.dtype == np.bool_ and len(at) != len(self):
            raise IndexError(f"a mask of {len(at)} for {len(self)} findings")
        places = np.arange(len(self), dtype="<u4")[at]
        block = self._filtered().select(places.tobytes())
        return Findings(block, self._catalog, key_id=self._key_id)

    def __iter__(self) -> Iterator[Finding]:
        for at in range(len(self)):
            yield self._finding(at)

    def _finding(self, at: int) -> Finding:
        record = self.array[at]
        detector = self._block.detectors[record["detector"]]
        raw = self.raw[at] if self._block.raws else None
        digest = record["fingerprint"].tobytes()
        return Finding(
            detector=detector,
            category=self._catalog[detector][0],
            confidence=int(record["confidence"]),
            start=int(record["start"]),
            end=int(record["end"]),
            raw=None if raw is None else (int(raw["start"]), int(raw["end"])),
            attributes=self._block.attribute_sets[record["attributes"]],
            fingerprint=f"{self._key_id}:{digest.hex()}" if self._key_id and any(digest) else "",
        )

    def spans(
        self, *, unit: Unit = "byte", text: str | Sequence[str] | None = None
    ) -> "npt.NDArray[np.uint32]":
        """Return where the values stand, as an array of shape (n, 2).

        Args:
            unit: `byte` of UTF-8, `char` (Python strings) or `utf16` (JavaScript, Java, .NET).
            text: The text or texts that were scanned; needed for every unit but `byte`.

        Raises:
            ValueError: `unit` is unknown, or `text` is missing.

        """
        spans = np.column_stack([self.array["start"], self.array["end"]])
        if unit == "byte":
            return spans
        if unit not in {"char", "utf16"}:
            raise ValueError(f"no unit is called `{unit}`: byte, char, utf16")
        if text is None:
            raise ValueError(
                f"unit `{unit}` needs the text that was scanned\n\nhint: spans(unit=.., text=text)"
            )
        texts = [text] if isinstance(text, str) else text
        fields = self.array["field"]
        for number in np.unique(fields):
            rows = fields == number
            spans[rows] = _counted(texts[int(number)], unit)[spans[rows]]
        return spans

    def values(self, text: str | Sequence[str]) -> list[str]:
        """Return the matched text, taken from the caller's own `text`.

        Args:
            text: The text that was scanned, or the sequence of texts for a batch.

        """
        texts = [text] if isinstance(text, str) else text
        encoded: dict[int, bytes] = {}
        found = []
        for number, start, end in self.array[["field", "start", "end"]].tolist():
            if number not in encoded:
                encoded[number] = texts[number].encode()
            found.append(encoded[number][start:end].decode())
        return found

    def to_dicts(self) -> list[dict[str, object]]:
        """Return one dictionary a finding."""
        return [
            {
                "field": int(number),
                "detector": finding.detector,
                "category": finding.category,
                "class": self._catalog[finding.detector][1],
                "confidence": CONFIDENCES[finding.confidence],
                "start": finding.start,
                "end": finding.end,
                "attributes": dict(finding.attributes),
                "fingerprint": finding.fingerprint,
            }
            for number, finding in zip(self.array["field"], self, strict=True)
        ]

    def to_pandas(self) -> object:
        """Return a pandas data frame with the columns of `to_dicts`.

        Raises:
            ImportError: pandas is not installed.

        """
        return import_module("pandas").DataFrame(self.columns())

    def columns(self) -> dict[str, "npt.NDArray[np.generic] | list[object]"]:
        """Return the columns of `to_dicts` as arrays."""
        names = np.array(self._block.detectors, dtype=object)
        categories = np.array([self._catalog[name][0] for name in names], dtype=object)
        classes = np.array([self._catalog[name][1] for name in names], dtype=object)
        levels = np.array(["", *CONFIDENCES.values()], dtype=object)
        array = self.array
        digests = [digest.tobytes() for digest in array["fingerprint"]]
        return {
            "field": array["field"],
            "detector": names[array["detector"]],
            "category": categories[array["detector"]],
            "class": classes[array["detector"]],
            "confidence": levels[array["confidence"]],
            "start": array["start"],
            "end": array["end"],
            "attributes": [dict(self.attribute_sets[at]) for at in array["attributes"]],
            "fingerprint": [
                f"{self._key_id}:{d.hex()}" if self._key_id and any(d) else "" for d in digests
            ],
        }

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._filtered().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self._block.__arrow_c_schema__()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name} {count}" for name, count in self._counts())
        return f"<Findings: {len(self)}{f' ({shown})' if shown else ''}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{escape(name)}</th><td>{count:,}</td></tr>"
            for name, count in self._counts()
        )
        return (
            f"<table><caption>{len(self):,} findings</caption>"
            "<thead><tr><th scope='col'>Category</th>"
            f"<th scope='col'>Findings</th></tr></thead><tbody>{rows}</tbody></table>"
        )

    def _counts(self) -> list[tuple[str, int]]:
        counts = Counter[str]()
        for detector, count in tally(self.array["detector"]):
            counts[self._catalog[self._block.detectors[detector]][0]] += count
        return sorted(counts.items())


def tally(column: "npt.NDArray[np.integer]") -> list[tuple[int, int]]:
    """Return each number in `column` with how often it occurs, by number."""
    counts = np.bincount(column) if len(column) else np.zeros(0, dtype=np.int64)
    return [(int(number), int(counts[number])) for number in np.flatnonzero(counts)]


def _counted(text: str, unit: Unit) -> "npt.NDArray[np.uint32]":
    """Return, for every byte offset of `text`, the number of units before it."""
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    heads = (data & 0xC0) != CONTINUED  # the first byte of a character
    units = heads.astype(np.uint32)
    if unit == "utf16":
        units += data >= FOUR_BYTES  # a character outside the basic plane takes two units
    return np.concatenate([[0], np.cumsum(units, dtype=np.uint32)]).astype(np.uint32)
