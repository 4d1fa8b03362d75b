"""The copy of a message for the person it concerns: their own values stay, others' are masked.

A value of somebody else that was found once is masked wherever the copy holds it again, found there
or not. What stays: words about health, opinions and the like, which are what the message says, and
addresses and numbers of a department or a role, which are nobody's own.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from piiscan.findings import MEDIUM
from piiscan.policy.labels import label, language
from piiscan.rights.identifiers import Person
from piiscan.rights.reading import Field, Found, Message

__all__ = ["CopiedField", "Copy", "Withheld", "copy_messages"]

Kind: TypeAlias = Literal["plain", "own", "other"]

SHORT = 5  # characters: a shorter value of somebody else may be anybody's
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Values of one kind that were masked in a field."""

    place: str
    role: str
    category: str
    count: int


@dataclass(frozen=True, slots=True)
class CopiedField:
    """A field with the values of others masked."""

    role: str
    path: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """A message as the person may see it."""

    message: Message
    fields: tuple[CopiedField, ...]
    withheld: tuple[Withheld, ...]
    others: frozenset[bytes]  # fingerprints of values of others


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: Kind
    text: str = field(repr=False)
    found: Found | None = None


def copy_messages(
    messages: Sequence[Message],
    person: Person,
    *,
    locale: str,
    mask_path: Callable[[str], str],
) -> list[Copy]:
    """Return what the person may see of messages.

    Args:
        messages: All that go into the same copy.
        person: Whose values stay.
        locale: Of the words that stand for masked values.
        mask_path: Masks the values in the path of a field.

    """
    cut = [[(one, _pieces(one, person)) for one in message.fields] for message in messages]
    pieces = [piece for message in cut for _, parts in message for piece in parts]
    own = {piece.text.casefold() for piece in pieces if piece.kind == "own"}
    again = {
        piece.text: piece.found
        for piece in pieces
        if piece.kind == "other"
        and piece.found
        and piece.found.confidence >= MEDIUM
        and len(piece.text) >= SHORT
        and piece.text.casefold() not in own
    }
    lang = language(locale)
    mask_path = cache(mask_path)  # profiles have few paths
    return [
        _copied(message, parts, _Repeated(again), lang, mask_path)
        for message, parts in zip(messages, cut, strict=True)
    ]


class _Repeated:
    """Finds the values of others again."""

    def __init__(self, values: dict[str, Found]) -> None:
        self._found = {text.casefold(): found for text, found in values.items()}
        words = sorted(map(re.escape, values), key=len, reverse=True)
        self._pattern = (
            re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None
        )

    def split(self, piece: _Piece) -> Iterator[_Piece]:
        """Yield a plain piece in pieces."""
        at = 0
        if piece.kind == "plain" and self._pattern:
            for match in self._pattern.finditer(piece.text):
                found = self._found.get(match[0].casefold())
                yield _Piece("plain", piece.text[at : match.start()])
                yield _Piece("other", match[0], found)
                at = match.end()
        yield _Piece(piece.kind, piece.text[at:], piece.found)


def _pieces(one: Field, person: Person) -> list[_Piece]:
    data = one.text.encode(errors="replace")
    pieces: list[_Piece] = []
    at = 0
    for found, kind in _spans(one.findings, person):
        if found.end <= at:
            continue
        start = max(at, found.start)
        pieces.append(_Piece("plain", data[at:start].decode(errors="replace")))
        pieces.append(_Piece(kind, data[start : found.end].decode(errors="replace"), found))
        at = found.end
    return [*pieces, _Piece("plain", data[at:].decode(errors="replace"))]


def _spans(findings: Iterable[Found], person: Person) -> list[tuple[Found, Kind]]:
    """Return what is shown apart; where the person's value meets another's, both are masked."""
    spans: list[tuple[Found, Kind]] = []
    for found in sorted(findings, key=lambda one: (one.start, -one.end)):
        if found.legal_class != "ordinary" or found.office:
            continue
        kind: Kind = "own" if found.fingerprint in person.digests else "other"
        if spans and spans[-1][0].end > found.start:
            before, _ = spans[-1]
            if kind == spans[-1][1] == "own":
                continue
            whole = max(before.end, found.end)
            spans[-1] = (_widened(before, whole), "other")
            continue
        spans.append((found, kind))
    return spans


def _widened(found: Found, end: int) -> Found:
    return Found(
        found.start,
        end,
        found.detector,
        found.category,
        found.legal_class,
        found.confidence,
        found.fingerprint,
    )


def _copied(
    message: Message,
    parts: list[tuple[Field, list[_Piece]]],
    repeated: _Repeated,
    lang: str,
    mask_path: Callable[[str], str],
) -> Copy:
    fields: list[CopiedField] = []
    withheld: dict[tuple[str, str], int] = {}
    others: set[bytes] = set()
    for one, pieces in parts:
        shown: list[str] = []
        for piece in [part for each in pieces for part in repeated.split(each)]:
            if piece.kind != "other":
                shown.append(UNSAFE.sub("\ufffd", piece.text))
                continue
            if piece.found is None:  # every piece of others comes from a finding
                continue
            category = piece.found.category
            shown.append(label(piece.found.detector, category, lang=lang))
            withheld[one.role, category] = withheld.get((one.role, category), 0) + 1
            others.add(piece.found.fingerprint)
        text = "".join(shown)
        if text.strip():
            fields.append(CopiedField(one.role, mask_path(one.path), text))
    return Copy(
        message,
        tuple(fields),
        tuple(
            Withheld(message.place, role, category, count)
            for (role, category), count in withheld.items()
        ),
        frozenset(others),
    )
