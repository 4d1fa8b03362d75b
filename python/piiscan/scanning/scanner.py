"""Finding personal data in text: with a scanner of one's own, or with the defaults."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from piiscan import _core
from piiscan.errors import PolicyError
from piiscan.findings import MEDIUM, Catalog, Findings
from piiscan.scanning.catalog import REFERENCE_DATE, detector_of, select_detectors
from piiscan.scanning.lexicons import Lexicon, LexiconSource, read_lexicons

__all__ = ["Scanner", "scan", "scan_batch"]


class Scanner:
    """Finds personal data in text. Immutable; threads may share it.

    Scanning releases the interpreter.

    Args:
        detectors: Globs over detector ids and categories; all if None.
        locales: Countries whose numbers count without a context word.
        reference_date: Latest date that a date of birth may have; it also decides centuries.
        min_digits: Shortest run of digits that is a long number.
        strict: Long numbers stay long numbers where an ordinary reading, such as a date, would
            excuse them.
        grouped: Long numbers may be written in groups.
        norway_2032: Norwegian numbers may follow the rule for check digits of 2032; from that year
            on if None.
        explain: The attribute `context` tells where the nearest context word stands: `adjacent`,
            `before`, `after` or `none`.
        minimum: `LOW`, `MEDIUM` or `HIGH`: findings less sure than this are left out.
        key: 32 bytes that make fingerprints; without it they are empty.
        lexicons: Further lexicons: paths, or pairs of name and TOML text.

    Raises:
        PolicyError: A detector, locale or lexicon is wrong.

    """

    __slots__ = ("_catalog", "_core", "_key_id", "_minimum", "_own", "_undated", "_undated_digest")

    def __init__(
        self,
        *,
        detectors: Sequence[str] | None = None,
        locales: Sequence[str] = ("SE", "FI"),
        reference_date: date | None = None,
        min_digits: int = 7,
        strict: bool = False,
        grouped: bool = True,
        norway_2032: bool | None = None,
        explain: bool = False,
        minimum: int = MEDIUM,
        key: bytes | None = None,
        lexicons: Sequence[LexiconSource] = (),
    ) -> None:
        own = read_lexicons(lexicons)
        self._own = {name for name, _ in own}
        self._undated = partial(
            _core.Scanner,
            detectors=None if detectors is None else select_detectors(detectors),
            locales=locales,
            min_digits=min_digits,
            strict=strict,
            grouped=grouped,
            norway_2032=norway_2032,
            lexicons=own,
        )
        day = reference_date or REFERENCE_DATE
        self._core = self._undated(reference_date=day.isoformat(), key=key, explain=explain)
        self._catalog: Catalog = {
            row.id: (row.category, row.legal_class)
            for row in map(detector_of, self._core.detectors)
        }
        self._undated_digest = ""
        self._key_id = self._core.key_id or ""
        self._minimum = minimum

    def scan(self, text: str) -> Findings:
        """Return the findings of `text`."""
        return Findings(
            self._core.scan(text), self._catalog, minimum=self._minimum, key_id=self._key_id
        )

    def scan_batch(self, texts: object) -> Findings:
        """Return the findings of many texts; the column `field` is the place of the text.

        Args:
            texts: A sequence of strings, or anything that exports one Arrow string column.

        Raises:
            TypeError: `texts` is neither.

        """
        if hasattr(texts, "__arrow_c_stream__"):
            block = self._core.scan_arrow(texts)
        elif isinstance(texts, str):
            raise TypeError("scan_batch takes many texts\n\nhint: scan(text) takes one")
        elif isinstance(texts, Iterable):
            block = self._core.scan_batch(texts if isinstance(texts, list) else list(texts))
        else:
            raise TypeError(f"scan_batch takes a sequence of strings, not `{type(texts).__name__}`")
        return Findings(block, self._catalog, minimum=self._minimum, key_id=self._key_id)

    def ident(self, name: bytes) -> bytes:
        """Return the 8 bytes by which a store knows a case id or Message-ID.

        Args:
            name: As the archive has it.

        Raises:
            PolicyError: The scanner has no key.

        """
        found = self._core.ident(name)
        if found is None:
            raise PolicyError("a scanner without a key knows no ids")
        return found

    @property
    def catalog(self) -> Catalog:
        """Category and legal class of every detector of this scanner."""
        return self._catalog

    @property
    def key_id(self) -> str:
        """Name of the key; empty without one."""
        return self._key_id

    @property
    def digest(self) -> str:
        """Digest of engine, options, detectors and lexicons: equal digests, equal findings."""
        return self._core.digest

    def undated_digest(self) -> str:
        """Return the digest without the reference date.

        A file that has not changed was right to scan with the date of its day: it is not read again
        every day.
        """
        if not self._undated_digest:  # another scanner: made once, since it takes its time
            self._undated_digest = self._undated(reference_date=REFERENCE_DATE.isoformat()).digest
        return self._undated_digest

    @property
    def detectors_digest(self) -> str:
        """Digest of the detectors and their options."""
        return self._core.detectors_digest

    @property
    def lexicon_digest(self) -> str:
        """Digest of the lexicons."""
        return self._core.lexicon_digest

    @property
    def lexicons(self) -> tuple[Lexicon, ...]:
        """Every lexicon, the shipped ones first."""
        return tuple(Lexicon(*row, row[0] in self._own) for row in self._core.lexicons)

    def file_ident(self, name: bytes) -> bytes:
        """Return the keyed id of a file: what the store knows of it.

        Args:
            name: Its path below its root; of several roots after the name of its own.

        Raises:
            PolicyError: The scanner has no key.

        """
        found = self._core.file_ident(name)
        if found is None:
            raise PolicyError("a scanner without a key knows no ids")
        return found

    def explain(self, text: str) -> list[dict[str, Any]]:
        """Return every place where a term of a lexicon stood in `text`, and what became of it.

        A record has `term category mode span weight contexts`; then `score confidence reading
        negated`, and `alert` if the term has one, of a finding; or `reason` of none. Spans count
        bytes. No record holds text.
        """
        return self._core.explain(text)

    @property
    def core(self) -> _core.Scanner:
        """The compiled scanner, for `events`."""
        return self._core

    def __repr__(self) -> str:
        return f"<Scanner: {len(self._catalog)} detectors, {self.digest[:8]}>"


@cache
def _default() -> Scanner:
    return Scanner()


def scan(text: str) -> Findings:
    """Return the findings of `text`, with every detector and no key.

    >>> import piiscan
    >>> [finding.detector for finding in piiscan.scan("Mejla kim@example.org, tack.")]
    ['email']
    """
    return _default().scan(text)


def scan_batch(texts: object) -> Findings:
    """Return the findings of many texts, with every detector and no key."""
    return _default().scan_batch(texts)
