"""The key of tokens: private, apart from the data, known by its name, and destroyed on record."""

import os
import sys
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import pytest
from rewrites import KEY, Rewritten, job, rewrite, verify
from samples import write

from piiscan.anonymize.keys import (
    command_key,
    destroy,
    fleeting,
    key_name,
    open_key,
)
from piiscan.errors import KeyMismatchError, StoreError
from piiscan.policy.model import Operator
from piiscan.rewriting import reveal, seal, token
from piiscan.scanning import Scanner
from piiscan.store.audit_log import AuditLog

PRINT = [sys.executable, "-c"]


def log(path: Path) -> AuditLog:
    return AuditLog(path, who="Kim", tool="test", clock=lambda: "2026-11-22T09:00:00Z")


def test_a_key_is_made_once_and_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        key = open_key(tmp_path / "key", outside=())
    finally:
        os.umask(old)
    assert len(key) == 32
    assert open_key(tmp_path / "key", outside=()) == key
    if os.name == "posix":
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "key", KEY.hex()).chmod(0o644)
    with pytest.raises(StoreError):
        open_key(tmp_path / "key", outside=())


@pytest.mark.parametrize("content", ["", "00" * 31, "zz" * 32, "00" * 33])
def test_what_is_no_key_is_refused(content: str, tmp_path: Path) -> None:
    write(tmp_path / "key", content).chmod(0o600)
    with pytest.raises(StoreError):
        open_key(tmp_path / "key", outside=())


@pytest.mark.parametrize(
    "place", ["archive/key", "archive/a/b/key", "door/key", "archive/../archive/key"]
)
def test_a_key_lies_not_with_the_data(place: str, tmp_path: Path) -> None:
    (tmp_path / "archive" / "a" / "b").mkdir(parents=True)
    (tmp_path / "door").symlink_to(tmp_path / "archive")
    with pytest.raises(StoreError):
        open_key(tmp_path / place, outside=[tmp_path / "other", tmp_path / "archive"])
    assert not (tmp_path / place).exists()


def test_a_key_may_lie_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    assert open_key(tmp_path / "archive-key", outside=[tmp_path / "archive"])


def test_a_key_of_another_name_is_refused(tmp_path: Path) -> None:
    key = open_key(tmp_path / "key", outside=())
    assert open_key(tmp_path / "key", outside=(), name=key_name(key)) == key
    with pytest.raises(KeyMismatchError):
        open_key(tmp_path / "key", outside=(), name="bbbb")


def test_a_key_that_is_asked_for_by_name_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_key(tmp_path / "key", outside=(), name="bbbb")
    assert not (tmp_path / "key").exists()


def test_the_name_of_a_key_stands_in_its_tokens() -> None:
    made = token(KEY, "phone", "070-174 06 05", scanner=Scanner())
    assert made.split("_")[1] == key_name(KEY)


def test_a_command_gives_a_key() -> None:
    assert command_key([*PRINT, f"print('{KEY.hex()}')"], name=key_name(KEY)) == KEY


@pytest.mark.parametrize(
    "program",
    [
        "print('secret')",
        "print('00' * 31)",
        "raise SystemExit(3)",
        f"print('{KEY.hex()}'[:-1] + 'å')",
    ],
)
def test_a_command_that_gives_no_key_is_refused_without_its_words(program: str) -> None:
    with pytest.raises(StoreError) as caught:
        command_key([*PRINT, program])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_command_that_is_missing_or_gives_another_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        command_key([str(tmp_path / "missing")])
    with pytest.raises(KeyMismatchError):
        command_key([*PRINT, f"print('{KEY.hex()}')"], name="bbbb")


def test_no_two_fleeting_keys_are_the_same() -> None:
    assert fleeting() != fleeting()


OLD, NEW = KEY, bytes(range(1, 33))
MAIL = "From: Kim Berg <kim@example.org>\nSubject: nytt nummer\n\nRing 070-174 06 05, tack.\n"


def tokens(folder: Path, name: str, key: bytes, **more: Any) -> tuple[str, Rewritten]:
    """The mail of a folder, rewritten to another one with tokens under a key."""
    operator = Operator(op="pseudonymize")
    operators = {"email": operator, "phone": operator, "person-name": operator}
    run = rewrite(job(folder, folder.parent / name, key=key, operators=operators, **more))
    assert run.total.published
    return (folder.parent / name / "a.eml").read_text(), run


def test_a_new_key_leaves_tokens_of_the_former_one_alone(tmp_path: Path) -> None:
    write(tmp_path / "first" / "a.eml", MAIL)
    old = tokens(tmp_path / "first", "second", OLD)[0]
    assert old.count(f"_{key_name(OLD)}_") == 3
    (tmp_path / "second" / "a.eml").write_text(old + "Mejla ny@example.org.\n")
    new, run = tokens(tmp_path / "second", "third", NEW)
    assert new.startswith(old)
    assert run.total.edits == 1
    assert new.count(f"_{key_name(NEW)}_") == 1
    assert verify(run.job, source=tmp_path / "second").is_clean
    assert verify(changed(run.job, key=fleeting())).is_clean


def test_encrypted_values_of_a_former_key_open_with_it(tmp_path: Path) -> None:
    sealed = seal(OLD, "phone", "070-174 06 05")
    write(tmp_path / "first" / "a.txt", f"Ring {sealed}, eller 070-174 06 06.\n")
    run = rewrite(job(tmp_path / "first", tmp_path / "second", key=NEW))
    assert run.total.edits == 1
    assert sealed in (tmp_path / "second" / "a.txt").read_text()
    assert reveal(OLD, sealed) == "070-174 06 05"


def test_a_key_is_destroyed_on_record(tmp_path: Path) -> None:
    key = open_key(tmp_path / "key", outside=())
    with log(tmp_path / "log.jsonl") as book:
        assert destroy(tmp_path / "key", log=book, reason="gallring") == key_name(key)
    assert not (tmp_path / "key").exists()
    again = AuditLog(tmp_path / "log.jsonl")
    assert again.verify() == []
    assert [(entry.event, entry.fields["key"]) for entry in again.entries()] == [
        ("key-destroyed", key_name(key))
    ]
    assert key.hex() not in (tmp_path / "log.jsonl").read_text()


def test_a_key_stays_if_the_log_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = open_key(tmp_path / "key", outside=())

    def full(*_: object, **__: object) -> None:
        raise StoreError("the log cannot be written")

    monkeypatch.setattr(AuditLog, "append", full)
    with pytest.raises(StoreError):
        destroy(tmp_path / "key", log=log(tmp_path / "log.jsonl"), reason="gallring")
    assert open_key(tmp_path / "key", outside=()) == key
