"""How fast each kind of export is read, decoded and scanned, with one thread and all detectors."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from piiscan.scanning import ObjectDone, Part, Scanner, events

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "target" / "bench"
GROUPS = ("chat", "mail", "csv", "html", "calls", "logs", "containers")
SIZE = "8M"


def archive(group: str) -> Path:
    """Return an archive of one kind of export, made anew when it has to be."""
    folder = CACHE / f"{group}-{SIZE}"
    make = [sys.executable, str(ROOT / "corpora" / "make.py"), "--only", group, "--size", SIZE]
    subprocess.run([*make, "-o", str(folder), "--keep"], check=True)  # noqa: S603 - own program
    return folder / "archive"


def swept(folder: Path, scanner: Scanner) -> tuple[int, int]:
    """Return the number of bytes and of findings in a folder."""
    scanned = found = 0
    for event, _ in events([folder], scanner=scanner, jobs=1):
        if isinstance(event, Part):
            found += len(event.block)
        elif isinstance(event, ObjectDone):
            scanned += event.scanned
    return scanned, found


@pytest.mark.parametrize("group", GROUPS)
def test_sweep(benchmark: BenchmarkFixture, group: str) -> None:
    """Sweep one kind of export."""
    folder, scanner = archive(group), Scanner()
    scanned, found = benchmark(swept, folder, scanner)
    benchmark.extra_info["bytes"] = scanned
    benchmark.extra_info["findings"] = found
    assert found > 0
