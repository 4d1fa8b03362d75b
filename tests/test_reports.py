"""Reports: quiet papers that anybody can read, in four languages, and that show no value."""

import base64
import json
import re
from datetime import date
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from papers import KINDS, NOW, PLANTED, Page, made, paper, parsed
from samples import CASES, PERSON, UPDATE, Run, write
from test_leaks import leaked

import piiscan
from piiscan.errors import PolicyError
from piiscan.policy import BUILTIN
from piiscan.reports import LOCALES, REPORTS
from piiscan.reports.rates import RATES
from piiscan.reports.reasons import REASONS, reason_parts
from piiscan.reports.words import Words
from piiscan.retention.apply import LATE
from piiscan.retention.planning import CHANGING
from piiscan.retention.recordings import ALONE, INSIDE, UNTIMED

EACH = pytest.mark.parametrize("kind", KINDS)
EVERYWHERE = pytest.mark.parametrize("locale", LOCALES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("papers"))


@cache
def html_of(folder: Path, kind: str, locale: str = "en") -> str:
    return paper(folder, kind, locale).html


def page_of(folder: Path, kind: str, locale: str = "en") -> Page:
    return parsed(html_of(folder, kind, locale))


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


def test_an_incomplete_sweep_has_an_alarm(folder: Path) -> None:
    assert "This report is incomplete" in html_of(folder, "sweep")
    assert not paper(folder, "sweep").content.whole


def test_a_complete_sweep_has_no_alarm(run: Run, archive: Path) -> None:
    run("sweep", str(archive), "--store", "s.db")
    done = run("report", "sweep", "--store", "s.db")
    assert done.code == 0
    assert "This report is incomplete" not in done.out


@EACH
def test_a_report_says_what_was_not_looked_for(folder: Path, kind: str) -> None:
    assert kind == "rectification" or "What was not looked for" in html_of(folder, kind)


def test_the_check_report_shows_what_the_check_found(folder: Path) -> None:
    content = paper(folder, "check").content
    verdicts = {row["promise"]: row for row in content.tables["promises"].records()}
    broken = verdicts["chatt-30-dagar"]
    assert (broken["verdict"], broken["failing"], broken["since"]) == (
        "broken", 1, date(2026, 10, 3),
    )  # fmt: skip
    assert verdicts["inom-ees"]["verdict"] == "undecidable"
    assert content.facts["uncovered"] == 2
    assert "1 promise is broken" in html_of(folder, "check")


def test_the_sweep_report_shows_ages_and_promises_where_a_policy_is_given(folder: Path) -> None:
    content = paper(folder, "sweep").content
    assert {"ages", "promises"} <= set(content.tables)
    assert content.facts["overdue"] == 1
    with piiscan.open_store(folder / "s.db") as store:
        assert "ages" not in piiscan.report("sweep", store=store).content.tables


def test_the_sweep_report_counts_facts_that_single_somebody_out(folder: Path) -> None:
    content = paper(folder, "sweep").content
    assert content.facts["clusters"] == {"messages": 1, "sure": 1, "authors": 1}
    assert content.tables["clusters"].rows == [("chatt/a.jsonl", 1)]


def test_the_register_description_flags_what_findings_contradict(folder: Path) -> None:
    rows = {row["point"]: row for row in paper(folder, "notice").content.tables["points"].records()}
    assert list(rows) == list(range(1, 21))
    flagged = [point for point, row in rows.items() if row["contradiction"]]
    assert flagged == [6, 7, 8]
    assert "2026-10-03" in str(rows[6]["contradiction"])
    assert "identity numbers" in str(rows[8]["contradiction"])


def test_the_record_of_processing_has_a_row_for_each_channel(folder: Path) -> None:
    rows = paper(folder, "ropa").content.tables["processings"].records()
    assert [row["processing"] for row in rows] == ["chatt", "post"]
    assert (rows[0]["messages"], rows[0]["overdue"], rows[0]["oldest"]) == (
        4, 1, date(2026, 9, 2),
    )  # fmt: skip
    assert "health 1" in str(rows[0]["special"])


