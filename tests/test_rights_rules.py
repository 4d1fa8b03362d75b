"""Rules behind the rights: who is meant, what is masked, what papers say."""

import html
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from piiscan.errors import PolicyError, RefusedError
from piiscan.findings import LOW, MEDIUM, RECORD
from piiscan.policy import BUILTIN, load
from piiscan.policy.model import Decision
from piiscan.rights import read_person
from piiscan.rights.access import Request, due_day, papers
from piiscan.rights.copying import copy_messages
from piiscan.rights.erasing import check_decision
from piiscan.rights.identifiers import Identifier, Person, refuse_values
from piiscan.rights.paper import write_folder
from piiscan.rights.reading import Field, Found, Message
from piiscan.rights.trail import Spot, Trail
from piiscan.rights.wording import LOCALES, wording
from piiscan.scanning import Scanner
from piiscan.store.person import hits

KEY = bytes(range(32))
KIM = "personnummer: 811218-9876\nemail: kim.example@example.org\nname: Kim Andersson"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(key=KEY, minimum=LOW)


@pytest.mark.parametrize(
    "decision",
    [
        None,
        Decision(),
        Decision(kind="working-copy", ref="x"),
        Decision(ref="x", expires=date(2026, 1, 1)),
    ],
    ids=["none", "empty", "working-copy", "expired"],
)
def test_a_decision_must_allow_it(decision: Decision | None) -> None:
    with pytest.raises(RefusedError):
        check_decision(decision, date(2026, 11, 20))


def test_an_erased_message_takes_its_sealed_entries_along(tmp_path: Path) -> None:
    trail = Trail(tmp_path / "trail.jsonl")
    spot = Spot(object="00" * 8, number=1, loc="a", role="body")
    trail.add(time="t", who="w", case="", found=[spot], old="a", new="b", seal=str.upper)
    assert trail.forget({bytes(8): [2]}) == 0
    assert trail.forget({bytes(8): [1, 2]}) == 1
    (entry,) = trail.entries()
    assert (entry.who, entry.old, entry.new) == ("w", "", "")


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("811218-9876", "personnummer: 198112189876"),
        ("8112189876", "personnummer: 19811218-9876"),
        ("811218 9876", "811218-9876"),
        ("kim.example@example.org", "kim.example(at)example.org"),
        ("Kim.Example@EXAMPLE.org", "email: kim.example [at] example.org"),
        ("070-174 06 05", "phone: +46701740605"),
        ("0701740605", "+46 (0)70-174 06 05"),
        ("name: Kim Andersson", "namn: KIM ANDERSSON"),
    ],
)
def test_spellings_are_one_person(scanner: Scanner, line: str, same: str) -> None:
    assert read_person(line, scanner).digests == read_person(same, scanner).digests


@pytest.mark.parametrize("text", ["", "# nobody", "hej", "email: 811218-9876"])
def test_who_is_nobody_is_said_without_saying_what_was_given(scanner: Scanner, text: str) -> None:
    with pytest.raises(PolicyError) as error:
        read_person(text, scanner)
    assert "811218" not in str(error.value)


def test_a_name_counts_beside_another_identifier_only(scanner: Scanner) -> None:
    person = read_person(KIM, scanner)
    name = next(one for one in person.identifiers if one.detector == "person-name")
    number = next(one for one in person.identifiers if one.detector == "se-personnummer")
    assert not person.is_meant([name.fingerprint], names=False)
    assert person.is_meant([name.fingerprint], names=True)
    assert person.is_meant([name.fingerprint, number.fingerprint], names=False)


@pytest.mark.parametrize("text", ["ring 070-174 06 05", "811218-9876", "kim@example.org"])
def test_free_text_for_the_log_holds_no_value(scanner: Scanner, text: str) -> None:
    with pytest.raises(PolicyError) as error:
        refuse_values(scanner, reason=text)
    assert text not in str(error.value)


def test_free_text_for_the_log_may_name_case_and_official(scanner: Scanner) -> None:
    refuse_values(scanner, case="DSO-2026-17", by="Eva Berg", reason="dnr KS 2026/811")


