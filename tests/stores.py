"""Small stores that are written by hand, for tests of the store."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from piiscan.findings import HIGH, MESSAGE, RAW, RECORD
from piiscan.store import Writer, open_store
from piiscan.store.blocks import UNKNOWN_TIME

KEY = bytes(range(32))
CATALOG = {"email": ("contact", "ordinary"), "health": ("health", "art9")}
ROOT = b"root-one"


@dataclass(frozen=True)
class Block:
    """Findings as the core packs them: (field, detector, confidence, byte of the fingerprint)."""

    rows: tuple[tuple[int, int, int, int], ...]
    detectors: list[str] = field(default_factory=lambda: ["health", "email"])
    attribute_sets: list[dict[str, object]] = field(default_factory=lambda: [{}])
    sets: tuple[int, ...] = ()  # which of them a row has; the first if it does not say

    @property
    def records(self) -> bytes:
        packed = [
            (number, 4, 9, detector, confidence, which, bytes([mark] * 16))
            for (number, detector, confidence, mark), which in zip(
                self.rows, self.sets or (0,) * len(self.rows), strict=True
            )
        ]
        return np.array(packed, dtype=RECORD).tobytes()

    @property
    def raws(self) -> bytes:
        return np.array([(100, 105, 1, 0)] * len(self.rows), dtype=RAW).tobytes()

    def select(self, places: bytes) -> "Block":
        return replace(self, rows=tuple(self.rows[at] for at in np.frombuffer(places, "<u4")))

    def __len__(self) -> int:
        return len(self.rows)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise NotImplementedError(requested_schema)

    def __arrow_c_schema__(self) -> object:
        raise NotImplementedError


def message(first_field: int, *, sent: int = UNKNOWN_TIME, flags: int = 0) -> tuple[int, ...]:
    return (0, sent, UNKNOWN_TIME, 10, first_field, 0, flags, 1)


@dataclass(frozen=True)
class Part:
    object: int
    block: Block
    index: int = 0
    rows: tuple[tuple[int, ...], ...] = ()
    roles: bytes = b"\x00\x01\x00\x00"
    first_record: int = 0
    paths: list[tuple[int, str]] = field(default_factory=list)
    keys: bytes = b""

    @property
    def messages(self) -> bytes:
        return np.array(list(self.rows), dtype=MESSAGE).tobytes()


@dataclass(frozen=True)
class Done:
    ordinal: int
    id: bytes
    loc: str = "a.txt"
    parent: int | None = None
    root: int = 0
    size: int = 50
    mtime_ns: int = 7
    status: str = "ok"
    reason: str = ""
    format: str = "text"
    profile: str | None = None
    channel: str | None = None
    scanned: int = 50
    lossy: int = 0
    not_scanned: int = 0
    messages: int = 0
    findings: int = 1
    content_hash: bytes | None = None
    problems: list[tuple[int, int, str, str]] = field(default_factory=list)


EMAIL_ROW = (0, 1, HIGH, 0xAA)


def begin(path: Path | None, *, key: bytes = KEY, root: bytes = ROOT, engine: str = "e1") -> Writer:
    return Writer(
        path,
        key=key,
        key_id="bdfh",
        key_file=Path("key"),
        catalog=CATALOG,
        roots=["archive"],
        root_ids=[root],
        engine_digest=engine,
        policy_digest="p1",
        info={"version": "0"},
        started="2026-11-22T09:00:00Z",
    )


def add(writer: Writer, done: Done, *rows: tuple[int, int, int, int]) -> None:
    block = Block(rows or (EMAIL_ROW,))
    writer.part(Part(done.ordinal, block), block.raws, [])
    writer.object(replace(done, findings=len(block)))


def fill(path: Path, *done: Done) -> None:
    with begin(path) as writer:
        for each in done:
            add(writer, each)
        writer.finish(interrupted=False, ended="")


def locs(path: Path) -> list[str]:
    with open_store(path) as store:
        return [owner.loc for owner in store.objects()]
