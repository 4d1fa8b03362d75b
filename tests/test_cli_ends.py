"""How a command ends that cannot go on: full disk, closed pipe, signals."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from samples import EMAIL, PERSON, Run, command, write

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and devices are those of POSIX")


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_full_disk_is_code_2_with_its_cause(form: str, archive: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(  # noqa: S603 - our own command
            command("scan", str(archive), "--format", form),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "piiscan: cannot write the result: no space left on device\n"


@POSIX
def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", f"Mejla {EMAIL}\n" * 20_000)
    scan = subprocess.Popen(  # noqa: S603 - our own command
        command("scan", str(tmp_path / "a.txt"), "--format", "jsonl"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert scan.stdout
    assert scan.stderr
    scan.stdout.readline()
    scan.stdout.close()
    assert scan.stderr.read() == b""
    scan.stderr.close()
    assert scan.wait(60) == 0


LINE = f"Mitt personnummer är {PERSON}. Mejla {EMAIL}, tack för hjälpen med ärendet.\n"
PLAIN = "När öppnar biblioteket i morgon, och hur länge är det öppet på lördag?\n"
PAGE = LINE + PLAIN * 19  # findings take longer to write out than to find
# Lines of a file, and seconds until the signal: too early the command itself has not begun.
TRIES = ((20_000, 0.05), (20_000, 0.1), (20_000, 0.2), (100_000, 0.2), (300_000, 0.2))


def stopped(tmp_path: Path, number: int, code: int) -> str:
    """Sweep `archive`, send a signal midway, and return stderr.

    The archive grows until the sweep takes long enough to be stopped, not only its output.
    """
    for lines, pause in TRIES:
        for at in range(20):
            write(tmp_path / "archive" / f"{at}.txt", PAGE * (lines // 20))
        shutil.rmtree(tmp_path / ".piiscan", ignore_errors=True)
        running = subprocess.Popen(  # noqa: S603 - our own command
            command("sweep", "archive", "--format", "jsonl", "-o", "out.jsonl"),
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        while running.poll() is None and not (tmp_path / ".piiscan" / "store.db-wal").exists():
            time.sleep(0.01)
        time.sleep(pause)
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
        if running.returncode == code and said.strip() != "piiscan: interrupted":
            return said
    raise AssertionError("every sweep was over before it could be stopped")


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_sweep_says_how_to_go_on(number: int, tmp_path: Path) -> None:
    assert "the same command goes on: piiscan sweep archive" in stopped(tmp_path, number, 130)
    last = (tmp_path / "out.jsonl").read_text().splitlines()[-1]
    assert '"state":"interrupted"' in last
    assert '"exit":130' in last


@POSIX
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (getattr(signal, "SIGKILL", 9), -9)]
)
def test_a_stopped_or_killed_sweep_goes_on(
    number: int, code: int, tmp_path: Path, run: Run
) -> None:
    stopped(tmp_path, number, code)
    resumed = run("sweep", "archive", "--format", "jsonl").records[-1]
    again = run("scan", "archive", "--format", "jsonl").records[-1]
    assert resumed["objects"] == again["objects"]
    assert resumed["by_detector"] == again["by_detector"]
