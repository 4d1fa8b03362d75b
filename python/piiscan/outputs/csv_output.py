"""CSV for spreadsheets: a row a finding; the ledger goes to a second file.

A cell that a spreadsheet would run as a formula gets a `'` in front. That is one-way: the cell is
for reading. Swedish and Finnish spreadsheets expect `;` between cells.
"""

import csv
from collections.abc import Iterable
from typing import IO

import msgspec

from piiscan.outputs.records import finding_record
from piiscan.outputs.result import Result

__all__ = ["SafeTable", "write", "write_coverage"]

COLUMNS = (
    "object",
    "loc",
    "key",
    "message",
    "role",
    "path",
    "channel",
    "sent",
    "detector",
    "category",
    "class",
    "confidence",
    "start",
    "end",
    "raw_start",
    "raw_end",
    "ranges",
    "attributes",
    "fingerprint",
)
COVERAGE = (
    "loc",
    "status",
    "reason",
    "format",
    "profile",
    "messages",
    "scanned",
    "lossy",
    "not_scanned",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def write(result: Result, stream: IO[str]) -> None:
    """Write a row for every finding."""
    columns = (*COLUMNS, "value") if result.value else COLUMNS
    into = SafeTable(stream, columns, locale=result.locale, bom=result.bom)
    for owner in result.store.objects():
        if not owner.findings:
            continue
        for row in result.store.rows(owner):
            record = finding_record(result, owner, row)
            record["start"], record["end"] = row.start, row.end
            record["raw_start"], record["raw_end"] = row.raw_start, row.raw_end
            record["attributes"] = msgspec.json.encode(row.attributes).decode()
            into.row(record.get(column, "") for column in columns)


def write_coverage(result: Result, stream: IO[str]) -> None:
    """Write the ledger."""
    into = SafeTable(stream, COVERAGE, locale=result.locale, bom=result.bom)
    for owner in result.ledger():
        into.row(getattr(owner, column) for column in COVERAGE)


class SafeTable:
    """Rows with safe cells.

    Args:
        stream: Gets the head now and the rows later.
        columns: The head.
        locale: Decides the separator.
        bom: Start with a byte order mark.

    """

    def __init__(
        self, stream: IO[str], columns: tuple[str, ...], *, locale: str = "en", bom: bool = False
    ) -> None:
        separator = ";" if locale.startswith(("sv", "fi")) else ","
        if bom:
            stream.write("\ufeff")
        self._writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
        self._writer.writerow(columns)

    def row(self, cells: Iterable[object]) -> None:
        """Write a row."""
        self._writer.writerow([_safe(cell) for cell in cells])


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return cell
