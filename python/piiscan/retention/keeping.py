"""Which findings stand in fields that a channel keeps: nothing is promised about those."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from piiscan.policy import LoadedPolicy, field_fits
from piiscan.retention.units import Units
from piiscan.store.blocks import ROLES
from piiscan.store.messages import Batch

__all__ = ["Keeping"]


class Keeping:
    """The fields that the channels of a policy keep, such as those of statistics.

    Args:
        policy: With the channels.

    """

    def __init__(self, policy: LoadedPolicy) -> None:
        channels = policy.policy.channel
        self._globs = [channel.keep for channel in channels]
        rows = [[field_fits(keep, role) for role in ROLES] for keep in self._globs]
        # By place of the channel; messages of no channel have the place -1, the last.
        self._roles = np.array([*rows, [False] * len(ROLES)], dtype=np.bool_)

    def kept(self, units: Units, batch: Batch) -> npt.NDArray[np.bool_]:
        """Return which findings of a batch stand in a field that their channel keeps.

        Args:
            units: Of the batch.
            batch: With the findings.

        """
        of = units.channel[units.of_record]
        found: npt.NDArray[np.bool_] = self._roles[of, batch.roles]
        for at, globs in enumerate(self._globs):
            paths = [glob for glob in globs if glob.startswith("/")]
            inside = of == at
            if paths and inside.any():
                named = batch.in_fields(partial(_fits, paths))
                found |= inside & named
        return found


def _fits(globs: Sequence[str], path: str) -> bool:
    return field_fits(globs, "", path)
