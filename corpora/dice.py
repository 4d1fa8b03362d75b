"""Seeded chance: the same seed gives the same choices on every version of Python.

Only `random.Random.random` is used, because the language promises that its sequence never
changes; `choice`, `shuffle` and `randrange` have changed between versions.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that depends on nothing but its seed."""

    __slots__ = ("roll",)

    def __init__(self, seed: str) -> None:
        self.roll = random.Random(seed).random  # noqa: S311 - reproducible text, not a secret

    def below(self, end: int) -> int:
        """Return a whole number from 0 up to, but not including, `end`."""
        return int(self.roll() * end)

    def between(self, first: int, last: int) -> int:
        """Return a whole number from `first` to `last`, both included."""
        return first + int(self.roll() * (last - first + 1))

    def pick(self, options: Sequence[T]) -> T:
        """Return one of `options`."""
        return options[int(self.roll() * len(options))]

    def chance(self, share: float) -> bool:
        """Return True in `share` of all calls."""
        return self.roll() < share

    def digits(self, count: int) -> str:
        """Return `count` digits, the first of which is not zero."""
        return str(self.between(10 ** (count - 1), 10**count - 1))
