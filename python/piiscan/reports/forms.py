"""The forms of a report beside the page: JSON, CSV, XLSX, PDF.

JSON and CSV are for programs: names of columns and ids as they are, dates in ISO 8601. XLSX and PDF
are for people, in the language of the report; their libraries are extras, and are loaded when they
are asked for. A cell that a spreadsheet would run as a formula gets a `'` in front.
"""

import csv
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib import import_module
from io import BytesIO, StringIO
from types import ModuleType

import msgspec

from piiscan.errors import PiiscanError
from piiscan.reports import page
from piiscan.reports.tables import Cell, Content, Table

__all__ = ["FORMS", "form_of", "rows_of"]

SCHEMA = 1
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
WIDEST = 60  # characters of a column in a spreadsheet


def form_of(suffix: str) -> str:
    """Return the form that the suffix of a file's name asks for: HTML unless it names another.

    Args:
        suffix: With its dot.

    """
    name = suffix.lower().removeprefix(".")
    return name if name in FORMS else "html"


def _html(content: Content) -> bytes:
    return page.render(content).encode()


def _json(content: Content) -> bytes:
    record = {
        "schema": SCHEMA,
        "report": content.kind,
        "locale": content.words.locale,
        "title": content.title,
        "complete": content.whole,
        "facts": content.facts,
        "tables": {
            name: {"caption": table.caption, "more": table.more, "rows": table.records()}
            for name, table in content.tables.items()
        },
    }
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def _csv(content: Content) -> bytes:
    return rows_of(content, next(iter(content.tables)))


def rows_of(content: Content, name: str) -> bytes:
    """Return one table as CSV.

    Args:
        content: The report.
        name: Of the table.

    """
    table = content.tables[name]
    separator = "," if content.words.locale == "en" else ";"
    stream = StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return stream.getvalue().encode()


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def _xlsx(content: Content) -> bytes:
    library = _extra("xlsxwriter", "xlsx")
    stream = BytesIO()
    book = library.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": content.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 - the library wants no zone; the same input gives the same bytes
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    for name, table in content.tables.items():
        sheet = book.add_worksheet(name[:31])
        sheet.write_string(0, 0, table.caption, book.add_format({"bold": True}))
        for at, column in enumerate(table.columns):
            sheet.set_column(at, at, _width(content, table, at))
            sheet.write_string(2, at, column.title, head)
        sheet.freeze_panes(3, 1)
        for down, row in enumerate(table.rows, start=3):
            for at, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
                if isinstance(cell, date) and not isinstance(cell, datetime):
                    sheet.write_datetime(down, at, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 - a day
                elif isinstance(cell, int | float):
                    sheet.write_number(down, at, cell, body)
                elif cell is not None and cell != "":
                    sheet.write_string(
                        down, at, str(_plain(page.shown(content.words, cell, column))), body
                    )
    book.close()
    return stream.getvalue()


def _width(content: Content, table: Table, at: int) -> int:
    column = table.columns[at]
    longest = max(
        (len(page.shown(content.words, row[at], column)) for row in table.rows[:200]), default=0
    )
    return min(WIDEST, max(10, len(column.title) + 2, longest + 2))


def _pdf(content: Content) -> bytes:
    library = _extra("weasyprint", "report-pdf")
    document = library.HTML(string=page.render(content), url_fetcher=_refuse)
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1"))


def _refuse(address: str, *_: object, **__: object) -> Mapping[str, object]:
    raise ValueError(f"a report asks for {len(address)} characters of address; it must not")


def _extra(module: str, extra: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError:
        raise PiiscanError(
            f"this form needs `{module}`, which is not installed\n\n"
            f"hint: pip install 'piiscan-nordic[{extra}]'"
        ) from None


FORMS: Mapping[str, Callable[[Content], bytes]] = {
    "html": _html,
    "json": _json,
    "csv": _csv,
    "xlsx": _xlsx,
    "pdf": _pdf,
}
