"""Fixtures that the tests share."""

import os
import subprocess
from pathlib import Path

import pytest
from samples import EMAIL, PERSON, PHONE, Ran, Run, command, jsonl, write


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command, run in an empty folder."""

    def call(*arguments: str, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Ran:
        text = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(  # noqa: S603 - our own command
            command(*arguments),
            input=text,
            cwd=tmp_path,
            env=os.environ | (env or {}),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with a few files; values stand in texts, keys and names."""
    folder = tmp_path / "archive"
    write(folder / "brev.txt", f"Mitt personnummer är {PERSON}.\nMejla {EMAIL}, tack.\n")
    write(folder / "chat" / "log.jsonl", jsonl([f"Ring {PHONE}.", "Hej!"]))
    write(folder / "chat" / f"kund {PERSON}.txt", "Hej.\n")
    write(folder / "tom.txt", "")
    return folder