@given(
    marks=st.lists(st.integers(0, 5), max_size=60),
    wanted=st.sets(st.integers(0, 5), max_size=4),
)
def test_hits_are_those_of_a_plain_comparison(marks: list[int], wanted: set[int]) -> None:
    records = np.zeros(len(marks), dtype=RECORD)
    for at, mark in enumerate(marks):
        records["fingerprint"][at] = np.void(bytes([mark // 2] * 8 + [mark] * 8))
    digests = [bytes([mark // 2] * 8 + [mark] * 8) for mark in wanted]
    places = [at for at, mark in enumerate(marks) if mark in wanted]
    assert hits(records.tobytes(), digests).tolist() == places


OWN, OTHER = b"o" * 16, b"x" * 16


PERSON = Person((Identifier("email", OWN, "[email]"),), "bcdf")


def made(text: str, *spans: tuple[int, int, bytes]) -> Message:
    found = tuple(
        Found(start, end, "email", "contact", "ordinary", MEDIUM, digest)
        for start, end, digest in spans
    )
    return Message(
        object=bytes(8), root=0, loc="a", paths=("a",), format="", profile="", channel="", number=0,
        sent=None, closed=None, raw=(0, 0), key=b"", fields=(Field("body", "", text, found),),
    )  # fmt: skip


def copied(*messages: Message) -> str:
    copies = copy_messages(messages, PERSON, locale="en", mask_path=str)
    return "|".join(one.text for copy in copies for one in copy.fields)


def test_where_the_persons_value_meets_another_both_are_masked() -> None:
    assert copied(made("a kim eva b", (2, 5, OWN), (4, 9, OTHER))) == "a [e-mail] b"


def test_a_value_of_somebody_else_is_masked_wherever_it_stands_again() -> None:
    first = made("from eva.berg", (5, 13, OTHER))
    assert (
        copied(first, made("Eva.Berg wrote; eva.bergs"))
        == "from [e-mail]|[e-mail] wrote; eva.bergs"
    )


def test_sensitive_words_of_the_person_stay() -> None:
    word = Found(7, 14, "health", "health", "art9", MEDIUM, OTHER)
    message = replace(made(""), fields=(Field("body", "", "I have disease", (word,)),))
    copies = copy_messages([message], PERSON, locale="en", mask_path=str)
    assert copies[0].fields[0].text == "I have disease"
    assert not copies[0].withheld


@given(
    parts=st.lists(
        st.tuples(st.text("åäö xyz", max_size=6), st.sampled_from([OWN, OTHER])), max_size=8
    )
)
def test_only_the_values_of_others_go(parts: list[tuple[str, bytes]]) -> None:
    text, spans, shown = "", [], ""
    for plain, digest in parts:
        text += plain
        start = len(text.encode())
        value = "KimValue" if digest == OWN else "EvaValue"
        text += value
        spans.append((start, len(text.encode()), digest))
        shown += plain + (value if digest == OWN else "[e-mail]")
    assert copied(made(text, *spans)) == shown


def test_nothing_shows_text_by_repr() -> None:
    message = made("secret", (0, 6, OTHER))
    copies = copy_messages([message], PERSON, locale="en", mask_path=str)
    assert "secret" not in repr(message) + repr(copies)


@pytest.mark.parametrize(
    ("received", "due"),
    [("2026-11-20", "2026-12-20"), ("2026-01-31", "2026-02-28"), ("2026-12-31", "2027-01-31")],
)
def test_an_answer_is_due_in_a_month(received: str, due: str) -> None:
    assert due_day(date.fromisoformat(received)).isoformat() == due


@pytest.mark.parametrize("locale", LOCALES)
def test_a_locale_has_the_same_texts_as_english(locale: str) -> None:
    words, english = wording(locale), wording("en")
    assert list(words.text) == list(english.text)
    for name in english.text:
        assert words.places(name) - {"authority"} == english.places(name) - {"authority"}, name
    assert words.review > words.written
    assert words.disclaimer


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", BUILTIN)
def test_every_policy_makes_papers_in_every_language(name: str, locale: str) -> None:
    policy = load(name)
    request = Request(
        right="access", case="", received=date(2026, 11, 20), verified="x", locale=locale
    )
    copies = copy_messages([made("a kim", (2, 5, OWN))], PERSON, locale=locale, mask_path=str)
    files = papers(request, copies, policy=policy, incomplete=True)
    assert list(files) == [
        f"{one}.html" for one in ("letter", "registers", "messages", "withheld", "decision")
    ]
    assert html.escape(policy.policy.notice.controller) in files["letter.html"]
    assert wording(locale).show(date(2026, 12, 20)) in files["letter.html"]
    assert all(f'<html lang="{locale}">' in page for page in files.values())


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_folder(tmp_path / "out", {"a": "x", "no/such": "y"})
    assert list(tmp_path.iterdir()) == []
    write_folder(tmp_path / "out", {"a": "x"})
    with pytest.raises(RefusedError):
        write_folder(tmp_path / "out", {"a": "z"})
    assert (tmp_path / "out" / "a").read_text() == "x"
