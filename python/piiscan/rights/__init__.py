"""The rights of data subjects over a whole archive: find, access, export, rectify, restrict, erase.

A person is known by fingerprints, never by a value; the store says where they are, and only their
own files are opened again. Reading, writing and deciding are apart: nothing here decides that a
request is granted, and nothing is sent.
"""

from collections.abc import Mapping
from types import MappingProxyType

from piiscan.rights.finding import Located, Overview, find
from piiscan.rights.identifiers import Person, read_person

__all__ = ["RIGHTS", "Located", "Overview", "Person", "find", "read_person"]

RIGHTS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "access": (15, "the person learns what is kept, with a copy; others are masked"),
        "rectify": (
            16,
            "an entry is corrected; who, when and the old entry stay, sealed",
        ),
        "erase": (17, "the person's messages are taken out, unless a hold or the law keeps them"),
        "restrict": (18, "what is disputed stays and is not used"),
        "export": (20, "the person gets the messages in a form that programs read"),
    }
)
"""Right -> article of the General Data Protection Regulation, and what it is."""
