"""Fixtures that the tests share."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from samples import EMAIL, PERSON, PHONE, ROOT, Made, Ran, Run, command, jsonl, write


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


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The archive of every policy, broken and kept, with the truth about it."""
    found: Made = {}
    for state in ("broken", "kept"):
        folder = tmp_path_factory.mktemp(state)
        make = [sys.executable, str(ROOT / "corpora" / "make.py"), "--policy", "all"]
        make += ["--state", state, "-o", str(folder)]
        subprocess.run(make, check=True, capture_output=True)  # noqa: S603 - our own program
        for path in folder.iterdir():
            truth = json.loads((path / "truth.json").read_text(encoding="utf-8"))
            found[path.name, state] = path / "archive", truth
    return found
