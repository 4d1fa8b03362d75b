"""Lexicons of the user's, explanations, lint, and alerts, from Python and through the store."""

from pathlib import Path

import pytest
from samples import Run, write

import piiscan
from piiscan.errors import PolicyError
from piiscan.scanning import Scanner, collisions, lint
from piiscan.store import Summary

OWN = """
schema = 1
lang = "sv"
category = "threat"
version = "7"
disable = ["sv.health.sjukskriven"]

[[term]]
id = "kantarell"
stem = "kantarell"
weight = 0.2
require_any = ["person"]
alert = "suicide"
source = "own"
ok = ["Jag tar min kantarell."]
not = ["Svampen är slut."]
"""
ALARM = "Jag tar min kantarell nu."


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write(tmp_path / "my.toml", OWN)


def test_a_lexicon_is_a_path_or_a_name_with_its_text(own: Path) -> None:
    for given in (own, str(own), ("my.toml", OWN)):
        found = Scanner(lexicons=[given], minimum=piiscan.LOW).scan(ALARM)
        assert [(f.detector, f.attributes["alert"]) for f in found] == [("threat", "suicide")]


def test_a_term_is_disabled() -> None:
    text = "Hon är sjukskriven."
    assert len(piiscan.scan(text)) == 1
    assert len(Scanner(lexicons=[("my.toml", OWN)]).scan(text)) == 0


def test_a_scanner_names_its_lexicons() -> None:
    shipped, mine = Scanner(), Scanner(lexicons=[("my.toml", OWN)])
    assert {one.own for one in shipped.lexicons} == {False}
    assert all(one.version for one in shipped.lexicons)
    assert mine.lexicons[-1][:2] == ("my.toml", "7")
    assert mine.lexicons[-1].own
    assert mine.lexicon_digest != shipped.lexicon_digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("0.2", "2"), "lexicon `my.toml`, line 8, term `kantarell`: 2 is not between"),
        (OWN.replace("stem", "stemm"), "lexicon `my.toml`, line 10: unknown field `stemm`"),
        (OWN.replace("sv.health.sjukskriven", "sv.golf.x"), "no term is called `sv.golf.x`"),
    ],
)
def test_a_wrong_lexicon_names_its_place(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        Scanner(lexicons=[("my.toml", text)])


def test_a_lexicon_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "my.toml", b"\xff")
    with pytest.raises(PolicyError, match=r"my\.toml` is not UTF-8"):
        Scanner(lexicons=[file])


def test_an_explanation_agrees_with_the_scan() -> None:
    text = "Läkaren säger att pappa har KOL sedan länge. Vi har kol till grillen."
    found = piiscan.scan(text)
    yes, no = (one for one in Scanner().explain(text) if one["term"] == "sv.health.kol")
    assert yes["span"] in [[f.start, f.end] for f in found]
    assert yes["score"] == 20 + sum(context["points"] for context in yes["contexts"]) == 90
    assert no["reason"] == "vetoed by `barbecue`"
    assert "pappa" not in str(yes)


def test_an_explanation_counts_bytes_of_the_text_as_given() -> None:
    text = "Åh, ”hon har dia\u00adbetes” sa hon."
    (one,) = [record for record in Scanner().explain(text) if "score" in record]
    start, end = one["span"]
    assert text.encode()[start:end].decode() == "dia\u00adbetes"


@pytest.mark.parametrize(
    "word",
    ["man", "sex", "hot", "gift", "kol", "m", "v", "center", "vision", "rom", "same", "tro", "ms"],
)
def test_an_ordinary_word_alone_is_nothing(word: str) -> None:
    ids = [one.id for one in piiscan.detectors() if one.legal_class != "ordinary"]
    scanner = Scanner(detectors=[*ids, "gender"], minimum=piiscan.LOW)
    spellings = [word, word.upper(), word.capitalize()]
    texts = [text for one in spellings for text in (one, f"{one}.", f"{one}!", f"({one})")]
    assert len(scanner.scan_batch(texts)) == 0


