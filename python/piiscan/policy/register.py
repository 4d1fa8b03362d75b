"""The texts of a register description and of a record of processing, by key.

The first number is the point of the Finnish register description of twenty points in which a text
stands (0 for none); the last words say what it holds. Article 30 takes its items from the same
keys.
"""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["REGISTER"]

REGISTER: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "name": (1, "name of the register or processing"),
        "controller": (2, "who decides on purposes and means"),
        "responsible": (3, "who answers for the register"),
        "contact": (4, "who answers questions about it"),
        "dpo": (5, "data-protection officer"),
        "retention": (6, "how long data is kept"),
        "purpose": (7, "what it is for"),
        "basis": (7, "legal basis"),
        "subjects": (8, "groups of people"),
        "content": (8, "kinds of data"),
        "sources": (9, "where data comes from"),
        "recipients": (10, "who gets it"),
        "transfers": (11, "countries outside the EU and the EEA"),
        "security": (12, "how it is protected"),
        "automated": (13, "automated decisions"),
        "access": (14, "how to get access"),
        "rectification": (15, "how to have something corrected"),
        "consent": (16, "how to take consent back"),
        "other_rights": (17, "erasure, restriction, portability, objection"),
        "complaint": (18, "supervisory authority, and what to do about a refusal"),
        "other": (19, "anything else"),
        "administration": (20, "who looks after the register, and how"),
    }
)
