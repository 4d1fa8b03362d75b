"""The archive behind a store: where its roots are, and which of its files hold a person.

A store knows the path of a root by a keyed hash and as shown; where the shown one leads to the same
hash it is the path. Otherwise the user names it.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from piiscan.errors import StoreError
from piiscan.rights.finding import Located, Overview
from piiscan.rights.identifiers import Person
from piiscan.rights.reading import Message, read_messages
from piiscan.scanning import Scanner
from piiscan.store import Store, StoredObject
from piiscan.sweeping import Settings, root_id

__all__ = ["Reading", "files_of", "read", "roots_of"]

CARRIED = re.compile(r"#(\d+)!/")  # follows the location of a mailbox; a mail has message 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The person's messages as they are now, and what the store knows that is not there."""

    messages: tuple[Message, ...]
    lost: tuple[Located, ...]

    @property
    def paths(self) -> dict[bytes, tuple[str, ...]]:
        """Id of the object -> the paths that a glob may fit."""
        return {message.object: message.paths for message in self.messages}


def roots_of(
    store: Store, owners: Iterable[StoredObject], paths: Sequence[str], *, key: bytes
) -> dict[tuple[str, ...], list[StoredObject]]:
    """Return what was swept together -> objects in it.

    Args:
        store: Of the archive.
        owners: The objects.
        paths: What the user named; where nothing was named, the store is asked.
        key: Of the store.

    Raises:
        StoreError: The archive is not where it was swept.

    """
    known = set(store.root_ids().values())
    if paths:
        for path in paths:
            if root_id(path, key) not in known:
                raise StoreError(
                    f"`{path}` is not what was swept into `{store.path}`\n\n"
                    "hint: name the same folders and files as for the sweep"
                )
        return {tuple(paths): list(owners)}
    swept = {run.id: run.roots for run in store.sweeps()}
    grouped: dict[tuple[str, ...], list[StoredObject]] = {}
    for owner in owners:
        grouped.setdefault(swept[owner.sweep], []).append(owner)
    for roots in grouped:
        for root in roots:
            if not os.path.lexists(root) or root_id(root, key) not in known:
                raise StoreError(
                    f"the archive of store `{store.path}` is not where it was swept\n\n"
                    "hint: name its folders and files after the command"
                )
    return grouped


def read(
    store: Store,
    person: Person,
    overview: Overview,
    paths: Sequence[str],
    *,
    scanner: Scanner,
    key: bytes,
    names: bool,
    texts: bool = True,
    profiles: Sequence[tuple[str, str]] = (),
    skip: Sequence[Path] = (),
) -> Reading:
    """Read the person's messages again.

    Args:
        store: Of the archive.
        person: Whose.
        overview: Where the store says that they are.
        paths: What was swept, if the user names it.
        scanner: With the key of the store, every detector and every confidence.
        key: Of the store.
        names: What several people share counts alone.
        texts: Read the fields too, and not only where the messages are.
        profiles: Further profiles, as for the sweep.
        skip: Files that are never read.

    """
    found: list[Message] = []
    everything = bool(person.tokens)  # the store does not know where tokens stand
    owners = {owner.id: owner for owner in store.objects()} if everything else _nested(store)
    owners |= {one.owner.id: one.owner for one in overview.located}
    wanted = owners.values() if everything else [one.owner for one in overview.located]
    for names_of_roots, holders in roots_of(store, wanted, paths, key=key).items():
        opened = {_top(owners, owner).ident for owner in holders}
        carried = _attachments(owners.values(), overview.located) if texts else {}
        found += read_messages(
            person,
            Settings(names_of_roots, profiles=tuple(profiles)),
            scanner=scanner,
            files=opened,
            objects={*carried, *(owner.ident for owner in holders)} if texts or everything else (),
            names=names,
            attached=carried,
            skip=[os.fspath(path) for path in skip],
        )
    return Reading(tuple(found), tuple(_lost(overview.located, found, texts=texts)))


def _lost(
    located: Iterable[Located], messages: Iterable[Message], *, texts: bool
) -> Iterator[Located]:
    """Yield what was not found again, or has no text any more."""
    seen: set[tuple[bytes, int | None]] = set()
    whole: set[bytes] = set()
    for message in messages:
        if message.attached:
            whole.add(message.object)
        elif message.fields or not texts:
            seen.add((message.object, message.number))
    for one in located:
        ident = one.owner.ident
        if ident not in whole and (ident, one.message.number) not in seen:
            yield one


def _attachments(owners: Iterable[StoredObject], located: Iterable[Located]) -> dict[bytes, str]:
    """Return id of the attachments of messages, and what is in them -> place of the message."""
    places = {
        (one.owner.id, one.message.number): one.place
        for one in located
        if one.message.number is not None
    }
    known = {owner.id: owner for owner in owners}
    found: dict[int, str] = {}

    def carrier(owner: StoredObject) -> str:
        if owner.parent is None:
            return ""
        if owner.id not in found:
            parent = known[owner.parent]
            number = CARRIED.match(owner.loc, len(parent.loc))
            message = (parent.id, int(number[1]) if number else 0)
            own = places.get(message, "") if parent.messages else ""
            found[owner.id] = own or carrier(parent)
        return found[owner.id]

    return {owner.ident: place for owner in known.values() if (place := carrier(owner))}


def files_of(store: Store) -> dict[bytes, bytes]:
    """Return id of an entry or attachment -> id of the file that it lies in."""
    owners = _nested(store)
    return {owner.ident: _top(owners, owner).ident for owner in owners.values()}


def _nested(store: Store) -> dict[int, StoredObject]:
    """Return the objects that lie in others, and those that hold some."""
    holders = store.parents()
    return {
        owner.id: owner
        for owner in store.objects()
        if owner.parent is not None or owner.id in holders
    }


def _top(owners: dict[int, StoredObject], owner: StoredObject) -> StoredObject:
    """Return the file that an entry lies in."""
    while owner.parent is not None:
        owner = owners[owner.parent]
    return owner
