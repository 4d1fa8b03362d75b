"""The person's messages, read again from their files: decoded fields with every finding in them.

Only files that the store names are opened. What belongs to the person is decided anew by what is
read, not by what the store says; a message that the store names and the archive no longer holds is
counted by the caller.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from piiscan.findings import MESSAGE, RECORD
from piiscan.policy.matching import OFFICES
from piiscan.retention.units import paths
from piiscan.rights.identifiers import Person
from piiscan.rights.pseudonyms import holds_token
from piiscan.scanning import ObjectDone, Part, Scanner, events
from piiscan.store.blocks import OUTSIDE, ROLES, UNKNOWN_TIME, message_keys
from piiscan.store.person import hits
from piiscan.sweeping import Settings, mask_text

__all__ = ["Field", "Found", "Message", "read_messages"]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding in a field; offsets count bytes of its text."""

    start: int
    end: int
    detector: str
    category: str
    legal_class: str
    confidence: int
    fingerprint: bytes
    office: bool = False  # of a department or a role: nobody's own


@dataclass(frozen=True, slots=True)
class Field:
    """A decoded field. Its text is never shown by `repr`."""

    role: str
    path: str = field(repr=False)
    text: str = field(repr=False)
    findings: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the person as it stands in the archive.

    `number` is None for what is no message: a plain file, or the name of one. `loc` is masked;
    `paths` are those that a glob of a hold or policy may fit, as they are.
    """

    object: bytes
    root: int
    loc: str
    paths: tuple[str, ...] = field(repr=False)
    format: str
    profile: str
    channel: str
    number: int | None
    sent: int | None
    closed: int | None
    raw: tuple[int, int]
    key: bytes
    fields: tuple[Field, ...]
    attached: str = ""  # place of the message that carries it

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return self.loc if self.number is None else f"{self.loc}#{self.number}"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A message whose object is still being read."""

    number: int | None
    sent: int | None
    closed: int | None
    raw: tuple[int, int]
    key: bytes
    channel: str
    fields: tuple[Field, ...] = field(repr=False)


def read_messages(
    person: Person,
    settings: Settings,
    *,
    scanner: Scanner,
    files: Collection[bytes],
    objects: Collection[bytes],
    names: bool,
    attached: Mapping[bytes, str] = MappingProxyType({}),
    skip: Sequence[str] = (),
) -> Iterator[Message]:
    """Yield the person's messages in the order of the archive.

    Args:
        person: Whose.
        settings: Where the archive is and how it was swept.
        scanner: With the key of the store, every detector and every confidence.
        files: Ids of the files that are opened.
        objects: Ids of the files and entries that hold messages of the person.
        names: What several people share counts alone.
        attached: Id of an attachment -> place of the message of the person that carries it.
        skip: Files that are never read.

    Yields:
        `Message`, when its file or entry is read to the end.

    """
    running = events(
        settings.roots,
        scanner=scanner,
        profiles=settings.profiles,
        limits=settings.limits,
        jobs=settings.jobs,
        follow=settings.follow,
        exclude=settings.exclude,
        only=files,
        skip=skip,
        texts=objects,
    )
    drafts: dict[int, list[_Draft]] = {}
    for event, _ in running:
        if isinstance(event, Part):
            found = (
                [_whole(event, scanner)]
                if event.id in attached
                else list(_drafts(event, person, scanner, names=names))
            )
            if found:
                drafts.setdefault(event.object, []).extend(found)
        elif isinstance(event, ObjectDone):
            mine = drafts.pop(event.ordinal, [])
            carried = attached.get(event.id, "")
            if mine and (carried or not event.messages):  # one place, however long it is
                texts = tuple(text for draft in mine for text in draft.fields)
                mine = [replace(mine[0], fields=texts)]
            for draft in mine:
                message = _message(event, draft, many=len(settings.roots) > 1)
                yield replace(message, attached=carried) if carried else message


def _whole(part: Part, scanner: Scanner) -> _Draft:
    """Return all of a part, whoever is in it."""
    records = np.frombuffer(part.block.records, dtype=RECORD)
    fields = _fields(part, (0, len(part.roles)), records, scanner)
    return _Draft(None, None, None, (0, 0), b"", "", tuple(fields))


