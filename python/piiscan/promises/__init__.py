"""Promises: each sentence of a notice is kept, broken, or undecidable by a scan.

One file and one line in `PROMISES` for each action of a policy.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from piiscan.policy.model import Action
from piiscan.promises import anonymize, encrypt, erase, keep, manual, never
from piiscan.promises.verdict import Evidence, State, Verdict

__all__ = ["PROMISES", "Evidence", "Rule", "State", "Verdict"]

Rule: TypeAlias = Callable[[Evidence], Verdict]

PROMISES: Mapping[Action, Rule] = MappingProxyType(
    {
        "anonymize": anonymize.judge,
        "erase": erase.judge,
        "encrypt": encrypt.judge,
        "keep": keep.judge,
        "never": never.judge,
        "manual": manual.judge,
    }
)
