"""Reports: quiet papers that anybody can read, in four languages, and that show no value."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from papers import KINDS, PLANTED, html_of, made, paper
from samples import CASES, PERSON, UPDATE, Run, write

import piiscan
from piiscan.errors import PolicyError
from piiscan.reports.rates import RATES

EACH = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("papers"))


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
