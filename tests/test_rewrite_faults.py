"""A rewrite that fails or is killed: the target is absent or whole, originals are old or new."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from rewrites import job, rewrite
from samples import EMAIL, PERSON, Run, tree, write

from piiscan.anonymize.writing import sync_folder
from piiscan.policy.model import Operator
from piiscan.sweeping import find_path

POSIX = pytest.mark.skipif(os.name != "posix", reason="limits and signals are those of POSIX")
LINE = f"Mitt personnummer är {PERSON}. Mejla {EMAIL}, tack.\n"
FILES, LINES = 12, 200
SHIM = Path(__file__).parent / "faults" / "shim.c"
SCENES = Path(__file__).parent / "fault_scenes.py"
Faults: TypeAlias = list[tuple[list[Any], dict[str, Any]]]
MOST = 50  # calls of a kind that meet a fault
HOW = {
    "write": ["ENOSPC", "EIO", "KILL"],
    "sync": ["EIO", "KILL"],
    "rename": ["KILL", "EIO", "LATE"],
}
ARGUMENTS = ("anonymize", "archive", "-o", "copy", "--policy", "nordic-default")
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from piiscan.cli import run
sys.exit(run(sys.argv[1:]))
"""
KILLED = """
import os, sys
from piiscan.anonymize import tree
tree._Run.verify = lambda *_: os._exit(9)
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
@pytest.mark.parametrize("limit", [0, 10_000])
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
    assert "cannot write the result" in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "copy").exists()
    assert tree(letters) == before
    assert run(*ARGUMENTS).code == 0
    assert_whole(tmp_path / "copy")
    assert not [name for name in names(tmp_path) if "piiscan-" in name]


@POSIX
def test_a_killed_command_is_done_again_from_where_it_stopped(
    letters: Path, run: Run, tmp_path: Path
) -> None:
    before = tree(letters)
    killed = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", KILLED, *ARGUMENTS], cwd=tmp_path, check=False
    )
    assert killed.returncode == 9
    assert not (tmp_path / "copy").exists()
    again = run(*ARGUMENTS)
    assert again.code == 0
    assert f" Taken over {FILES} files" in again.out
    assert_whole(tmp_path / "copy")
    assert not [name for name in names(tmp_path) if "piiscan-" in name]
    assert tree(letters) == before


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    """Each case of the plan, with what came of it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("calls are made to fail by a library that is compiled for Linux")
    # In memory where the system can: hundreds of archives need not wait for a disk.
    memory = Path("/dev/shm")  # noqa: S108 - with a name that nobody knows
    folder = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    try:
        yield _faults(folder, compiler)
    finally:
        shutil.rmtree(folder)


def _faults(folder: Path, compiler: str) -> Faults:
    shim = folder / "shim.so"
    flags = ["-O1", "-shared", "-fPIC", "-o", str(shim), str(SHIM), "-ldl", "-lpthread"]
    subprocess.run([compiler, *flags], check=True)  # noqa: S603 - our own source

    def carried_out(plan: list[list[Any]]) -> list[dict[str, Any]]:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, str(SCENES), str(folder)],
            input="".join(json.dumps(case) + "\n" for case in plan),
            env=os.environ | {"LD_PRELOAD": str(shim), "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    kinds: list[list[Any]] = [[scene, kind, 0, ""] for scene in ("copy", "place") for kind in HOW]
    counts = [min(found["calls"], MOST) for found in carried_out(kinds)]
    assert counts[0] == MOST, "the archive is too small"
    plan = []
    for (scene, kind, *_), count in zip(kinds, counts, strict=True):
        for at in range(1, count + 1):
            # In place each call meets some of the faults, in turns; the copy meets them all.
            ways = HOW[str(kind)]
            turns = ways if scene == "copy" else [ways[at % len(ways)]]
            plan += [[scene, kind, at, how] for how in turns]
    return list(zip(plan, carried_out(plan), strict=True))


def test_every_target_is_old_or_new_whatever_fails(faults: Faults) -> None:
    assert [(case, found["wrong"]) for case, found in faults if found["wrong"]] == []


def test_each_fault_happened(faults: Faults) -> None:
    for (scene, kind, at, how), found in faults:
        wanted = "failed" if how in {"ENOSPC", "EIO"} else "killed"
        # The last calls tidy up: a folder that cannot be put on the disk is no longer needed then.
        assert found["ended"] == wanted, (scene, kind, at, how)


def test_what_stood_before_a_kill_is_taken_over(faults: Faults) -> None:
    taken = {case[0]: found["taken"] for case, found in faults if found["taken"]}
    assert set(taken) == {"copy", "place"}


def test_what_a_killed_run_left_is_removed(letters: Path, tmp_path: Path) -> None:
    write(tmp_path / ".piiscan-staging-copy" / "tree" / "brev-0.txt", LINE)
    write(tmp_path / ".piiscan-staging-copy" / "tree" / "brev-99.txt", LINE)
    write(tmp_path / ".piiscan-staging-copy" / "state.jsonl", "{}\n")
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


def test_a_file_that_is_gone_after_the_scan_is_refused(
    letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[str] = []

    def remove(root: str, loc: bytes, size: int, mtime_ns: int) -> Path | None:
        path = find_path(root, loc, size, mtime_ns)
        if path is not None and not first:
            first.append(path.name)
            for other in letters.iterdir():
                if other != path:
                    other.unlink()
        return path

    monkeypatch.setattr("piiscan.anonymize.tree.find_path", remove)
    run = rewrite(job(letters, tmp_path / "copy"))
    assert run.state(first[0]) == "changed"
    assert len(run.total.refused) == FILES - 1
    assert names(tmp_path / "copy") == set(first)


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
    monkeypatch.undo()
    again = rewrite(job(letters, None))
    assert again.total.taken_over == FILES
    assert names(tmp_path) == {"archive"}
    assert_whole(letters)


def test_a_date_is_moved_once_though_a_run_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = (tmp_path / "a", tmp_path / "b")
    for root in roots:
        write(root / "brev.txt", "Jag är född 1981-12-18.\n")
    shift = {"date-of-birth": Operator(op="shift_date")}
    made = job(roots[0], None, operators=shift)
    made = replace(made, roots=tuple(map(str, roots)))
    left = [1]

    def failing(folder: Path) -> None:
        if folder in roots:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(5, "no answer from the disk")
        sync_folder(folder)

    monkeypatch.setattr("piiscan.anonymize.tree.sync_folder", failing)
    with pytest.raises(OSError, match="no answer"):
        rewrite(made)
    monkeypatch.undo()
    moved = [(root / "brev.txt").read_text() for root in roots]
    assert all("1981-12-18" not in text for text in moved)
    assert rewrite(made).total.taken_over == 2
    assert [(root / "brev.txt").read_text() for root in roots] == moved


@POSIX
def test_originals_keep_their_mode(letters: Path) -> None:
    (letters / "brev-1.txt").chmod(0o640)
    rewrite(job(letters, None))
    assert (letters / "brev-1.txt").stat().st_mode & 0o7777 == 0o640
    assert_whole(letters)
