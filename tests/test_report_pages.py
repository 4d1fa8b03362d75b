"""Every page of a report: it runs nothing, shows no value, and can be read by everybody."""

import base64
import re
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from papers import KINDS, PLANTED, html_of, made, page_of, paper
from test_leaks import leaked

import piiscan
from piiscan.reports import LOCALES, REPORTS

EACH = pytest.mark.parametrize("kind", KINDS)
EVERYWHERE = pytest.mark.parametrize("locale", LOCALES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("papers"))


def test_every_kind_is_tested() -> None:
    assert set(KINDS) == set(REPORTS)


@EACH
@EVERYWHERE
def test_every_tag_is_closed(folder: Path, kind: str, locale: str) -> None:
    page = page_of(folder, kind, locale)
    assert not page.wrong
    assert not page.open


@EACH
def test_nothing_is_run_or_loaded(folder: Path, kind: str) -> None:
    page = page_of(folder, kind)
    assert not {"script", "iframe", "object", "embed", "link", "form", "img", "base"} & {*page.tags}


@EACH
def test_no_attribute_holds_a_script_a_style_or_an_address(folder: Path, kind: str) -> None:
    for _, name, value in page_of(folder, kind).attributes:
        assert not name.startswith("on")
        assert name != "style"
        assert not re.match(r"\s*(javascript|data|https?|//)", value, re.IGNORECASE)


@EACH
def test_links_stay_on_the_page(folder: Path, kind: str) -> None:
    page = page_of(folder, kind)
    ids = {f"#{value}" for value in page.values("id")}
    assert set(page.values("href")) <= ids
    assert "#content" in page.values("href")


@EACH
def test_the_policy_allows_one_style_and_nothing_else(folder: Path, kind: str) -> None:
    style = re.search(r"<style>(.*?)</style>", html_of(folder, kind), re.DOTALL)
    assert style
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()
    policy = page_of(folder, kind).value("meta", "content")
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


@EACH
def test_markup_from_archive_and_policy_is_inert(folder: Path, kind: str) -> None:
    html = html_of(folder, kind)
    assert "<script>" not in html
    assert kind == "rectification" or "alert(1)" in html
    assert "49" not in re.findall(r"alert\(1\)[^<]{0,20}", html)


@EACH
@EVERYWHERE
@pytest.mark.parametrize("form", ["html", "json", "csv"])
def test_no_form_shows_a_value(folder: Path, kind: str, locale: str, form: str) -> None:
    assert not leaked(paper(folder, kind, locale).write(form).decode())


def test_the_search_for_values_works() -> None:
    assert all(leaked(value) for value in PLANTED)


@EACH
@EVERYWHERE
def test_a_page_has_its_language_and_one_main_heading(folder: Path, kind: str, locale: str) -> None:
    page = page_of(folder, kind, locale)
    assert page.value("html", "lang") == locale
    assert (
        page.tags.count("h1")
        == page.tags.count("main")
        == page.tags.count("title") - len([tag for tag in page.tags if tag == "svg"])
    )


@EACH
def test_headings_leave_no_level_out(folder: Path, kind: str) -> None:
    levels = [int(tag[1]) for tag in page_of(folder, kind).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


@EACH
@EVERYWHERE
def test_every_table_has_a_caption_and_every_head_a_scope(
    folder: Path, kind: str, locale: str
) -> None:
    page = page_of(folder, kind, locale)
    assert page.tags.count("caption") == page.tags.count("table") > 0
    scopes = [value for tag, name, value in page.attributes if (tag, name) == ("th", "scope")]
    assert len(scopes) == page.tags.count("th")
    assert set(scopes) <= {"row", "col"}


@EACH
def test_no_table_and_no_list_is_empty(folder: Path, kind: str) -> None:
    html = html_of(folder, kind)
    assert not re.search(r"<tbody>\s*</tbody>|<ul>\s*</ul>|<caption>\s*</caption>", html)


@EACH
def test_a_chart_has_a_name_and_a_description(folder: Path, kind: str) -> None:
    page = page_of(folder, kind)
    charts = page.tags.count("svg")
    assert page.tags.count("desc") == charts
    assert page.values("role") == ["img"] * charts


@EACH
def test_ids_are_unique_and_referred_to(folder: Path, kind: str) -> None:
    page = page_of(folder, kind)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert set(" ".join(page.values("aria-labelledby")).split()) <= set(ids)


@pytest.mark.parametrize("kind", ["check", "notice"])
def test_words_of_another_language_say_so(folder: Path, kind: str) -> None:
    assert 'lang="sv-SE"' in html_of(folder, kind)


def test_what_piiscan_says_in_english_says_so_elsewhere(folder: Path) -> None:
    assert '<span lang="en">' in html_of(folder, "sweep", "fi")
    assert '<span lang="en">' not in html_of(folder, "sweep", "en")


@pytest.mark.parametrize("locale", ["sv-SE", "sv-FI", "fi"])
@EACH
def test_a_page_in_another_language_says_nothing_in_english(
    folder: Path, kind: str, locale: str
) -> None:
    html = html_of(folder, kind, locale).replace(str(folder), "")
    text = re.sub(r'<(\w+)[^>]*lang="en"[^>]*>.*?</\1>', "", html)
    text = re.sub(r"<style>.*?</style>|<code>.*?</code>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not re.search(r"\b(the|of|and|was|were|messages|which|what)\b", text)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("sv-SE", ["Gallringsprotokoll", "2026-11-22", "gallringsbeslut"]),
        ("sv-FI", ["Protokoll över förstöring", "22.11.2026", "informationsstyrningsplanen"]),
        ("fi", ["Hävittämispöytäkirja", "22.11.2026", "hävittämispäätös"]),
    ],
)
def test_the_protocol_is_in_the_words_of_the_country(
    folder: Path, locale: str, words: list[str]
) -> None:
    html = html_of(folder, "disposal", locale)
    assert [word for word in words if word not in html] == []


STYLE = Path(piiscan.__file__).parent.joinpath("reports", "style.css").read_text()


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("--ink", "--paper"),
        ("--ink", "--soft"),
        ("--quiet", "--paper"),
        ("--quiet", "--soft"),
        ("--alarm", "--alarm-paper"),
        ("--ink", "--alarm-paper"),
        ("--link", "--paper"),
        ("--link", "--alarm-paper"),
        ("--good", "--good-paper"),
        ("--open", "--open-paper"),
        ("--on-part", "--part0"),
        ("--on-part", "--part1"),
        ("--on-part", "--part2"),
        ("--on-part3", "--part3"),
    ],
)
def test_text_stands_out_from_its_ground(ink: str, paper: str) -> None:
    schemes = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    for scheme in schemes:
        colors = dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]+)", scheme))
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


@pytest.mark.parametrize("part", ["@media print", "prefers-color-scheme: dark", "@page"])
def test_the_style_knows_paper_and_the_dark(part: str) -> None:
    assert part in STYLE
