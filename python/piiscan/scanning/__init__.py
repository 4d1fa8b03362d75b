"""The reading door to the core: scan text, and follow a sweep.

`scan` and `scan_batch` use one scanner with the defaults; a `Scanner` of one's own names detectors,
countries, a key. Nothing here reads a clock: a reference date is given, or the core's own date of
release counts.
"""

from piiscan.scanning.catalog import (
    Detector,
    detectors,
    optional_detectors,
    select_detectors,
)
from piiscan.scanning.following import (
    Event,
    ObjectDone,
    Part,
    Unchanged,
    events,
    formats,
    limits,
)
from piiscan.scanning.lexicons import (
    Collision,
    Issue,
    Lexicon,
    LexiconSource,
    collisions,
    lint,
    read_lexicons,
)
from piiscan.scanning.scanner import Scanner, scan, scan_batch

__all__ = [
    "Collision",
    "Detector",
    "Event",
    "Issue",
    "Lexicon",
    "LexiconSource",
    "ObjectDone",
    "Part",
    "Scanner",
    "Unchanged",
    "collisions",
    "detectors",
    "events",
    "formats",
    "limits",
    "lint",
    "optional_detectors",
    "read_lexicons",
    "scan",
    "scan_batch",
    "select_detectors",
]
