"""A promise that something stays: whether the messages still have the fields.

A store knows the role of every field of a message, but the names only of fields with findings. So a
field that has a role is looked for in each message, and one that is known by its name alone can be
found missing only where a message has no field without a role at all.
"""

from dataclasses import dataclass

import numpy as np

from piiscan.policy import LoadedPolicy, Promise, field_fits, name_fits
from piiscan.retention.measure import View
from piiscan.store.blocks import ROLES, UNKNOWN_TIME

__all__ = ["Presence", "Present"]

EVERYWHERE = ("time",)  # roles that a message has whatever became of it
UNNAMED = 1 << ROLES.index("meta") | 1 << ROLES.index("opaque")
TIMES = {"time": "sent", "closed": "closed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """How much of what was to stay is there.

    Args:
        promise: Of the policy.
        messages: In its channels.
        missing: Of which lack a field that each message has.
        absent: Fields that no message has, though not each needs to have them.
        unknown: Fields of which a store cannot tell.

    """

    promise: Promise
    messages: int
    missing: int
    absent: tuple[str, ...]
    unknown: tuple[str, ...]


class Presence:
    """Looks for the fields of one promise.

    Args:
        promise: With action `keep`.
        policy: Of which it is one.

    """

    def __init__(self, promise: Promise, policy: LoadedPolicy) -> None:
        self.promise = promise
        channels = policy.policy.channel
        named = [name_fits(promise.channel, channel.name) for channel in channels]
        self._channels = np.array([*named, promise.channel == "*"], dtype=np.bool_)
        kept = [
            glob
            for channel, own in zip(channels, named, strict=True)
            for glob in (channel.keep if own and promise.fields == ["*"] else [])
        ]
        globs = kept if promise.fields == ["*"] else promise.fields
        self._globs = list(dict.fromkeys(globs))
        self._found: set[str] = set()
        self._messages = self._missing = 0

    def add(self, view: View) -> None:
        """Look at a batch."""
        units = view.units
        inside = self._channels[units.channel] & units.counted & (units.number >= 0)
        self._messages += int(np.count_nonzero(inside))
        lacking = np.zeros(len(units), dtype=np.bool_)
        for glob in self._globs:
            if glob.startswith("/"):
                lacking |= inside & ((units.roles & UNNAMED) == 0)
                continue
            for at, role in enumerate(ROLES):
                if not field_fits([glob], role):
                    continue
                has = (units.roles >> at & 1).astype(np.bool_)
                if role in TIMES:
                    has |= getattr(units, TIMES[role]) != UNKNOWN_TIME
                if (inside & has).any():
                    self._found.add(glob)
                if role in EVERYWHERE:
                    lacking |= inside & ~has
        self._missing += int(np.count_nonzero(lacking))

    def done(self) -> Present:
        """Return what was found."""
        return Present(
            promise=self.promise,
            messages=self._messages,
            missing=self._missing,
            absent=tuple(
                glob
                for glob in self._globs
                if glob not in self._found and not glob.startswith("/") and self._messages
            ),
            unknown=tuple(glob for glob in self._globs if glob.startswith("/")),
        )