def test_the_protocol_names_decision_amount_and_exceptions(folder: Path) -> None:
    content = paper(folder, "disposal").content
    (row,) = content.tables["protocols"].records()
    assert (row["decision"], row["changed"], row["executed_by"]) == (
        "KS 2021/1311 § 4", 97, "Kim Example",
    )  # fmt: skip
    assert content.facts["exceptions"] == 7
    assert not content.whole


def test_the_record_of_rectifications_shows_who_and_when_but_no_entry(folder: Path) -> None:
    content = paper(folder, "rectification").content
    (done,) = content.tables["rectifications"].records()
    assert (done["who"], done["places"], done["entry"]) == ("Kim Example", 1, "sealed")
    (refused,) = content.tables["refusals"].records()
    assert (refused["case"], refused["reason"]) == ("DSO-2026-18", "Uppgiften stämmer")
    assert content.facts["audit_problems"] == []


@pytest.mark.parametrize(
    ("period", "rectified", "refused"),
    [
        ((date(2026, 11, 20), date(2026, 11, 20)), 1, 0),
        ((date(2026, 11, 21), date(2026, 11, 30)), 0, 1),
        ((date(2025, 1, 1), date(2025, 12, 31)), 0, 0),
    ],
)
def test_a_period_limits_what_is_told(
    folder: Path, period: tuple[date, date], rectified: int, refused: int
) -> None:
    with piiscan.open_store(folder / "s.db") as store:
        facts = piiscan.report("rectification", store=store, period=period).content.facts
    assert (facts["rectified"], facts["refused"]) == (rectified, refused)


def test_a_time_without_a_disposal_has_no_protocol(folder: Path) -> None:
    with (
        piiscan.open_store(folder / "s.db") as store,
        pytest.raises(PolicyError, match="no disposal"),
    ):
        piiscan.report("disposal", store=store, period=(date(2025, 1, 1), date(2025, 12, 31)))


def test_a_report_has_no_way_to_reveal(run: Run) -> None:
    assert run("report", "sweep", "--reveal").code == 2


@pytest.mark.parametrize("kind", ["check", "ropa", "notice"])
def test_a_report_about_promises_asks_for_a_policy(folder: Path, kind: str) -> None:
    with piiscan.open_store(folder / "s.db") as store, pytest.raises(PolicyError, match=kind):
        piiscan.report(kind, store=store)


def test_a_report_is_made_in_a_notebook(folder: Path, tmp_path: Path) -> None:
    paper(folder, "sweep", "sv-SE").save(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "r.html").stat().st_mode & 0o777 == 0o600


def test_an_unknown_report_is_named(folder: Path) -> None:
    with piiscan.open_store(folder / "s.db") as store, pytest.raises(ValueError, match="swep"):
        piiscan.report("swep", store=store)


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


def test_the_sweep_page_of_a_small_archive_is_as_expected(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "arkiv" / "brev.txt", f"Mitt personnummer är {PERSON}.\nMejla {PLANTED[1]}.\n")
    write(tmp_path / "key", "01" * 32 + "\n").chmod(0o600)
    run("sweep", "arkiv", "--store", "s.db", "--key-file", "key", "--now", "2026-11-22")
    compare("sweep", run("report", "sweep", "--store", "s.db").out)


@pytest.mark.parametrize(
    ("kind", "locale"),
    [
        ("check", "en"),
        ("disposal", "sv-SE"),
        ("rectification", "sv-FI"),
        ("ropa", "fi"),
        ("notice", "sv-FI"),
    ],
)
def test_the_page_of_the_archive_is_as_expected(folder: Path, kind: str, locale: str) -> None:
    compare(kind, html_of(folder, kind, locale).replace(str(folder), "(folder)"))


