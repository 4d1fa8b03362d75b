"""What retention counts, to which channel it belongs, and when its clocks started.

A unit is a message. What stands in an object outside its messages (a text file, the name of a
mailbox) is one unit more, without times; in an object of one message, such as the name of a mail's
file, it belongs to that message.

**Path.** Globs of a policy are held against the location of the object below its root, as shown:
with values in names masked, and `/` for every step into a container. A glob that ends as a
container does means all that is in it: `*.zip`. If several roots were swept, the location starts
with the name of the root, and fits with or without it.

**Attachments** belong to the message that carries them: to its channel, and to its times where
they have none of their own. They are no messages of their own when messages are counted.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from piiscan.policy import LoadedPolicy, place_fits
from piiscan.store import Store, StoredObject
from piiscan.store.blocks import UNKNOWN_TIME
from piiscan.store.messages import Batch

__all__ = ["NO_CHANNEL", "Channels", "Units", "paths"]

NO_CHANNEL = -1
CONTAINERS = frozenset({"zip", "tar", "gzip", "zstd", "bzip2", "xz"})
CARRIED = np.dtype(
    [("message", "<i8"), ("channel", "<i8"), ("sent", "<i8"), ("closed", "<i8"), ("key", "V8")]
)
NUMBER = re.compile(r"#(\d+)!/")
REMEMBERED = 2  # objects whose messages are kept at hand for their attachments


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a batch; the messages come first, in their order.

    Args:
        object: Place of the object in the batch.
        number: Of the message; -1 for the rest of an object.
        sent: Milliseconds since 1970, the smallest number if unknown.
        closed: Likewise.
        channel: Place in the policy, or `NO_CHANNEL`.
        roles: Bits of the roles of its fields.
        key: Keyed hash of the message's id.
        message: Names the message that it is or belongs to, in the whole store.
        carried: Belongs to a message of another object.
        carrying: Is in an object whose messages may carry others.
        counted: Is counted when messages are counted.
        of_record: For each finding of the batch its unit.

    """

    object: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    sent: npt.NDArray[np.int64]
    closed: npt.NDArray[np.int64]
    channel: npt.NDArray[np.int64]
    roles: npt.NDArray[np.uint16]
    key: npt.NDArray[np.void]
    message: npt.NDArray[np.int64]
    carried: npt.NDArray[np.bool_]
    carrying: npt.NDArray[np.bool_]
    counted: npt.NDArray[np.bool_]
    of_record: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.object)


class _Carrier(NamedTuple):
    """What an attachment takes from the message that carries it."""

    message: int
    channel: int
    sent: int
    closed: int
    key: bytes


