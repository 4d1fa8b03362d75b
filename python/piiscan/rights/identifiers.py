"""Who the person is: identifiers as fingerprints, so that a store is searched without values.

One identifier a line, with its type before a colon or without: `personnummer: 811218-9876`,
`kim.example@example.org`. The line is scanned twice, whole and without its type, and every reading
counts: a number may be found as one type beside a context word and as another without.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from piiscan.errors import PolicyError
from piiscan.findings import mask
from piiscan.scanning import Scanner

__all__ = ["SHARED", "Identifier", "Person", "read_person", "read_values", "refuse_values"]

SHARED = frozenset({"person-name", "street-address", "date-of-birth"})
"""Kinds that several people have in common: evidence only beside another identifier."""

TYPES: dict[str, tuple[str, ...]] = {
    "personnummer": ("se-personnummer",),
    "samordningsnummer": ("se-personnummer",),
    "hetu": ("fi-hetu",),
    "henkilotunnus": ("fi-hetu",),
    "personbeteckning": ("fi-hetu",),
    "fodselsnummer": ("no-fodselsnummer",),
    "cpr": ("dk-cpr",),
    "kennitala": ("is-kennitala",),
    "email": ("email",),
    "e-post": ("email",),
    "phone": ("phone",),
    "telefon": ("phone",),
    "puhelin": ("phone",),
    "name": ("person-name",),
    "namn": ("person-name",),
    "nimi": ("person-name",),
    "address": ("street-address",),
    "adress": ("street-address",),
    "osoite": ("street-address",),
    "born": ("date-of-birth",),
    "ip": ("ip-address",),
    "profile": ("profile-url",),
    "iban": ("iban",),
    "case": ("case-number",),
}
"""Type before a colon -> detectors; the id of any detector is a type too."""

WORDS = {"name": "Namn", "nimi": "Nimi", "born": "Född", "address": "Adress", "cpr": "CPR-nummer"}
"""Words that a detector knows, for types that are none."""

HARMLESS = {*SHARED, "case-number", "long-number", "se-organisationsnummer", "fi-y-tunnus"}
"""Kinds that the name of an official, a case or a body may be taken for."""

FOREIGN = {"art9", "art10", "protected"}  # classes of words, which tell nobody apart


@dataclass(frozen=True, slots=True)
class Identifier:
    """One reading of an identifier."""

    detector: str
    fingerprint: bytes
    masked: str


@dataclass(frozen=True, slots=True)
class Person:
    """A data subject: identifiers, no value."""

    identifiers: tuple[Identifier, ...]
    key_id: str
    tokens: frozenset[str] = frozenset()  # pseudonyms that may stand for them, in lower case

    @property
    def digests(self) -> frozenset[bytes]:
        """Every fingerprint."""
        return frozenset(one.fingerprint for one in self.identifiers)

    @property
    def names(self) -> list[str]:
        """Every fingerprint with the name of its key, as holds and logs write them."""
        return sorted(f"{self.key_id}:{digest.hex()}" for digest in self.digests)

    @property
    def shown(self) -> list[str]:
        """The identifiers, masked."""
        return sorted({one.masked for one in self.identifiers})

    def is_meant(self, found: Iterable[bytes], *, names: bool) -> bool:
        """Return whether fingerprints found together are enough to mean this person.

        Args:
            found: Fingerprints in one message.
            names: What several people share counts alone.

        """
        present = set(found)
        kinds = {one.detector for one in self.identifiers if one.fingerprint in present}
        return bool(kinds - SHARED) or len(kinds) > 1 or (names and bool(kinds))


def read_person(text: str, scanner: Scanner) -> Person:
    """Return the person that identifiers name.

    Args:
        text: One identifier a line; lines that are empty or start with `#` are left out.
        scanner: With the key of the store, and every confidence.

    Raises:
        PolicyError: A line holds no identifier, or there is none: says which line only.

    """
    found = {(one.detector, one.fingerprint): one for one, _ in _identified(text, scanner)}
    return Person(tuple(found.values()), scanner.key_id)


def read_values(text: str, scanner: Scanner) -> set[tuple[str, str]]:
    """Return the identifiers themselves, with their detectors, to make pseudonyms of.

    Args:
        text: As for `read_person`.
        scanner: As for `read_person`.

    Raises:
        PolicyError: As `read_person`.

    """
    return {(one.detector, value) for one, value in _identified(text, scanner)}


def _identified(text: str, scanner: Scanner) -> list[tuple[Identifier, str]]:
    found: list[tuple[Identifier, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip().removeprefix("\ufeff")
        if not stripped or stripped.startswith("#"):
            continue
        mine = list(_readings(stripped, scanner))
        if not mine:
            raise PolicyError(
                f"line {number} of the identifiers holds none that piiscan knows\n\n"
                "hint: say what it is, as in `name: ...`; piiscan detectors list"
            )
        found += mine
    if not found:
        raise PolicyError("no identifier was given\n\nhint: one a line, as in `email: ...`")
    return found


def refuse_values(scanner: Scanner, **texts: str) -> None:
    """Refuse free texts that would carry a value into a log.

    Args:
        scanner: Any.
        **texts: Option -> text.

    Raises:
        PolicyError: A text holds a number or address of a person.

    """
    for option, text in texts.items():
        for finding in scanner.scan(text):
            law = scanner.catalog[finding.detector][1]
            if law == "ordinary" and finding.detector not in {
                *SHARED,
                "case-number",
                "long-number",
            }:
                raise PolicyError(
                    f"--{option} holds a value ({finding.detector}), and logs hold none\n\n"
                    "hint: say it without, and refer to the case"
                )


def _readings(line: str, scanner: Scanner) -> Iterator[tuple[Identifier, str]]:
    word, colon, value = line.partition(":")
    kind = word.strip().casefold()
    wanted = TYPES.get(kind, (kind,) if kind in scanner.catalog else ())
    if not colon or not wanted:
        yield from _of(line, scanner, ())
        return
    context = WORDS.get(kind, word.strip())
    value = value.strip()
    yield from _of(value, scanner, wanted)
    yield from _of(f"{context}: {value}", scanner, wanted)


def _of(text: str, scanner: Scanner, wanted: tuple[str, ...]) -> Iterator[tuple[Identifier, str]]:
    findings = scanner.scan(text)
    for finding, value in zip(findings, findings.values(text), strict=True):
        digest = bytes.fromhex(finding.fingerprint.partition(":")[2])
        ordinary = scanner.catalog[finding.detector][1] not in FOREIGN
        fits = not wanted or finding.detector in {*wanted, "long-number"}
        if ordinary and fits and any(digest):
            shown = mask(finding.detector, finding.end - finding.start, finding.fingerprint)
            yield Identifier(finding.detector, digest, shown), value
