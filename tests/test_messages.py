"""Columns of many objects say the same as the rows of each; old stores are read too."""

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import EMAIL, PERSON, write

import piiscan
from piiscan.findings import MESSAGE, RECORD
from piiscan.store import Store, StoredObject, Writer, open_store
from piiscan.store.blocks import OUTSIDE, ROLES, UNKNOWN_TIME
from piiscan.store.database import VERSION
from piiscan.store.messages import batches, gather

CATALOG = {"email": ("contact", "ordinary")}
MAIL = f"""From x Mon Nov  2 10:00:00 2026
From: Kim <{EMAIL}>
Date: Mon, 2 Nov 2026 10:00:00 +0100
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

hej {PERSON}
--b
Content-Type: text/csv; name="a.csv"
Content-Disposition: attachment; filename="a.csv"

namn;pnr
Kim;{PERSON}
--b--

"""


@dataclass(frozen=True)
class Block:
    """Findings as the core packs them, one a field."""

    fields: tuple[int, ...]
    detectors: list[str] = field(default_factory=lambda: ["email"])
    attribute_sets: list[dict[str, object]] = field(default_factory=lambda: [{}, {"kind": "x"}])

    @property
    def records(self) -> bytes:
        packed = [(number, 0, 5, 0, 3, number % 2, bytes(16)) for number in self.fields]
        return np.array(packed, dtype=RECORD).tobytes()

    @property
    def raws(self) -> bytes:
        return bytes(24 * len(self.fields))

    def select(self, places: bytes) -> "Block":
        return replace(self, fields=tuple(self.fields[at] for at in np.frombuffer(places, "<u4")))

    def __len__(self) -> int:
        return len(self.fields)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        raise NotImplementedError(requested_schema)

    def __arrow_c_schema__(self) -> object:
        raise NotImplementedError


@dataclass(frozen=True)
class Part:
    object: int
    index: int
    first_record: int
    block: Block
    messages: bytes
    roles: bytes
    paths: list[tuple[int, str]]
    keys: bytes
    channels: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Done:
    ordinal: int
    messages: int
    findings: int
    channel: str
    parent: None = None
    root: int = 0
    size: int = 9
    mtime_ns: int = 7
    status: str = "ok"
    reason: str = ""
    format: str = "jsonl"
    profile: str = ""
    scanned: int = 9
    lossy: int = 0
    not_scanned: int = 0
    content_hash: None = None
    problems: list[tuple[int, int, str, str]] = field(default_factory=list)

    @property
    def id(self) -> bytes:
        return self.ordinal.to_bytes(8, "big")

    @property
    def loc(self) -> str:
        return f"{self.ordinal:04}.jsonl"


# A part as a list of rows: (outside, fields, fields with findings, channel).
rows_of_a_part = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(0, 4),
        st.sets(st.integers(0, 3)),
        st.integers(0, 2),
    ),
    max_size=6,
)
archives = st.lists(st.lists(rows_of_a_part, max_size=3), min_size=1, max_size=6)


def built(archive: list[list[list[tuple[bool, int, set[int], int]]]], head: int) -> Writer:
    """Write an archive into a store in memory; `head` fields stand before the first message."""
    into = Writer(
        None,
        key=bytes(32),
        catalog=CATALOG,
        roots=["a"],
        root_ids=[b"root"],
        engine_digest="e",
        policy_digest="p",
        info={},
        started="",
    )
    for ordinal, parts in enumerate(archive):
        before, found = 0, 0
        for index, rows in enumerate(parts):
            at, packed, fields, keys = head, [], list(range(head)), b""
            for number, (outside, size, hits, channel) in enumerate(rows):
                inner = [at + hit for hit in sorted(hits) if hit < size]
                sent = 1000 * ordinal + number
                flags = OUTSIDE if outside else 0
                packed.append((7, sent, UNKNOWN_TIME, 3, at, channel, flags, len(inner)))
                if inner and not outside:
                    keys += number.to_bytes(4, "little") + bytes([ordinal, index, number, 1] * 2)
                fields += inner
                at += size
            block = Block(tuple(fields))
            into.part(
                Part(
                    object=ordinal,
                    index=index,
                    first_record=before,
                    block=block,
                    messages=np.array(packed, dtype=MESSAGE).tobytes(),
                    roles=bytes(number % len(ROLES) for number in range(at)),
                    paths=[(number, f"/{number}") for number in fields if number % 3],
                    keys=keys,
                ),
                block.raws,
                [(number, f"/{number}") for number in fields if number % 3],
                ["one", f"of {ordinal}"],
            )
            before += sum(not row[0] for row in rows)
            found += len(block)
        into.object(Done(ordinal, before, found, "own" if ordinal % 2 else ""))
    return into


