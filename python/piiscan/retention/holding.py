"""Which units are on hold. A hold beats every clock."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy
from piiscan.retention.units import NO_CHANNEL, Units
from piiscan.store import StoredObject
from piiscan.store.blocks import ROLES
from piiscan.store.messages import Batch

__all__ = ["Holds"]

SENDER = ROLES.index("sender")


class Holds:
    """The holds of a run, asked about many messages at a time.

    Args:
        holds: Those that last.
        policy: Names the channels.
        key_id: Name of the key of the store's fingerprints.
        paths: Gives the paths of an object.

    """

    def __init__(
        self,
        holds: Sequence[Hold],
        *,
        policy: LoadedPolicy,
        key_id: str,
        paths: Callable[[StoredObject], list[str]],
    ) -> None:
        # A hold that names a place or channel alone covers all of an object's channel or nothing.
        self._broad = [hold for hold in holds if not _personal(hold)]
        self._narrow = [hold for hold in holds if _personal(hold)]
        self._names = [channel.name for channel in policy.policy.channel]
        self._key_id = key_id
        self._paths = paths

    def covering(
        self,
        asked: npt.NDArray[np.bool_],
        *,
        units: Units,
        owners: Sequence[StoredObject],
        batch: Batch,
    ) -> npt.NDArray[np.bool_]:
        """Return which of the units that were asked for are on hold.

        Args:
            asked: Of the units.
            units: All of a batch.
            owners: The objects of the batch.
            batch: With the findings.

        """
        held = np.zeros(len(units), dtype=np.bool_)
        if self._broad:
            count = len(self._names) + 1
            kinds = units.object * count + (units.channel - NO_CHANNEL)
            for kind in np.unique(kinds[asked]).tolist():
                owner, name = owners[kind // count], self._name(kind % count + NO_CHANNEL)
                if any(self._covers(hold, owner, name) for hold in self._broad):
                    held[kinds == kind] = True
        if self._narrow:
            order = np.argsort(units.of_record, kind="stable")
            sorted_units = units.of_record[order]
            for at in np.flatnonzero(asked & ~held).tolist():
                first, last = np.searchsorted(sorted_units, [at, at + 1])
                held[at] = self._one(at, order[first:last], units, owners, batch)
        return held & asked

    def _one(
        self,
        at: int,
        records: npt.NDArray[np.int64],
        units: Units,
        owners: Sequence[StoredObject],
        batch: Batch,
    ) -> bool:
        people = self._fingerprints(batch, records)
        senders = self._fingerprints(batch, records[batch.roles[records] == SENDER])
        owner = owners[int(units.object[at])]
        name = self._name(int(units.channel[at]))
        key = units.key[at].tobytes().hex()
        return any(
            self._covers(hold, owner, name, key=key, sender=senders, subject=people)
            for hold in self._narrow
        )

    def _covers(
        self,
        hold: Hold,
        owner: StoredObject,
        channel: str,
        *,
        key: str = "",
        sender: Sequence[str] = (),
        subject: Sequence[str] = (),
    ) -> bool:
        return any(
            hold.covers(path=path, channel=channel, key=key, sender=sender, subject=subject)
            for path in self._paths(owner)
        )

    def _name(self, channel: int) -> str:
        return "" if channel == NO_CHANNEL else self._names[channel]

    def _fingerprints(self, batch: Batch, records: npt.NDArray[np.int64]) -> list[str]:
        found = {digest.tobytes() for digest in batch.records["fingerprint"][records]}
        return [f"{self._key_id}:{digest.hex()}" for digest in found if any(digest)]


def _personal(hold: Hold) -> bool:
    """Return whether a hold asks about more than place and channel."""
    scope = hold.scope
    return bool(scope.case or scope.sender or scope.subject or scope.senders)
