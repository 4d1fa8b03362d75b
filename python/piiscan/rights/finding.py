"""Where a person is: messages by their fingerprints, counted by channel. Nothing is opened."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from piiscan.findings import mask
from piiscan.policy import LoadedPolicy
from piiscan.retention.units import paths
from piiscan.rights.identifiers import Person
from piiscan.store import Store, StoredObject
from piiscan.store.person import PersonMessage

__all__ = ["NO_CHANNEL", "Located", "Overview", "channel_name", "find"]

NO_CHANNEL = "-"  # of messages that no channel of the policy matches


@dataclass(frozen=True, slots=True)
class Located:
    """A message of the person, its object and its channel."""

    owner: StoredObject
    message: PersonMessage
    paths: tuple[str, ...]  # that a glob may fit
    channel: str
    matched: tuple[str, ...]  # masks of the person's identifiers in it
    others: int  # findings of other people's values

    @property
    def place(self) -> str:
        """Where it stands."""
        number = self.message.number
        return self.owner.loc if number is None else f"{self.owner.loc}#{number}"


@dataclass(frozen=True, slots=True)
class Overview:
    """All messages of a person, as the store knows them."""

    located: tuple[Located, ...]
    left_out: int  # messages with nothing but what several people share
    incomplete: bool  # something was not scanned: there may be more

    @property
    def objects(self) -> frozenset[bytes]:
        """Ids of the files and entries they stand in."""
        return frozenset(one.owner.ident for one in self.located)

    @property
    def channels(self) -> dict[str, int]:
        """Channel -> number of messages, by name."""
        return dict(sorted(Counter(one.channel for one in self.located).items()))


def find(store: Store, person: Person, *, policy: LoadedPolicy | None, names: bool) -> Overview:
    """Return the messages of a person.

    Args:
        store: Of the archive.
        person: With fingerprints under the key of the store.
        policy: Names the channels; without one what the profiles call them.
        names: What several people share counts alone.

    """
    messages: dict[int, list[PersonMessage]] = {}
    left_out = 0
    for message in store.person(person.digests):
        if person.is_meant(message.fingerprints(), names=names):
            messages.setdefault(message.object, []).append(message)
        else:
            left_out += 1
    many = {run.id for run in store.sweeps() if len(run.roots) > 1}
    found = [
        _located(store, person, policy, owner, message, many=owner.sweep in many)
        for owner in store.objects()
        for message in messages.get(owner.id, ())
    ]
    found = _whole_files(found)
    totals = store.summary()
    partial = bool(totals.incomplete) or totals.state != "complete"
    return Overview(tuple(found), left_out, partial)


def _located(
    store: Store,
    person: Person,
    policy: LoadedPolicy | None,
    owner: StoredObject,
    message: PersonMessage,
    *,
    many: bool,
) -> Located:
    places = tuple(paths(owner.loc, many=many))
    named = message.channel or owner.channel
    others = sum(
        one.fingerprint not in person.digests and store.detector_rows[one.detector][2] == "ordinary"
        for one in message.findings
    )
    channel = channel_name(policy, places, owner.profile, owner.format, named)
    return Located(owner, message, places, channel, _masks(store, person, message), others)


def channel_name(
    policy: LoadedPolicy | None,
    places: Sequence[str],
    profile: str,
    format: str,  # noqa: A002 - the field's word
    channel: str,
) -> str:
    """Return the name of the channel of a message.

    Args:
        policy: With the channels; without one, what the message or its profile says counts.
        places: The paths that a glob may fit.
        profile: Of the object.
        format: Of the object.
        channel: As the message or its profile calls it.

    """
    if policy is None:
        return channel or NO_CHANNEL
    matched = {
        found.name
        for path in places
        if (found := policy.channel_of(path, profile, format, channel))
    }
    return next((one.name for one in policy.policy.channel if one.name in matched), NO_CHANNEL)


def _masks(store: Store, person: Person, message: PersonMessage) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                mask(
                    store.detector_rows[one.detector][0],
                    one.end - one.start,
                    f"{store.key_id}:{one.fingerprint.hex()}",
                )
                for one in message.findings
                if one.fingerprint in person.digests
            }
        )
    )


def _whole_files(found: Iterable[Located]) -> list[Located]:
    """Join the parts of a plain file: it is one place, however long it is."""
    joined: dict[tuple[int, int, int], Located] = {}
    for one in found:
        apart = one.message.number is not None or one.owner.messages
        key = (one.owner.id, *((one.message.part, one.message.fields[0]) if apart else (0, 0)))
        before = joined.get(key)
        if before is None:
            joined[key] = one
            continue
        joined[key] = replace(
            before,
            matched=tuple(sorted({*before.matched, *one.matched})),
            others=before.others + one.others,
        )
    return list(joined.values())