@given(archive=archives, head=st.integers(0, 1), size=st.integers(1, 40))
def test_columns_say_what_rows_say(
    archive: list[list[list[tuple[bool, int, set[int], int]]]], head: int, size: int
) -> None:
    with built(archive, head) as into:
        into.finish(interrupted=False, ended="")
        store = Store(into.database, None)
        waiting = {owner.id: list(store.rows(owner)) for owner in store.objects()}
        total = sum(len(rows) for rows in waiting.values())
        for owners, batch in batches(into.database, store.objects(), size=size):
            chosen = batch.in_fields(lambda path: path == "/1")
            for place, at in enumerate(batch.objects.tolist()):
                row = waiting[owners[at].id].pop(0)
                inside = int(batch.message[place])
                assert (inside < 0) == (row.message is None)
                assert ROLES[batch.roles[place]] == row.role
                assert batch.path(place) == row.path
                assert chosen[place] == (row.path == "/1")
                assert batch.attribute_sets[batch.attributes[place]] == row.attributes
                if inside >= 0:
                    of = batch.messages[inside]
                    assert of["number"] == row.message
                    assert owners[of["object"]].id == owners[at].id
                    assert of["sent"] == row.sent
                    assert of["key"].tobytes() == row.key
                total -= 1
        assert total == 0


@given(archive=archives, head=st.integers(0, 1))
def test_every_message_has_its_row(
    archive: list[list[list[tuple[bool, int, set[int], int]]]], head: int
) -> None:
    with built(archive, head) as into:
        into.finish(interrupted=False, ended="")
        store = Store(into.database, None)
        for owner, parts in zip(store.objects(), archive, strict=True):
            lean = store.batch(owner, lean=True)
            for column in ("number", "sent", "closed", "channel", "key"):
                assert (lean.messages[column] == store.messages(owner)[column]).all()
            assert lean.channels == store.channels(owner)
            assert not len(lean.records)
            names = store.channels(owner)
            expected = [
                (size, ["own" if owner.id % 2 == 0 else "", "one"][row] if row < 2 else "of")
                for part in parts
                for outside, size, _, row in part
                if not outside
            ]
            rows = store.messages(owner)
            assert (
                rows["number"].tolist() == list(range(owner.messages)) == list(range(len(expected)))
            )
            for row, (size, channel) in zip(rows, expected, strict=True):
                assert names[row["channel"]].startswith(channel)
                assert int(row["roles"]).bit_count() == size


def test_nothing_gives_no_rows() -> None:
    batch = gather([], [])
    assert len(batch.messages) == len(batch.records) == len(batch.message) == 0


@pytest.fixture
def swept(tmp_path: Path) -> Path:
    write(tmp_path / "archive" / "inbox.mbox", MAIL)
    write(tmp_path / "archive" / "brev.txt", f"Mejla {EMAIL}.\n")
    list(piiscan.sweep(tmp_path / "archive", store=tmp_path / "store.db"))
    return tmp_path / "store.db"


def of(store: Store, loc: str) -> StoredObject:
    return next(owner for owner in store.objects() if owner.loc == loc)


def test_a_real_archive_has_rows(swept: Path) -> None:
    with open_store(swept) as store:
        mail = of(store, "inbox.mbox")
        (row,) = store.messages(mail).tolist()
        assert store.channels(mail) == ("e-mail",)
        assert [number for number, _ in store.message_findings(mail)] == [0] * row[7]
        assert len(store.messages(of(store, "brev.txt"))) == 0
        assert [number for number, _ in store.message_findings(of(store, "brev.txt"))] == [None]


def test_an_old_store_is_read(swept: Path) -> None:
    with sqlite3.connect(swept) as database:
        database.executescript(
            "ALTER TABLE block DROP COLUMN channels;"
            " ALTER TABLE tally DROP COLUMN topical; ALTER TABLE sweep_tally DROP COLUMN topical;"
        )
        database.execute("PRAGMA user_version = 2")
    database.close()
    with open_store(swept) as store:
        assert store.channels(of(store, "inbox.mbox")) == ("e-mail",)
    with sqlite3.connect(swept) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
    database.close()
