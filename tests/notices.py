"""Small policies and archives whose truth is known, for tests of retention, promises and check."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from quick_sweeps import swept_into
from samples import EMAIL, PERSON, PHONE, write

import piiscan
from piiscan.policy import LoadedPolicy, parse
from piiscan.store import Store

NOTICE = """
[notice]
name = "prov"
title = "Prov"
controller = "Nämnden"
[scan]
locales = ["SE", "FI"]
"""
CHAT = """
[[channel]]
name = "chat"
match = { path = "**/chat/**" }
"""
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def promise(action: str, **fields: str | list[str]) -> str:
    """A promise in TOML; its id is its action unless it is given."""
    named: dict[str, str | list[str]] = {"id": action, "clause": "x", "action": action, **fields}
    lines = [f"{key} = {json.dumps(value)}" for key, value in named.items()]
    return "\n".join(["[[promise]]", *lines, ""])


def policy(*parts: str) -> LoadedPolicy:
    return parse(NOTICE + "\n".join(parts))


def chat(folder: Path, messages: Iterable[Mapping[str, object]], name: str = "logg") -> Path:
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    return write(folder / "arkiv" / "chat" / f"{name}.jsonl", lines)


def says(text: str, sent: object = "2026-11-20T10:00:00Z", **more: object) -> dict[str, object]:
    """A message; without a time if `sent` is None."""
    message: dict[str, object] = {"text": text, **more}
    return message if sent is None else message | {"sent": sent}


def swept(folder: Path, *, detectors: list[str] | None = None) -> Store:
    """The store of `arkiv`, swept at `NOW`."""
    path = folder / "store.db"
    chosen = None if detectors is None else tuple(detectors)
    swept_into(path, folder / "arkiv", now=NOW, detectors=chosen)
    return piiscan.open_store(path)


def mail(number: int, day: str, text: str, *, attached: str = "") -> str:
    """A message of an mbox; with a table as attachment if there is a text for it."""
    part = (
        '\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename="a.csv"\n\n'
        f"kolumn;annan\n{attached};x\n"
        if attached
        else "\n"
    )
    return (
        f"From x Mon Nov  2 10:00:00 2026\nMessage-ID: <{number}>\nDate: {day}\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n{part}--b--\n\n"
    )


PHONE_TEXT = f"Ring {PHONE}, tack."
PERSON_TEXT = f"Mitt personnummer är {PERSON}."
EMAIL_TEXT = f"Mejla {EMAIL}."
PLAIN_TEXT = "När öppnar biblioteket?"
OLD, NEW = "2026-09-02T07:14:00Z", "2026-11-20T07:14:00Z"
PERIOD = promise("anonymize", channel="chat", within="P30D")
IP = promise("encrypt", channel="chat", find=["ip-address"], within="P0D")


def broken_zip(folder: Path, name: str) -> None:
    write(folder / "arkiv" / name, b"PK\x03\x04" + bytes(40))
