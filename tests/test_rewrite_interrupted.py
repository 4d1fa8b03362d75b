"""A rewrite that is interrupted stops soon, and the same command goes on from where it was."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from rewrites import job, rewrite
from samples import EMAIL, PERSON, Ran, Run, tree, write

from piiscan.anonymize import FileResult, Job, rewrite_tree
from piiscan.anonymize.writing import LARGE, Settling, hash_of
from piiscan.rewriting import Written

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
LINE = f"Mitt personnummer är {PERSON}. Mejla {EMAIL}, tack.\n"
FILES, DONE = 12, 5
SOON = 5  # seconds: of a machine that does much else; alone it takes a fifth of one
STAGING = ".piiscan-staging-copy"
ARGUMENTS = ("anonymize", "archive", "-o", "copy", "--policy", "nordic-default")
# The command sends a signal to itself when some files are written: at the same place every time.
SIGNALED = """
import os, sys
from piiscan.anonymize import tree
number, where, left = int(sys.argv.pop(1)), sys.argv.pop(1), [int(sys.argv.pop(1))]
before = getattr(tree, where, None) or getattr(tree._Run, where)
def sent(*given):
    done = before(*given)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), number)
    return done
setattr(tree if hasattr(tree, where) else tree._Run, where, sent)
from piiscan.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    for at in range(FILES):
        write(tmp_path / "archive" / f"brev-{at}.txt", LINE * (at + 1))
    return tmp_path / "archive"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: content for name, (content, *_) in tree(folder).items()}


def interrupted(
    folder: Path, *more: str, number: int = signal.SIGINT, where: str = "write", after: int = DONE
) -> Ran:
    """Run the command, which is sent a signal after some calls of a function."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", SIGNALED, str(int(number)), where, str(after), *ARGUMENTS, *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_same_command_goes_on_and_gives_the_same(
    number: int, letters: Path, run: Run, tmp_path: Path
) -> None:
    before = tree(letters)
    assert run(*ARGUMENTS).code == 0
    whole = contents(tmp_path / "copy")
    edits = (tmp_path / "copy.edits.jsonl").read_bytes()
    for path in [*(tmp_path / "copy").iterdir(), *tmp_path.glob("copy.*")]:
        path.unlink()
    (tmp_path / "copy").rmdir()

    stopped = interrupted(tmp_path, number=number)
    assert (stopped.code, stopped.out) == (130, "")
    [line] = stopped.err.splitlines()
    assert line.startswith("interrupted; nothing was published; the same command goes on from `")
    assert str(tmp_path / STAGING) in line
    assert names(tmp_path) == {"archive", STAGING}

    again = run(*ARGUMENTS)
    assert again.code == 0
    assert " Taken over " in again.out
    assert contents(tmp_path / "copy") == whole
    assert (tmp_path / "copy.edits.jsonl").read_bytes() == edits
    assert names(tmp_path) == {"archive", "copy", "copy.audit.jsonl", "copy.edits.jsonl"} | {
        path.name for path in tmp_path.glob("copy.audit.*")
    }
    assert tree(letters) == before


@POSIX
def test_what_stays_holds_no_value_and_is_for_its_owner(letters: Path, tmp_path: Path) -> None:
    write(letters / f"svar till {EMAIL}.txt", LINE)
    assert interrupted(tmp_path, where="verify", after=1).code == 130
    found = tree(tmp_path / STAGING)
    assert {"state.jsonl", "edits", "tree"} <= set(found)
    for name, (content, mode, _) in found.items():
        assert mode & 0o077 == 0, name
        for value in (PERSON, EMAIL):
            assert value not in name
            assert value.encode() not in content, name
            assert value.encode().hex().encode() not in content, name


@POSIX
def test_a_file_whose_name_had_to_go_is_written_again(
    letters: Path, run: Run, tmp_path: Path
) -> None:
    write(letters / f"svar till {EMAIL}.txt", LINE)
    assert interrupted(tmp_path, where="verify", after=1).code == 130
    again = run(*ARGUMENTS)
    assert again.code == 0
    assert f" Taken over {FILES} files" in again.out
    assert len(names(tmp_path / "copy")) == FILES + 1


@POSIX
def test_another_command_takes_nothing_over(letters: Path, run: Run, tmp_path: Path) -> None:
    del letters
    assert interrupted(tmp_path).code == 130
    other = run(*ARGUMENTS, "--operator", "email=mask")
    assert other.code == 0
    assert "Taken over" not in other.out
    assert STAGING not in names(tmp_path)
    assert all(b"[e-post]" not in content for content in contents(tmp_path / "copy").values())


@POSIX
def test_a_run_with_a_key_that_nobody_keeps_leaves_nothing(letters: Path, tmp_path: Path) -> None:
    del letters
    stopped = interrupted(tmp_path, "--operator", "email=pseudonymize")
    assert stopped.code == 130
    assert stopped.err == "interrupted; nothing was published\n"
    assert names(tmp_path) == {"archive"}


@POSIX
def test_what_began_to_be_published_is_published(letters: Path, tmp_path: Path) -> None:
    del letters
    done = interrupted(tmp_path, where="tell", after=1)
    assert done.code == 0, done.err
    assert len(names(tmp_path / "copy")) == FILES
    assert STAGING not in names(tmp_path)


@POSIX
def test_a_running_command_stops_soon(tmp_path: Path) -> None:
    for at in range(40):
        write(tmp_path / "archive" / f"brev-{at}.txt", LINE * 20_000)
    running = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "piiscan", *ARGUMENTS],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    state = tmp_path / STAGING / "state.jsonl"
    while running.poll() is None and not (state.exists() and b'"root"' in state.read_bytes()):
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command goes on from" in said
    assert time.monotonic() - began < SOON


def closed(made: Job, after: int) -> None:
    """Drop a rewrite when some files are written."""
    running = rewrite_tree(made)
    left = after
    for event in running:
        left -= isinstance(event, FileResult)
        if left == 0:
            break
    running.close()


def test_a_rewrite_that_is_closed_goes_on(letters: Path, tmp_path: Path) -> None:
    made = job(letters, tmp_path / "copy")
    closed(made, DONE)
    assert names(tmp_path) == {"archive", STAGING}
    # What was written before anybody heard of it counts too.
    assert DONE <= rewrite(made).total.taken_over <= FILES
    assert names(tmp_path) == {"archive", "copy"}


def test_a_rewrite_that_may_leave_nothing_leaves_nothing(letters: Path, tmp_path: Path) -> None:
    closed(replace(job(letters, tmp_path / "copy"), resumable=False), DONE)
    assert names(tmp_path) == {"archive"}


@pytest.mark.parametrize("fault", [OSError(28, "no space"), ValueError("a defect")])
def test_a_rewrite_that_fails_leaves_nothing(
    fault: Exception, letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise fault

    monkeypatch.setattr("piiscan.anonymize.tree._Run.verify", failing)
    with pytest.raises(type(fault)):
        rewrite(job(letters, tmp_path / "copy"))
    assert names(tmp_path) == {"archive"}


def test_a_large_file_that_was_settled_is_noted_at_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "large", bytes(LARGE))
    size, digest = hash_of(path)
    noted = []
    with Settling() as settling:
        written = Written(size, size, 0, digest, digest)
        settling.add(path, written, lambda: noted.append(path))
        [(future, _)] = settling._running
        future.result()
        assert noted == []
    assert noted == [path]


def test_nobody_waits_for_the_hash_of_a_large_file(tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(CancelledError):
        hash_of(write(tmp_path / "large", b"x"), stop)
