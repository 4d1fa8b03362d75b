"""The store: one SQLite file that says what a sweep found, without a single value."""

from piiscan.store.key import default_path, load, load_or_create
from piiscan.store.reader import DEFAULT_STORE, Store, open_store
from piiscan.store.stored import (
    AlertPlace,
    Problem,
    StoredLexicon,
    StoredObject,
    StoredSweep,
    named,
    place,
    sent_text,
)
from piiscan.store.summary import INCOMPLETE, STATUSES, Count, Summary
from piiscan.store.writer import Writer

__all__ = [
    "DEFAULT_STORE",
    "INCOMPLETE",
    "STATUSES",
    "AlertPlace",
    "Count",
    "Problem",
    "Store",
    "StoredLexicon",
    "StoredObject",
    "StoredSweep",
    "Summary",
    "Writer",
    "default_path",
    "load",
    "load_or_create",
    "named",
    "open_store",
    "place",
    "sent_text",
]
