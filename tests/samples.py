"""What tests are made of: values to plant, files, and the real command."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"
UPDATE = bool(os.environ.get("UPDATE_CASES"))

# Officially published or reserved for examples; see corpora/README.md.
PERSON = "811218-9876"
EMAIL = "kim.example@example.org"
PHONE = "070-174 06 05"


Truth = dict[str, Any]
Made = dict[tuple[str, str], tuple[Path, Truth]]  # policy and state -> archive and its truth


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "piiscan", *arguments]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def jsonl(texts: Sequence[str]) -> str:
    return "".join(json.dumps({"text": text, PERSON: EMAIL}) + "\n" for text in texts)


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Everything in a folder: content, mode, time of change."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (content, status.st_mode, status.st_mtime_ns)
    return found
