"""Quasi-identifiers: facts that name nobody alone, but may single somebody out together.

A cluster is {date of birth or age} + {street, postcode, place or property} + {a role, a school, or
a rare condition or circumstance} in one message, or in the messages of one author. Evidence of low
confidence counts here, since ages, postcodes and roles alone are never more than that. Roles and
schools are findings of `person-name` with such a kind. A condition is what the lexicons of health,
genetic data and social services find; it is rare if fewer than `RARE` messages of the archive speak
of it. An author is known by a finding in the sender's field.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from piiscan.findings import MEDIUM
from piiscan.store import Store, StoredObject
from piiscan.store.blocks import ROLES
from piiscan.store.messages import Batch

__all__ = ["RARE", "Clusters", "find_clusters"]

RARE = 10  # messages
AGE, PLACE, CONDITION = 1, 2, 4
ALL = AGE | PLACE | CONDITION
PARTS = {"date-of-birth": AGE, "street-address": PLACE, "property-designation": PLACE}
CONDITIONS = {"health", "genetic", "social-services"}
NAMES = "person-name"
STANDINGS = {"role", "school"}  # kinds of what is found with the names of people
SENDER = ROLES.index("sender")

Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Clusters:
    """How many clusters there are, and where."""

    messages: int = 0
    sure: int = 0  # of the messages: those whose evidence is at least of medium confidence
    authors: int = 0  # whose messages hold all parts together
    by_object: dict[str, int] = field(default_factory=dict)  # loc -> messages


def find_clusters(store: Store) -> Clusters:
    """Return the clusters of a store."""
    kinds = _kinds(store)
    names = [n for n, (name, _, _law) in store.detector_rows.items() if name == NAMES]
    contacts = [
        n for n, (_, category, _law) in store.detector_rows.items() if category == "contact"
    ]
    rare = _rare(store, {number for number, part in kinds.items() if part == CONDITION})
    messages, sure = 0, 0
    by_author: dict[bytes, int] = {}
    by_object: Counter[str] = Counter()
    for owners, batch in _batches(store):
        bits = _bits(batch, kinds, rare) | _standings(batch, names)
        whole = np.flatnonzero(_sums(batch, bits, batch.message >= 0) == ALL)
        certain = (batch.message >= 0) & (batch.records["confidence"] >= MEDIUM)
        messages += len(whole)
        sure += int(np.count_nonzero(_sums(batch, bits, certain) == ALL))
        places = batch.messages["object"][whole].tolist()
        by_object.update(owners[at].loc for at in places)
        for author, held in _authors(batch, bits, contacts):
            by_author[author] = by_author.get(author, 0) | held
    return Clusters(
        messages=messages,
        sure=sure,
        authors=sum(held == ALL for held in by_author.values()),
        by_object=dict(sorted(by_object.items())),
    )


def _batches(store: Store) -> Iterator[tuple[list[StoredObject], Batch]]:
    return store.batches(owner for owner in store.objects() if owner.findings)


def _kinds(store: Store) -> dict[int, int]:
    """Return for the numbers of detectors the part of a cluster that they are evidence of."""
    return {
        number: CONDITION if name in CONDITIONS else PARTS.get(name, 0)
        for number, (name, _category, _law) in store.detector_rows.items()
    }


def _rare(store: Store, conditions: set[int]) -> set[str]:
    """Return the terms that few messages hold."""
    counts: Counter[str] = Counter()
    for _, batch in _batches(store):
        chosen = np.isin(batch.records["detector"], list(conditions)) & (batch.message >= 0)
        pairs = np.column_stack([batch.message[chosen], batch.attributes[chosen]])
        terms = {
            (int(message), _term(batch, int(number)))
            for message, number in np.unique(pairs, axis=0).tolist()
        }
        counts.update(term for _, term in terms)
    return {term for term, count in counts.items() if count < RARE}


def _term(batch: Batch, number: int) -> str:
    return str(batch.attribute_sets[number].get("term", ""))


def _bits(batch: Batch, kinds: dict[int, int], rare: set[str]) -> Bits:
    """Return for each finding the part that it is evidence of, 0 for none."""
    table = np.zeros(256, dtype=np.uint8)  # the records number detectors in one byte
    for number, part in kinds.items():
        table[number] = part
    bits: Bits = table[batch.records["detector"]]
    common = np.array(
        [_term(batch, number) not in rare for number in range(len(batch.attribute_sets))],
        dtype=np.bool_,
    )
    if len(common):
        bits[(bits == CONDITION) & common[batch.attributes]] = 0
    return bits


def _standings(batch: Batch, names: list[int]) -> Bits:
    """Return for each finding whether it is a role or a school, as the third part."""
    kinds = [attributes.get("kind") in STANDINGS for attributes in batch.attribute_sets]
    bits: Bits = np.array(kinds or [False], dtype=np.uint8)[batch.attributes] * np.uint8(CONDITION)
    bits[~np.isin(batch.records["detector"], names)] = 0
    return bits


def _sums(batch: Batch, bits: Bits, chosen: npt.NDArray[np.bool_]) -> Bits:
    """Return for each message what its chosen findings are evidence of."""
    sums: Bits = np.zeros(len(batch.messages), dtype=np.uint8)
    np.bitwise_or.at(sums, batch.message[chosen], bits[chosen])
    return sums


def _authors(batch: Batch, bits: Bits, contacts: list[int]) -> Iterator[tuple[bytes, int]]:
    """Yield for messages with evidence the fingerprint of their author, and the evidence.

    A contact detail stands for the author before a name does, since names are shared.
    """
    held = _sums(batch, bits, batch.message >= 0)
    senders = np.flatnonzero((batch.roles == SENDER) & (batch.message >= 0))
    senders = senders[held[batch.message[senders]] > 0]
    other = ~np.isin(batch.records["detector"][senders], contacts)
    order = np.lexsort((senders, other, batch.message[senders]))
    owners, first = np.unique(batch.message[senders][order], return_index=True)
    for message, at in zip(owners.tolist(), senders[order][first].tolist(), strict=True):
        author = batch.records["fingerprint"][at].tobytes()
        if any(author):  # zeros: scanned without a key
            yield author, int(held[message])
