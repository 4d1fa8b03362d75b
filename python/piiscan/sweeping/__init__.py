"""Sweeping: what the reading door finds goes into a store.

Joins `scanning` and `store`, which do not know each other. A sweep reads only what is new or has
changed; stopped at any time, the next one goes on. Paths inside a file (the keys of a JSON
document) may hold personal data themselves, so they are masked before they are stored.
"""

from piiscan.scanning import ObjectDone
from piiscan.sweeping.masking import mask_name, mask_text
from piiscan.sweeping.places import find_path, find_roots, keep_outside, open_key, root_id
from piiscan.sweeping.recording import Progress, record, sweep, time_text, writer
from piiscan.sweeping.settings import Settings
from piiscan.sweeping.stream import record_text

__all__ = [
    "ObjectDone",
    "Progress",
    "Settings",
    "find_path",
    "find_roots",
    "keep_outside",
    "mask_name",
    "mask_text",
    "open_key",
    "record",
    "record_text",
    "root_id",
    "sweep",
    "time_text",
    "writer",
]