def test_the_rates_are_those_of_the_readme() -> None:
    readme = Path(__file__).parent.parent.joinpath("README.md").read_text()
    row = r"^\| ([a-z-]+) \| [\d,]+ \| ([\d.]+) / ([\d.]+) /"
    rates = {name: (float(p), float(r)) for name, p, r in re.findall(row, readme, re.MULTILINE)}
    assert rates == RATES


REASONED = [
    "1 message has no plausible time",
    "1,297 messages have no plausible time",
    "2 messages on hold",
    "1 finding of low confidence not counted",
    "3 findings accepted by the allow file",
    "no message of this channel is there",
    "no message of this channel is there, so nothing shows what was kept",
    "no archive shows this: a person has to confirm it",
    "126 messages without the fields that were to stay",
    "no message has a field `/browser`",
    "a store does not tell whether `sender` is there",
    "not read as a whole: a.zip (encrypted) and 2 more",
    "not read as a whole: a (b).zip (encrypted)",
    "the sweep was interrupted",
    "1 object was read with other detectors or options",
    "3 objects were read with other detectors or options",
    "not looked for: email, phone",
    "swept with locales SE FI, the policy says FI",
    "nothing stands in clear, but that the key is destroyed is not recorded",
    "nothing stands in clear, but a key was made after the last one was destroyed",
    "nothing stands in clear, but the audit log, which should tell of the key, is damaged",
    "clock `closed` has no known time",
    CHANGING,
    ALONE,
    UNTIMED,
    INSIDE,
    LATE,
    "changed files were read and scanned again before they took place: 12",
    "files are gone: 1",
    "nobody knows the time of 1 recording",
    "2 recordings overdue",
    "2 recordings on hold",
    "has other names, which lead to what it was",
]


@pytest.mark.parametrize("locale", ["sv-SE", "sv-FI", "fi"])
@pytest.mark.parametrize("reason", REASONED)
def test_a_reason_is_translated(reason: str, locale: str) -> None:
    ((said, own),) = reason_parts(Words(locale), reason)
    assert own
    assert said != reason


def test_every_form_of_a_reason_has_an_example() -> None:
    found = {
        next(at for at, (form, _) in enumerate(REASONS) if re.fullmatch(form, reason))
        for reason in REASONED
    }
    assert found == set(range(len(REASONS)))


@pytest.mark.parametrize("policy", sorted(BUILTIN))
def test_every_reason_of_a_shipped_policy_is_known(folder: Path, policy: str) -> None:
    with piiscan.open_store(folder / "s.db") as store:
        content = piiscan.report(
            "check", store=store, policy=policy, today=NOW, locale="fi"
        ).content
    parts = [
        part
        for row in content.tables["promises"].records()
        for part in reason_parts(content.words, str(row["reason"]))
    ]
    assert [said for said, own in parts if not own] == []


def test_an_unknown_reason_stays_as_it_is() -> None:
    assert reason_parts(Words("fi"), "the moon is full; the sweep was interrupted")[0] == (
        "the moon is full", False,
    )  # fmt: skip


def compare(kind: str, page: str) -> None:
    page = re.sub(r"<style>.*?</style>", "<style>(style.css)</style>", page, flags=re.DOTALL)
    page = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-(style)", page)
    page = re.sub(r"\b[0-9a-f]{16,64}\b", "(digest)", page)
    page = re.sub(r"\b[0-9a-f]{8}\b(?=\))", "(digest)", page)
    page = re.sub(r"piiscan \d+\.\d+\.\d+", "piiscan (version)", page)
    page = re.sub(r"piiscanin versiolla \d+\.\d+\.\d+", "piiscanin versiolla (version)", page)
    page = re.sub(r"\(tz \w+\)", "(tz)", page)
    page = re.sub(r"\d+ of 20\d\d\.\d+", "(lexicons)", page)
    page = re.sub(r"( to | till | \u2013 )[\d.-]+ [\d.:]+ UTC", r"\1(time)", page)
    page = re.sub(
        r"((?:Detectors that ran|Detektorer som kördes|Käytetyt tunnistimet)</th><td><code>)[^<]*",
        r"\1(list)",
        page,
    )
    expected = CASES / "reports" / kind / "expected.html"
    if UPDATE:
        write(expected, page)
    assert page == expected.read_text()