class Channels:
    """Finds the channels of messages. Objects come in the order of their locations.

    Args:
        store: Where they stand.
        policy: Says which channels there are.

    """

    def __init__(self, store: Store, policy: LoadedPolicy) -> None:
        self._store = store
        self._policy = policy
        self._places = {channel.name: at for at, channel in enumerate(policy.policy.channel)}
        self._many = {run.id for run in store.sweeps() if len(run.roots) > 1}
        self._parent_ids = store.parents()
        self._parents: dict[int, StoredObject] = {}
        self._read: OrderedDict[int, tuple[npt.NDArray[np.void], tuple[str, ...]]] = OrderedDict()

    def watch(self, owners: Iterable[StoredObject]) -> Iterator[StoredObject]:
        """Yield objects, and remember those that hold others."""
        for owner in owners:
            if owner.id in self._parent_ids:
                self._parents[owner.id] = owner
            yield owner

    def of(self, owner: StoredObject, name: str) -> int:
        """Return the channel of the messages of an object that name `name` as theirs.

        Args:
            owner: The object.
            name: What the messages say; the object's own channel if they say nothing.

        """
        found = [
            self._places[channel.name]
            for path in self.paths(owner)
            if (channel := self._policy.channel_of(path, owner.profile, owner.format, name))
        ]
        return min(found, default=NO_CHANNEL)

    def possible(self, owner: StoredObject) -> list[str]:
        """Return the channels that an object may belong to of which only the place is known."""
        return [
            channel.name
            for channel in self._policy.policy.channel
            if any(place_fits(channel.match.path, path) for path in self.paths(owner))
        ]

    def paths(self, owner: StoredObject) -> list[str]:
        """Return the paths that globs are held against."""
        return paths(owner.loc, many=owner.sweep in self._many)

    def units(self, owners: Sequence[StoredObject], batch: Batch) -> Units:
        """Return the units of a batch.

        Args:
            owners: Its objects.
            batch: Their messages and findings.

        """
        rows = batch.messages
        message = _joined(owners, batch)
        carriers = {at: found for at, each in enumerate(owners) if (found := self._carrier(each))}
        rest, documents = self._rest(owners, batch, message)
        count, more = len(rows), len(rest)
        unknown = np.full(more, UNKNOWN_TIME, dtype=np.int64)
        objects = np.concatenate([rows["object"].astype(np.int64), rest])
        numbers = np.concatenate([rows["number"].astype(np.int64), np.full(more, -1)])
        ids = np.array([owner.id for owner in owners], dtype=np.int64)
        carried = np.isin(objects, list(carriers))
        # An object that goes on from batch to batch is remembered like one that carries others.
        again = (numbers < 0) & (objects == 0) & batch.continued
        carrying = np.isin(ids[objects], list(self._parent_ids)) | (numbers < 0)
        units = Units(
            object=objects,
            number=numbers,
            sent=np.concatenate([rows["sent"], unknown]),
            closed=np.concatenate([rows["closed"], unknown]),
            channel=np.concatenate([self._named(owners, batch), self._own(owners, rest)]),
            roles=np.concatenate([rows["roles"], np.zeros(more, dtype=np.uint16)]),
            key=np.concatenate([rows["key"], np.zeros(more, dtype=rows["key"].dtype)]),
            message=(ids[objects] << 32) + numbers,
            carried=carried | again,
            carrying=carrying,
            counted=~(carried | again)
            & np.concatenate([np.ones(count, dtype=np.bool_), documents]),
            of_record=np.where(message >= 0, message, count + np.searchsorted(rest, batch.objects)),
        )
        if carriers:
            _inherit(units, len(owners), carriers)
        return units

    def _rest(
        self,
        owners: Sequence[StoredObject],
        batch: Batch,
        message: npt.NDArray[np.int64],
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Return the objects with a unit beside their messages, and which of them have no other."""
        whole = [
            at
            for at, owner in enumerate(owners)
            if not owner.messages
            and owner.scanned + owner.lossy
            and owner.format not in CONTAINERS
            and owner.id not in self._parent_ids
        ]
        outside = np.unique(batch.objects[message < 0])
        rest = np.union1d(outside, np.array(whole, dtype=np.int64)).astype(np.int64)
        return rest, np.isin(rest, whole)

    def _named(self, owners: Sequence[StoredObject], batch: Batch) -> npt.NDArray[np.int64]:
        """Return the channel of each message: asked once for each name in each object."""
        count = max(1, len(batch.channels))
        names = batch.messages["object"].astype(np.int64) * count + batch.messages["channel"]
        kinds, places = np.unique(names, return_inverse=True)
        found = [
            self.of(owners[kind // count], batch.channels[kind % count]) for kind in kinds.tolist()
        ]
        return np.array(found, dtype=np.int64)[places]

    def _own(
        self, owners: Sequence[StoredObject], rest: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        found = [self.of(owners[at], owners[at].channel) for at in rest.tolist()]
        return np.array(found, dtype=np.int64)

    def _carrier(self, owner: StoredObject) -> _Carrier | None:
        """Return the message that carries an object; None if it lies in a file of its own."""
        parent = self._parents.get(owner.parent) if owner.parent is not None else None
        if parent is None:
            return None
        above = self._carrier(parent)
        if not parent.messages:
            return above
        named = NUMBER.match(owner.loc, len(parent.loc))
        rows, names = self._messages(parent)
        row = rows[min(int(named[1]) if named else 0, len(rows) - 1)]
        sent, closed = int(row["sent"]), int(row["closed"])
        if above is None:
            channel = self.of(parent, names[row["channel"]])
            message = (parent.id << 32) + int(row["number"])
            return _Carrier(message, channel, sent, closed, row["key"].tobytes())
        return above._replace(
            sent=above.sent if sent == UNKNOWN_TIME else sent,
            closed=above.closed if closed == UNKNOWN_TIME else closed,
        )

    def _messages(self, owner: StoredObject) -> tuple[npt.NDArray[np.void], tuple[str, ...]]:
        if owner.id not in self._read:
            batch = self._store.batch(owner, lean=True)
            self._read[owner.id] = batch.messages, batch.channels
            if len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        self._read.move_to_end(owner.id)
        return self._read[owner.id]


def paths(loc: str, *, many: bool = False) -> list[str]:
    """Return the paths of a location that a glob may fit.

    >>> paths("chat/export.zip!/a.json")
    ['chat/export.zip/a.json']

    Args:
        loc: As the store has it.
        many: Several roots were swept: the path fits without the first step too.

    """
    path = loc.replace("!/", "/")
    _, slash, rest = path.partition("/")
    return [path, rest] if many and slash else [path]


def _joined(owners: Sequence[StoredObject], batch: Batch) -> npt.NDArray[np.int64]:
    """Return the message of each finding; the only one of an object takes what is outside too."""
    single = np.array([owner.messages == 1 for owner in owners], dtype=np.bool_)
    rows = batch.messages["object"]
    first = np.full(len(owners), -1, dtype=np.int64)
    first[rows] = np.arange(len(rows))
    alone = np.where(single, first, -1)
    return np.where(batch.message < 0, alone[batch.objects], batch.message)


def _inherit(units: Units, count: int, carriers: Mapping[int, _Carrier]) -> None:
    """Give the units of attachments what they take from the messages that carry them."""
    taken = np.zeros(count, dtype=CARRIED)
    taken[list(carriers)] = [tuple(carrier) for carrier in carriers.values()]
    of = np.isin(units.object, list(carriers))
    found = taken[units.object[of]]
    units.message[of] = found["message"]
    units.channel[of] = found["channel"]
    units.key[of] = found["key"]
    for column, name in ((units.sent, "sent"), (units.closed, "closed")):
        own = column[of]
        column[of] = np.where(own == UNKNOWN_TIME, found[name], own)
