"""Reports: one quiet HTML file that anybody can read, and that shows no value."""

import base64
import re
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from samples import CASES, EMAIL, PERSON, PHONE, UPDATE, Run, write

import piiscan

VOID = {"meta", "br", "link", "rect"}


@dataclass
class Page(HTMLParser):
    tags: Counter[str] = field(default_factory=Counter)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def value(self, tag: str, name: str) -> str:
        return next(value for of, called, value in self.attributes if (of, called) == (tag, name))


@pytest.fixture
def html(run: Run, archive: Path, tmp_path: Path) -> str:
    write(archive / "<script>alert(1)</script>.txt", f"{PERSON} {{{{ 7*7 }}}}\n")
    write(archive / "hemlig.zip", b"PK\x03\x04\x14\x00\x01\x00" + bytes(60))
    run("sweep", str(archive), "--store", "s.db")
    assert run("report", "sweep", "--store", "s.db", "-o", "r.html").code in {0, 3}
    return (tmp_path / "r.html").read_text()


@pytest.fixture
def page(html: str) -> Page:
    parsed = Page()
    parsed.feed(html)
    return parsed


def test_every_tag_is_closed(page: Page) -> None:
    assert not page.wrong
    assert not page.open


@pytest.mark.parametrize(
    "tag", ["script", "iframe", "object", "embed", "link", "form", "img", "base"]
)
def test_nothing_is_run_or_loaded(page: Page, tag: str) -> None:
    assert page.tags[tag] == 0


def test_no_attribute_holds_a_script_a_style_or_an_address(page: Page) -> None:
    for _, name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "style"
        assert not re.match(r"\s*(javascript|data|https?|//)", value, re.IGNORECASE)


def test_links_stay_on_the_page(page: Page) -> None:
    assert all(value.startswith("#") for tag, name, value in page.attributes if name == "href")


def test_the_policy_allows_one_style_and_nothing_else(html: str, page: Page) -> None:
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()
    policy = page.value("meta", "content")
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_markup_from_the_archive_is_inert(html: str) -> None:
    assert "<script>" not in html
    assert "{{ 7*7 }}" not in html


def test_no_value_is_shown(html: str) -> None:
    assert not [value for value in (PERSON, EMAIL, PHONE) if value in html]


def test_the_page_has_a_language_and_one_main_heading(page: Page) -> None:
    assert page.value("html", "lang") == "en"
    assert page.tags["h1"] == 1
    assert page.tags["main"] == 1


def test_every_table_has_a_caption_and_every_head_a_scope(page: Page) -> None:
    assert page.tags["caption"] == page.tags["table"]
    assert (
        sum((tag, name) == ("th", "scope") for tag, name, _ in page.attributes) == page.tags["th"]
    )


def test_a_chart_has_a_title_and_a_description(page: Page) -> None:
    assert page.tags["svg"] == page.tags["desc"] == 1


def test_ids_are_unique_and_referred_to(page: Page) -> None:
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    named = [value for _, name, value in page.attributes if name == "aria-labelledby"]
    assert set(" ".join(named).split()) <= set(ids)


def test_an_incomplete_sweep_has_an_alarm(html: str) -> None:
    assert "This report is incomplete" in html


def test_a_complete_sweep_has_no_alarm(run: Run, archive: Path) -> None:
    run("sweep", str(archive), "--store", "s.db")
    done = run("report", "sweep", "--store", "s.db")
    assert done.code == 0
    assert "This report is incomplete" not in done.out


def test_a_report_has_no_way_to_reveal(run: Run) -> None:
    assert run("report", "sweep", "--reveal").code == 2


def test_a_report_is_made_in_a_notebook(run: Run, archive: Path, tmp_path: Path) -> None:
    run("sweep", str(archive), "--store", "s.db")
    with piiscan.open_store(tmp_path / "s.db") as store:
        piiscan.report("sweep", store=store).save(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")


def test_an_unknown_report_is_named(run: Run, archive: Path, tmp_path: Path) -> None:
    run("sweep", str(archive), "--store", "s.db")
    with piiscan.open_store(tmp_path / "s.db") as store, pytest.raises(ValueError, match="swep"):
        piiscan.report("swep", store=store)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("--ink", "--paper"),
        ("--ink", "--soft"),
        ("--alarm", "--alarm-paper"),
        ("--link", "--paper"),
    ],
)
def test_text_stands_out_from_its_ground(ink: str, paper: str) -> None:
    style = Path(piiscan.__file__).parent.joinpath("reports", "style.css").read_text()
    for scheme in re.findall(r":root \{(.*?)\}", style, re.DOTALL):
        colors = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]+)", scheme))
        light, dark = sorted((luminance(colors[ink]), luminance(colors[paper])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.1."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_page_of_a_small_archive_is_as_expected(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "arkiv" / "brev.txt", f"Mitt personnummer är {PERSON}.\nMejla {EMAIL}.\n")
    write(tmp_path / "key", "01" * 32 + "\n").chmod(0o600)
    run("sweep", "arkiv", "--store", "s.db", "--key-file", "key", "--now", "2026-11-22")
    page = run("report", "sweep", "--store", "s.db").out
    page = re.sub(r"\b[0-9a-f]{16,64}\b", "(digest)", page)
    page = re.sub(r"piiscan \d+\.\d+\.\d+", "piiscan (version)", page)
    page = re.sub(r"<td>\d+\.\d+\.\d+, engine", "<td>(version), engine", page)
    page = re.sub(r" to 20\d\d-[0-9T:-]+Z", " to (time)", page)
    page = re.sub(r"(Detectors that ran</th><td>)[^<]*", r"\1(list)", page)
    expected = CASES / "reports" / "sweep" / "expected.html"
    if UPDATE:
        write(expected, page)
    assert page == expected.read_text()
