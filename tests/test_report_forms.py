"""Forms of reports: JSON, CSV, XLSX and PDF hold what the page holds, and run nothing."""

import csv
import io
import json
import re
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from papers import KINDS, made, paper
from samples import Run
from test_leaks import leaked

import piiscan
from piiscan.errors import PiiscanError
from piiscan.reports import FORMS

EACH = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("papers"))


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


@EACH
def test_json_holds_facts_and_every_table(folder: Path, kind: str) -> None:
    made = paper(folder, kind)
    record = json.loads(made.write("json"))
    assert (record["schema"], record["report"], record["locale"]) == (1, kind, "en")
    assert set(record["tables"]) == set(made.content.tables)
    assert record["facts"].keys() == dict(made.content.facts).keys()
    for name, table in made.content.tables.items():
        assert len(record["tables"][name]["rows"]) == len(table.rows)


@EACH
def test_ids_and_numbers_are_the_same_in_every_language(folder: Path, kind: str) -> None:
    english, finnish = (
        json.loads(paper(folder, kind, locale).write("json")) for locale in ("en", "fi")
    )
    for name, table in english["tables"].items():
        for one, other in zip(table["rows"], finnish["tables"][name]["rows"], strict=True):
            assert one.keys() == other.keys()
            assert [value for value in one.values() if isinstance(value, int)] == [
                value for value in other.values() if isinstance(value, int)
            ]


@EACH
def test_csv_holds_the_first_table(folder: Path, kind: str) -> None:
    made = paper(folder, kind)
    table = next(iter(made.content.tables.values()))
    found = rows(made.write("csv").decode())
    assert len(found) == len(table.rows)
    assert list(found[0]) == [column.name for column in table.columns]


def test_csv_of_swedish_and_finnish_spreadsheets_has_semicolons(folder: Path) -> None:
    found = rows(paper(folder, "check", "sv-FI").write("csv").decode(), ";")
    assert found[0]["promise"] == "chatt-30-dagar"
    assert found[0]["since"] == "2026-10-03"


def test_other_tables_go_beside_the_first(folder: Path, tmp_path: Path) -> None:
    paper(folder, "check").save(tmp_path / "r.csv")
    names = {path.name for path in tmp_path.iterdir()}
    assert {"r.csv", "r.spots.csv", "r.holds.csv"} <= names
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_no_cell_is_a_formula(folder: Path, tmp_path: Path) -> None:
    for kind in KINDS:
        paper(folder, kind).save(tmp_path / f"{kind}.csv")
    cells = [
        cell
        for path in tmp_path.iterdir()
        for row in csv.reader(io.StringIO(path.read_text()))
        for cell in row
    ]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))]
    assert "'=cmd.txt" in cells
    assert "'=1+1 svara" in cells


@EACH
@pytest.mark.parametrize("locale", ["en", "fi"])
def test_xlsx_has_a_sheet_for_each_table_and_no_formula(
    folder: Path, kind: str, locale: str
) -> None:
    pytest.importorskip("xlsxwriter")
    made = paper(folder, kind, locale)
    with zipfile.ZipFile(io.BytesIO(made.write("xlsx"))) as book:
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        text = "".join(book.read(name).decode() for name in book.namelist())
    assert len(names) == len(made.content.tables)
    assert "<f>" not in text
    assert not leaked(text)


def test_xlsx_is_the_same_every_time(folder: Path) -> None:
    pytest.importorskip("xlsxwriter")
    assert paper(folder, "ropa").write("xlsx") == paper(folder, "ropa").write("xlsx")


def streams(written: bytes) -> list[bytes]:
    """The parts of a PDF that are packed, unpacked."""
    packed = re.findall(rb"stream\n(.*?)\nendstream", written, re.DOTALL)
    return [zlib.decompress(part) for part in packed if part.startswith(b"x")]


@pytest.mark.parametrize("kind", ["check", "disposal"])
def test_pdf_is_tagged_for_screen_readers(folder: Path, kind: str) -> None:
    pytest.importorskip("weasyprint")
    written = paper(folder, kind, "sv-SE").write("pdf")
    assert written == paper(folder, kind, "sv-SE").write("pdf")
    parts = [written, *streams(written)]
    for mark in (b"pdfuaid:part", b"StructTreeRoot", b"/TH", b"/Lang"):
        assert any(mark in part for part in parts), mark


@pytest.mark.parametrize(("form", "module"), [("xlsx", "xlsxwriter"), ("pdf", "weasyprint")])
def test_a_form_whose_library_is_absent_says_how_to_get_it(
    folder: Path, form: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PiiscanError, match=r"hint: pip install 'piiscan-nordic\["):
        paper(folder, "check").write(form)


def test_an_unknown_form_is_named(folder: Path) -> None:
    with pytest.raises(ValueError, match="docx"):
        paper(folder, "check").write("docx")


@pytest.mark.parametrize("form", ["html", "json", "csv"])
def test_the_name_of_the_file_decides_the_form(folder: Path, tmp_path: Path, form: str) -> None:
    made = paper(folder, "check")
    made.save(tmp_path / f"r.{form}")
    assert (tmp_path / f"r.{form}").read_bytes() == made.write(form)


def test_the_command_writes_every_kind_and_form(run: Run, folder: Path, tmp_path: Path) -> None:
    for kind in (*KINDS, "gallring"):
        for form in set(FORMS) - {"xlsx", "pdf"}:
            done = run(
                "report", kind, "--store", str(folder / "s.db"), "--now", "2026-11-22T09:30:00Z",
                "--policy", str(folder / "policy.toml"), "--locale", "sv-FI",
                "-o", f"{kind}.{form}",
            )  # fmt: skip
            assert done.code in {0, 3}, done.err
            assert (tmp_path / f"{kind}.{form}").stat().st_size > 80


def test_a_report_of_a_notebook_is_that_of_the_command(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    run(
        "report", "check", "--store", str(folder / "s.db"), "--now", "2026-11-22T09:30:00Z",
        "--policy", str(folder / "policy.toml"), "-o", "r.html",
    )  # fmt: skip
    assert (tmp_path / "r.html").read_text() == paper(folder, "check").html


def test_a_broken_protocol_is_named(folder: Path, tmp_path: Path) -> None:
    for name in ("s.db", "policy.toml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "s.disposal-x.json").write_text('{"title": 1}')
    with (
        piiscan.open_store(tmp_path / "s.db") as store,
        pytest.raises(PiiscanError, match=r"s\.disposal-x\.json"),
    ):
        piiscan.report("disposal", store=store)
