"""What a report holds before it has a form: facts and tables, with titles in one language.

HTML adds sentences and charts to them; JSON, CSV and XLSX write them as they are. Nothing here
holds a value of an archive: cells are counts, kinds, times, digests and masked places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from markupsafe import Markup

from piiscan.reports.words import Words

__all__ = ["LISTED", "Cell", "Column", "Content", "Kind", "Table"]

LISTED = 500  # rows of a table on a page; the other forms have all that the report holds

Kind: TypeAlias = Literal[
    "text",
    "own",
    "said",
    "reason",
    "term",
    "clock",
    "period",
    "number",
    "bytes",
    "day",
    "time",
    "rate",
    "code",
]
Cell: TypeAlias = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Cells of kind `own` are text in piiscan's own language, English, whatever the report's, and
    those of kind `said` in the policy's; those of kind `reason` are sentences of a check. Ids are
    of kind `term` or `clock`, and shown by their names.
    """

    name: str  # in JSON and CSV
    title: str  # for people, in the language of the report
    kind: Kind = "text"

    @property
    def numeric(self) -> bool:
        """Whether its cells stand at the right."""
        return self.kind in {"number", "bytes", "rate"}

    @property
    def look(self) -> str:
        """How its cells are set: numbers at the right, days in one line, places broken anywhere."""
        if self.numeric:
            return "n"
        return {"day": "d", "text": "any", "code": "any"}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; the first cell of a row is its head."""

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    more: int = 0  # rows that the report does not hold

    def records(self) -> list[dict[str, Cell]]:
        """Return the rows by the names of their columns."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def of(self, head: Cell) -> "Table":
        """Return the rows with this head, without it: a part of a table of several papers."""
        rows = [row[1:] for row in self.rows if row[0] == head]
        return Table(self.caption, self.columns[1:], rows)


@dataclass(frozen=True, slots=True)
class Content:
    """A report without its form; the first table is the one that CSV shows first."""

    kind: str
    title: str
    words: Words
    facts: Mapping[str, object]
    tables: Mapping[str, Table]
    charts: Mapping[str, Markup] = field(default_factory=dict)
    whole: bool = True  # nothing was left unscanned that it speaks of

    def __repr__(self) -> str:
        return f"<Content: {self.kind}, {self.words.locale}, {len(self.tables)} tables>"
