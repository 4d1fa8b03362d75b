"""A rewrite that fails or is killed: the target is absent or whole, originals are old or new."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rewrites import job, rewrite
from samples import EMAIL, PERSON, Run, command, tree, write

from piiscan.anonymize import FileResult
from piiscan.sweeping import find_path

POSIX = pytest.mark.skipif(os.name != "posix", reason="limits and signals are those of POSIX")
LINE = f"Mitt personnummer är {PERSON}. Mejla {EMAIL}, tack.\n"
FILES, LINES = 12, 200
ARGUMENTS = ("anonymize", "archive", "-o", "copy", "--policy", "nordic-default")
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from piiscan.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Files of one kind, each larger than the limits of these tests."""
    for at in range(FILES):
        write(tmp_path / "archive" / f"brev-{at}.txt", LINE * LINES)
    return tmp_path / "archive"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def assert_whole(copy: Path) -> None:
    assert len(names(copy)) == FILES
    for path in copy.iterdir():
        text = path.read_text()
        assert len(text.splitlines()) == LINES
        assert PERSON not in text
        assert EMAIL not in text


@POSIX
@pytest.mark.parametrize("limit", [0, 1, 100, 4_096, 10_000])
def test_a_full_disk_leaves_no_target(limit: int, letters: Path, run: Run, tmp_path: Path) -> None:
    before = tree(letters)
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", LIMITED, str(limit), *ARGUMENTS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("piiscan: ")
    assert len(done.stderr.splitlines()) <= 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "copy").exists()
    assert tree(letters) == before
    assert run(*ARGUMENTS).code == 0
    assert_whole(tmp_path / "copy")
    assert not [name for name in names(tmp_path) if "piiscan-" in name]


@POSIX
def test_a_killed_run_leaves_no_target_or_a_whole_one(
    letters: Path, run: Run, tmp_path: Path
) -> None:
    before = tree(letters)
    started = time.monotonic()
    assert run(*ARGUMENTS).code == 0
    took = time.monotonic() - started
    dice = random.Random(5)  # noqa: S311 - moments, not secrets
    for at in range(10):
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        running = subprocess.Popen(  # noqa: S603 - our own command
            command(*ARGUMENTS),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(took * (0.4 + 0.06 * at + 0.05 * dice.random()))
        running.send_signal(signal.SIGKILL)
        running.wait(60)
        if (tmp_path / "copy").exists():
            assert_whole(tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)
    assert run(*ARGUMENTS).code == 0
    assert_whole(tmp_path / "copy")
    assert not [name for name in names(tmp_path) if "piiscan-" in name]
    assert tree(letters) == before


def test_what_a_killed_run_left_is_removed(letters: Path, tmp_path: Path) -> None:
    write(tmp_path / ".piiscan-staging-copy" / "brev-0.txt", LINE)
    write(tmp_path / ".piiscan-0123456789abcdef.tmp", LINE)
    rewrite(job(letters, tmp_path / "copy"))
    assert names(tmp_path) == {"archive", "copy"}


def test_a_file_that_changes_after_the_scan_is_refused(
    letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(root: str, loc: bytes, size: int, mtime_ns: int) -> Path | None:
        path = find_path(root, loc, size, mtime_ns)
        if path is not None and path.name == "brev-3.txt":
            path.write_bytes(path.read_bytes().replace(b"Mitt", b"Ditt"))
        return path

    monkeypatch.setattr("piiscan.anonymize.tree.find_path", touched)
    run = rewrite(job(letters, tmp_path / "copy"))
    assert [result.loc for result in run.total.refused] == ["brev-3.txt"]
    assert len(names(tmp_path / "copy")) == FILES - 1


def test_a_file_that_is_gone_after_the_scan_is_refused(letters: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def remove(result: FileResult) -> None:
        if not seen:
            seen.append(result.loc)
            for path in letters.iterdir():
                if path.name != result.loc:
                    path.unlink()

    run = rewrite(job(letters, tmp_path / "copy"), remove)
    assert run.state(seen[0]) == "changed"
    assert len(run.total.refused) == FILES - 1
    assert names(tmp_path / "copy") == set(seen)


def test_originals_are_old_or_new_when_a_rename_fails(
    letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace
    left = [5]

    def failing(self: Path, target: Path) -> Path:
        if target.parent == letters:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(5, "no answer from the disk")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="no answer"):
        rewrite(job(letters, None))
    texts = [path.read_text() for path in letters.iterdir()]
    assert len([text for text in texts if text == LINE * LINES]) == FILES - 5
    assert len([text for text in texts if PERSON not in text]) == 5
    assert all(len(text.splitlines()) == LINES for text in texts)
    assert names(tmp_path) == {"archive"}
    monkeypatch.undo()
    rewrite(job(letters, None))
    assert_whole(letters)


@POSIX
def test_originals_keep_their_mode(letters: Path) -> None:
    (letters / "brev-1.txt").chmod(0o640)
    rewrite(job(letters, None))
    assert (letters / "brev-1.txt").stat().st_mode & 0o7777 == 0o640
    assert_whole(letters)
