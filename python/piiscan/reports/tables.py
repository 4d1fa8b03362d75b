"""What a report holds before it has a form: facts and tables, with titles in one language.

HTML adds sentences and charts to them; JSON, CSV and XLSX write them as they are. Nothing here
holds a value of an archive: cells are counts, kinds, times, digests and masked places.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeAlias, TypeVar

from markupsafe import Markup

from piiscan.reports.words import Words

__all__ = ["LISTED", "Cell", "Column", "Content", "Kind", "Sheet", "Table"]

T = TypeVar("T")

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


class Sheet(Generic[T]):
    """A table in the making: each column says in one line what it is and what stands in its cells.

    Args:
        things: What the rows are about.

    """

    def __init__(self, things: Iterable[T]) -> None:
        self._things = list(things)
        self._columns: list[Column] = []
        self._cells: list[Callable[[T], Cell]] = []

    def column(
        self, name: str, title: str, cell: Callable[[T], Cell], kind: Kind = "text"
    ) -> "Sheet[T]":
        """Add a column and return the sheet.

        Args:
            name: In JSON and CSV.
            title: For people, in the language of the report.
            cell: What of a thing stands there.
            kind: How it is shown.

        """
        self._columns.append(Column(name, title, kind))
        self._cells.append(cell)
        return self

    def table(self, caption: str, *, more: int = 0) -> Table:
        """Return the table.

        Args:
            caption: In the language of the report.
            more: Rows that the report does not hold.

        """
        rows = [tuple(cell(thing) for cell in self._cells) for thing in self._things]
        return Table(caption, tuple(self._columns), rows, more)


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
