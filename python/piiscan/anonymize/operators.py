"""The operators: what may come in the place of a finding. Declared here, carried out by the core.

Whether the result may be called anonymized is a matter of law: while a key exists that joins a
token with a value, the data are pseudonymized (Regulation (EU) 2016/679, article 4(5), recital 26).
"""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["OPERATORS", "OperatorInfo", "wording"]


class OperatorInfo(NamedTuple):
    """What an operator does, and what its result may be called."""

    summary: str
    parameters: tuple[str, ...] = ()
    needs_key: bool = False
    found_again: bool = False  # its output is a value of the same type


OPERATORS: dict[str, OperatorInfo] = {
    "keep": OperatorInfo("Leaves the value as it is", found_again=True),
    "drop": OperatorInfo("Leaves nothing; in an address field an address that is none"),
    "label": OperatorInfo("Writes what it was: [telefon]", ("label",)),
    "mask": OperatorInfo("Writes as many * as the value has characters"),
    "generalize": OperatorInfo(
        "Keeps the month of a date, ten years of an age, the network of an IP address, the first"
        " two digits of a postcode; else as label"
    ),
    "shift_date": OperatorInfo(
        "Moves a date by up to a year, all dates of one sender alike; else as label",
        ("domain",),
        needs_key=True,
        found_again=True,
    ),
    "pseudonymize": OperatorInfo(
        "Writes a token that is the same for every spelling of the value under one key",
        ("domain",),
        needs_key=True,
    ),
    "encrypt": OperatorInfo("Writes a token that the key opens again", needs_key=True),
}
"""Name in policies -> what it does."""


def wording(operators: Sequence[str], *, key_exists: bool) -> str:
    """Return what a result may be called: `anonymized` or `pseudonymized`.

    >>> wording(["label", "pseudonymize"], key_exists=True)
    'pseudonymized'

    Args:
        operators: Those that were carried out.
        key_exists: Whether anybody holds the key of the tokens.

    """
    joined = any(OPERATORS[name].needs_key for name in operators)
    return "pseudonymized" if joined and key_exists else "anonymized"