def test_the_protocol_of_a_real_run_is_shown(run: Run, tmp_path: Path) -> None:
    policy = """
    [notice]
    name = "kontakt"
    title = "Kontaktcenter"
    controller = "Nämnden"
    [decision]
    ref = "KS 2026/1 § 4"
    [[channel]]
    name = "post"
    [[promise]]
    id = "post-1"
    clause = "Bort efter en månad"
    channel = "post"
    within = "P1M"
    action = "erase"
    """
    write(tmp_path / "policy.toml", policy)
    mail = "From: Kim <kim.example@example.org>\nDate: Tue, {} 2026 10:00:00 +0200\n\nHej!\n"
    for number, day in enumerate(("02 Jun", "17 Nov", "18 Nov")):
        write(tmp_path / "arkiv" / f"{number}.eml", mail.format(day))
    common = ("--store", "s.db", "--policy", "policy.toml", "--now", "2026-11-22")
    plan = re.search(r"plan (\w{8})", run("retain", "arkiv", *common).out)
    assert plan
    done = run("retain", *common, "--plan", plan[1], "--apply", "--signed-by", "Kim")
    assert done.code == 0, done.err
    with piiscan.open_store(tmp_path / "s.db") as store:
        content = piiscan.report("disposal", store=store).content
    (row,) = content.tables["protocols"].records()
    assert (row["plan"], row["decision"], row["erased"], row["executed_by"]) == (
        plan[1], "KS 2026/1 § 4", 1, "Kim",
    )  # fmt: skip
    (disposed,) = content.tables["disposed"].records()
    assert (disposed["clause"], disposed["messages"]) == ("Bort efter en månad", 1)
    assert content.whole


def test_the_record_of_a_real_rectification_is_shown(run: Run, tmp_path: Path) -> None:
    line = {"from": PLANTED[1], "text": "Jag bor på Storgatan 12.", "time": "2026-09-02T07:14:00Z"}
    write(tmp_path / "arkiv" / "chatt.jsonl", json.dumps(line) + "\n")
    write(tmp_path / "vem.txt", f"email: {PLANTED[1]}\n")
    write(tmp_path / "fel.txt", "old: Storgatan 12\nnew: Lillgatan 3\n")
    run("sweep", "arkiv", "--store", "s.db", "-q", "-o", "out.txt", "--now", "2026-11-20")
    common = (
        "subject", "rectify", "--id-file", "vem.txt", "--store", "s.db", "--by", "Kim",
        "--verified", "BankID", "--now", "2026-11-20",
    )  # fmt: skip
    done = run(*common, "--case", "DSO-1", "--change-file", "fel.txt")
    refused = run(*common, "--case", "DSO-2", "--refuse", "stämmer", "-o", "avslag.html")
    assert (done.code, refused.code) == (0, 0), done.err + refused.err
    for form in ("html", "json", "csv"):
        text = run("report", "rectification", "--store", "s.db", "--format", form).out
        assert not [word for word in ("Storgatan", "Lillgatan", PLANTED[1]) if word in text]
    with piiscan.open_store(tmp_path / "s.db") as store:
        content = piiscan.report("rectification", store=store).content
    (row,) = content.tables["rectifications"].records()
    assert (row["who"], row["case"], row["places"], row["entry"]) == ("Kim", "DSO-1", 1, "sealed")
    (row,) = content.tables["refusals"].records()
    assert (row["case"], row["reason"]) == ("DSO-2", "stämmer")