def _drafts(part: Part, person: Person, scanner: Scanner, *, names: bool) -> Iterator[_Draft]:
    records = np.frombuffer(part.block.records, dtype=RECORD)
    messages = np.frombuffer(part.messages, dtype=MESSAGE)
    firsts = messages["first_field"]
    owners = np.searchsorted(firsts, records["field"], side="right") - 1
    marked = _marked(part, person)  # fields with a value or token of the person
    if not len(marked):
        return
    tokens = bool(person.tokens)
    inside = (messages["flags"] & OUTSIDE) == 0
    numbers = part.first_record + np.cumsum(inside) - 1
    ends = np.append(firsts[1:], len(part.roles)).astype(int)
    keys = message_keys(part.keys)
    holders = np.searchsorted(firsts, marked, side="right") - 1
    for owner in np.unique(holders).tolist():
        mine = records[owners == owner]
        digests = [bytes(row) for row in mine["fingerprint"].tolist()]
        if not person.is_meant(digests, names=names) and not (
            tokens and _holds_token(part, marked[holders == owner].tolist(), person)
        ):
            continue
        if owner < 0 or not inside[owner]:
            whole = owner < 0 and not len(messages)
            own = marked[holders == owner].tolist()
            spans = [(0, len(part.roles))] if whole else [(at, at + 1) for at in own]
            fields = [one for span in spans for one in _fields(part, span, mine, scanner)]
            yield _Draft(None, None, None, (0, 0), b"", "", tuple(fields))
            continue
        row = messages[owner]
        start = int(row["raw_start"])
        span = int(row["first_field"]), int(ends[owner])
        yield _Draft(
            number=int(numbers[owner]),
            sent=_time(int(row["sent"])),
            closed=_time(int(row["closed"])),
            raw=(start, start + int(row["raw_len"])),
            key=keys.get(owner, b""),
            channel=_channel(part, int(row["channel"]), scanner),
            fields=tuple(_fields(part, span, mine, scanner)),
        )


def _marked(part: Part, person: Person) -> npt.NDArray[np.int64]:
    """Return the fields that hold a value or a token of the person."""
    records = np.frombuffer(part.block.records, dtype=RECORD)
    found = records["field"][hits(part.block.records, person.digests)].tolist()
    if person.tokens:
        found += [
            number
            for number, _, text in part.fields(0, len(part.roles))
            if holds_token(text, person.tokens)
        ]
    return np.unique(np.array(found, dtype=np.int64))


def _holds_token(part: Part, fields: list[int], person: Person) -> bool:
    return any(
        holds_token(text, person.tokens) for at in fields for _, _, text in part.fields(at, at + 1)
    )


def _fields(
    part: Part, span: tuple[int, int], records: npt.NDArray[np.void], scanner: Scanner
) -> Iterator[Field]:
    ids = part.block.detectors
    found: dict[int, list[Found]] = {}
    sets = part.block.attribute_sets
    for number, start, end, detector, sure, attributes, digest in records.tolist():
        category, law = scanner.catalog[ids[detector]]
        office = any(sets[attributes].get(name) for name in OFFICES)
        one = Found(start, end, ids[detector], category, law, sure, bytes(digest), office)
        found.setdefault(number, []).append(one)
    for number, path, text in part.fields(*map(int, span)):
        role = ROLES[part.roles[number]]
        yield Field(role, path, text, tuple(found.get(number, ())))


def _message(done: ObjectDone, draft: _Draft, *, many: bool) -> Message:
    return Message(
        object=done.id,
        root=done.root,
        loc=done.loc,
        paths=tuple(paths(os.fsdecode(done.loc_bytes).replace(os.sep, "/"), many=many)),
        format=done.format,
        profile=done.profile or "",
        channel=draft.channel or done.channel or "",
        number=draft.number,
        sent=draft.sent,
        closed=draft.closed,
        raw=draft.raw,
        key=draft.key,
        fields=draft.fields,
    )


def _channel(part: Part, number: int, scanner: Scanner) -> str:
    """Return what the message itself says of its channel, masked; empty where it says nothing."""
    return mask_text(scanner, part.channels[number - 1]) if number else ""


def _time(value: int) -> int | None:
    return None if value == UNKNOWN_TIME else value
