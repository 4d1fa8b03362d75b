"""Which messages go, which stay and why: what a survey says of each message, kept for a plan.

A message and the attachments that it carries stand or fall together: if a hold keeps one of them
for one promise, all of it stays, for every promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from piiscan.holds import Hold
from piiscan.policy import LoadedPolicy, Promise
from piiscan.retention.holding import Holds
from piiscan.retention.measure import Judged
from piiscan.retention.units import Channels
from piiscan.store import Store

__all__ = ["ROW", "Ledger", "Standing"]

ROW = np.dtype(
    [
        ("object", "<i8"),  # row of the store
        ("number", "<i8"),  # of the message; -1 for what stands outside of messages
        ("message", "<i8"),  # names the message that it is or belongs to
        ("start", "<i8"),
        ("gone", "?"),  # taken out as a whole
    ]
)
NOTHING: npt.NDArray[np.void] = np.empty(0, dtype=ROW)


@dataclass(slots=True)
class Standing:
    """How messages stand to one promise."""

    promise: Promise
    waiting: npt.NDArray[np.void] = field(default_factory=NOTHING.copy)
    overdue: npt.NDArray[np.void] = field(default_factory=NOTHING.copy)
    held: npt.NDArray[np.void] = field(default_factory=NOTHING.copy)
    undetermined: npt.NDArray[np.void] = field(default_factory=NOTHING.copy)


class Ledger:
    """Takes what a survey finds, batch by batch.

    Args:
        store: What is surveyed.
        policy: With the promises.
        holds: What stays.

    """

    def __init__(self, store: Store, policy: LoadedPolicy, holds: Sequence[Hold]) -> None:
        paths = Channels(store, policy).paths
        self._askers = [
            (hold, Holds([hold], policy=policy, key_id=store.key_id, paths=paths)) for hold in holds
        ]
        self._kept_fields = np.array(
            [*(bool(channel.keep) for channel in policy.policy.channel), False]  # -1: no channel
        )
        self._rows: dict[str, tuple[Promise, dict[str, list[npt.NDArray[np.void]]]]] = {}
        self._by_hold: dict[str, list[npt.NDArray[np.void]]] = {}

    def note(self, judged: Judged) -> None:
        """Remember how the messages of a batch stand to a promise.

        Args:
            judged: As a survey tells it.

        """
        _, rows = self._rows.setdefault(judged.promise.id, (judged.promise, {}))
        for name in ("waiting", "overdue", "held", "undetermined"):
            rows.setdefault(name, []).append(self._taken(judged, getattr(judged, name)))
        if judged.held.any():
            view = judged.view
            for hold, asker in self._askers:
                mask = asker.covering(
                    judged.held, units=view.units, owners=view.owners, batch=view.batch
                )
                self._by_hold.setdefault(hold.id, []).append(self._taken(judged, mask))

    def _taken(self, judged: Judged, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.void]:
        units = judged.view.units
        ids = np.array([owner.id for owner in judged.view.owners], dtype=np.int64)
        taken = np.empty(int(np.count_nonzero(mask)), dtype=ROW)
        taken["object"] = ids[units.object[mask]]
        taken["number"] = units.number[mask]
        taken["message"] = units.message[mask]
        taken["start"] = judged.start[mask]
        emptied = self._kept_fields[units.channel[mask]]  # a channel that keeps fields
        taken["gone"] = ~emptied & (judged.promise.action == "erase")
        return taken

    def standings(self) -> list[Standing]:
        """Return how the messages stand, by promise: one that is held is nothing else."""
        found = [
            Standing(promise, **{name: np.concatenate(rows[name]) for name in rows})
            for promise, rows in self._rows.values()
        ]
        held = [standing.held["message"] for standing in found]
        kept = np.unique(np.concatenate(held)) if held else np.empty(0, dtype=np.int64)
        for standing in found:
            late = np.isin(standing.overdue["message"], kept)
            standing.held = np.concatenate([standing.held, standing.overdue[late]])
            standing.overdue = standing.overdue[~late]
        return found

    def by_hold(self) -> dict[str, npt.NDArray[np.void]]:
        """Return what each hold keeps, by its id."""
        return {name: np.concatenate(rows) for name, rows in self._by_hold.items()}
