"""piiscan: says what personal data is in message archives, and where.

    import piiscan

    findings = piiscan.scan("Ring 070-174 06 05.")
    for event in piiscan.sweep("archive/", store="sweep.db"): ...
    archive = piiscan.open_store("sweep.db")
    piiscan.report("sweep", store=archive).save("report.html")

Names are loaded when they are used, so that `piiscan --version` starts fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from piiscan._core import __version__
from piiscan.errors import (
    ArchiveError,
    InternalError,
    KeyMismatchError,
    PiiscanError,
    PolicyError,
    RefusedError,
    StoreError,
)

if TYPE_CHECKING:
    from piiscan.anonymize import Anonymizer
    from piiscan.findings import HIGH, LOW, MEDIUM, Finding, Findings
    from piiscan.outputs.highlight import highlight
    from piiscan.promises.checking import Check, check
    from piiscan.reports import report
    from piiscan.retention import Due, due
    from piiscan.scanning import Scanner, detectors, scan, scan_batch
    from piiscan.store import Store, Summary, open_store
    from piiscan.sweeping import ObjectDone, Progress, sweep

__all__ = [
    "HIGH",
    "LOW",
    "MEDIUM",
    "Anonymizer",
    "ArchiveError",
    "Check",
    "Due",
    "Finding",
    "Findings",
    "InternalError",
    "KeyMismatchError",
    "ObjectDone",
    "PiiscanError",
    "PolicyError",
    "Progress",
    "RefusedError",
    "Scanner",
    "Store",
    "StoreError",
    "Summary",
    "__version__",
    "check",
    "detectors",
    "due",
    "highlight",
    "open_store",
    "report",
    "scan",
    "scan_batch",
    "sweep",
]

_HOMES = {
    "anonymize": ("Anonymizer",),
    "findings": ("HIGH", "LOW", "MEDIUM", "Finding", "Findings"),
    "outputs.highlight": ("highlight",),
    "promises.checking": ("Check", "check"),
    "reports": ("report",),
    "retention": ("Due", "due"),
    "scanning": ("Scanner", "detectors", "scan", "scan_batch"),
    "store": ("Store", "Summary", "open_store"),
    "sweeping": ("ObjectDone", "Progress", "sweep"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'piiscan' has no attribute {name!r}")
    value: object = getattr(import_module(f"piiscan.{_HOME[name]}"), name)
    globals()[name] = value  # the next access is an ordinary one
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
