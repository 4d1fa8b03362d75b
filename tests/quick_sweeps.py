"""Sweeps of small archives with one scanner, which takes longer to make than most of them run."""

from datetime import datetime
from functools import cache
from pathlib import Path

from samples import write

from piiscan.findings import LOW
from piiscan.scanning import Scanner
from piiscan.store import default_path
from piiscan.sweeping import Settings, record, time_text, writer

KEY = b"k" * 32


@cache
def scanner(day: str, detectors: tuple[str, ...] | None = None) -> Scanner:
    """Return a scanner under `KEY`; `day` is its reference."""
    date = datetime.fromisoformat(day).date()
    return Scanner(detectors=detectors, key=KEY, reference_date=date, minimum=LOW)


def swept_into(
    store: Path, root: Path, *, now: datetime, detectors: tuple[str, ...] | None = None
) -> None:
    """Sweep a folder into a store whose key lies where a command looks for it."""
    made = scanner(now.date().isoformat(), detectors)
    key_file = default_path(store)
    if not key_file.exists():
        write(key_file, KEY.hex() + "\n").chmod(0o600)
    started = time_text(now)
    settings = Settings((str(root),))
    into = writer(store, settings, scanner=made, key=KEY, key_file=key_file, started=started)
    with into:
        for _ in record(into, settings, scanner=made, skip=(store, key_file)):
            pass
        into.finish(interrupted=False, ended="")