def test_lint_finds_nothing_wrong_in_what_ships() -> None:
    assert [issue for issue in lint() if issue.error] == []


def test_lint_reads_paths(own: Path) -> None:
    assert lint([own]) == []
    write(own, OWN.replace("Svampen", "Min kantarell"))
    (issue,) = lint([own])
    assert issue.error
    assert issue[:3] == (str(own), 8, "sv.threat.kantarell")


def test_collisions_come_most_frequent_first() -> None:
    text = OWN.replace(
        "weight = 0.2\nrequire_any", 'weight = 0.6\nmatch = ["compound-head"]\nboost'
    )
    text = text.replace('["person"]\nalert', "{ person = 0.2 }\nalert")
    found = collisions([("my.toml", text)], "kantareller 3\n9 kantarellgul\nsvamp 80\n")
    assert [(hit.word, hit.mode, hit.alone, hit.frequency) for hit in found] == [
        ("kantarellgul", "compound-head", True, 9.0),
        ("kantareller", "compound-head", True, 3.0),
    ]


def test_alerts_are_counted_apart_whatever_their_confidence(tmp_path: Path, own: Path) -> None:
    write(tmp_path / "a" / "1.txt", f"{ALARM}\n" * 3)
    write(tmp_path / "a" / "2.txt", "Hon har diabetes.\n")
    events = list(piiscan.sweep(tmp_path / "a", store=tmp_path / "s.db", lexicons=[own]))
    totals = events[-1]
    assert isinstance(totals, Summary)
    count = totals.by_alert["suicide"]
    assert (count.findings, count.objects, totals.alerts) == (3, 1, 3)
    assert count.high + count.medium + count.low == 3
    with piiscan.open_store(tmp_path / "s.db") as store:
        assert [(one.loc, one.alert, one.findings) for one in store.alert_places(10)[0]] == [
            ("1.txt", "suicide", 3)
        ]
        assert len(list(store.alerts())) == 3
        assert store.last_sweep().lexicons[-1].version == "7"


def test_an_alert_that_is_gone_is_counted_no_longer(tmp_path: Path, own: Path) -> None:
    file = write(tmp_path / "a" / "1.txt", f"{ALARM}\n")
    list(piiscan.sweep(tmp_path / "a", store=tmp_path / "s.db", lexicons=[own]))
    write(file, "Hej.\n")
    totals = list(piiscan.sweep(tmp_path / "a", store=tmp_path / "s.db", lexicons=[own]))[-1]
    assert isinstance(totals, Summary)
    assert totals.by_alert == {}


def test_a_report_shows_alerts_before_all_else(run: Run, tmp_path: Path, own: Path) -> None:
    write(tmp_path / "a" / "1.txt", f"{ALARM}\n")
    run("sweep", "a", "--store", "s.db", "--lexicon", str(own))
    page = run("report", "sweep", "--store", "s.db").out
    assert page.index('<h2 id="alerts">') < page.index('<h2 id="overview">')
    assert "<td>suicide</td>" in page
    assert "my.toml 7" in page
    assert "kantarell" not in page


def test_a_report_without_alerts_has_no_such_section(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a" / "1.txt", "Hon har diabetes.\n")
    run("sweep", "a", "--store", "s.db")
    assert 'id="alerts"' not in run("report", "sweep", "--store", "s.db").out


def test_an_alert_is_listed_first(run: Run, tmp_path: Path, own: Path) -> None:
    write(tmp_path / "a" / "1.txt", "Mejla kim.example@example.org\n")
    write(tmp_path / "a" / "2.txt", f"{ALARM}\n")
    lines = run("scan", "a", "--lexicon", str(own)).out.splitlines()
    assert lines[0].endswith("alert: suicide")
    assert lines[0].startswith("2.txt")
    assert sum("alert: suicide" in line for line in lines) == 1
    assert " Alerts: 1 finding (1 suicide)" in lines
