"""Whoever sits at a terminal sees how far a command is; nobody else does."""

import os
import subprocess
from pathlib import Path

import pytest
from samples import EMAIL, PERSON, Run, command, write

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
POLICY = ("--policy", "nordic-default")
BAR = "━"
ANONYMIZE = ("anonymize", "archive", "-o", "copy", *POLICY)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for at in range(3):
        text = f"Mitt personnummer är {PERSON}. Mejla {EMAIL}.\n"
        write(tmp_path / "archive" / f"{at}.txt", text * 100)
    return tmp_path


def on_a_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command with a terminal as its stderr; return its code and what it wrote there."""
    ours, theirs = os.openpty()
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(  # noqa: S603 - our own program
        command(*arguments), cwd=folder, stdout=subprocess.DEVNULL, stderr=theirs, env=environ
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # the other end was closed
                break
            if not more:
                break
            shown += more
    os.close(ours)
    return process.returncode, shown.decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sweep", "archive"), "findings"),
        (ANONYMIZE, "ing"),
        ((*ANONYMIZE, "--dry-run"), "ing"),
        (("verify", "archive", *POLICY), "verifying"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_terminal_is_told(archive: Path, arguments: tuple[str, ...], words: str) -> None:
    _, shown = on_a_terminal(archive, *arguments)
    assert words in shown
    assert BAR in shown
    assert PERSON not in shown


def test_a_terminal_is_told_nothing_when_asked(archive: Path) -> None:
    assert on_a_terminal(archive, *ANONYMIZE, "--quiet") == (0, "")


@pytest.mark.usefixtures("archive")
def test_a_pipe_is_told_nothing(run: Run) -> None:
    assert run(*ANONYMIZE).err == ""
