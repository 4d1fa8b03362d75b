"""Operators: one file of cases each; and what every token is, whatever the value."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import CASES, ROOT

from piiscan.anonymize import OPERATORS, Anonymizer, wording
from piiscan.errors import PolicyError
from piiscan.rewriting import is_token, reveal, seal, token
from piiscan.scanning import Scanner

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
FOLDER = CASES / "anonymize"
FILES = sorted(FOLDER.glob("*.txt"))
SCANNER = Scanner(locales=["SE"])
NUMBERS = 1_000_000
LETTERS = "bcdfghjkmnpqrstv"
MARK = "(token)"


def cases(file: Path) -> list[tuple[str, str, str]]:
    """Detector, line and what it becomes; blocks of three lines with an empty line between."""
    blocks = [
        [line for line in block.splitlines() if not line.startswith("#")]
        for block in file.read_text(encoding="utf-8").split("\n\n")
    ]
    return [(one[0], one[1], one[2]) for one in blocks if one]


LABELLED = sorted((ROOT / "corpora" / "labelled").glob("*.tsv"))
SENTENCES = sorted(
    {
        line.split("\t")[-1]
        for file in LABELLED
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    | {line for file in FILES for _, line, _ in cases(file)}
)
PLAIN = Anonymizer("nordic-default", key=KEY)
ALL = [(file.stem, *case) for file in FILES for case in cases(file)]


@pytest.mark.parametrize(("name", "detector", "line", "expected"), ALL)
def test_a_case_becomes_what_is_written(name: str, detector: str, line: str, expected: str) -> None:
    anonymizer = Anonymizer("nordic-default", key=KEY, operators={detector: name})
    pattern = re.escape(expected).replace(
        re.escape(MARK), rf"[A-Z_]+_[{LETTERS}]{{4}}_[{LETTERS}]+"
    )
    assert re.fullmatch(pattern, anonymizer.text(line).text)


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4), st.sampled_from([" ", "\n"]))
def test_a_text_treated_again_stays_as_it_is(sentences: list[str], between: str) -> None:
    once = PLAIN.text(between.join(sentences)).text
    assert PLAIN.text(once).text == once


@pytest.mark.parametrize("file", LABELLED, ids=lambda file: file.stem)
def test_a_labelled_sentence_treated_again_stays_as_it_is(file: Path) -> None:
    sentences = [line.split("\t")[-1] for line in file.read_text(encoding="utf-8").splitlines()]
    once = [PLAIN.text(sentence).text for sentence in sentences]
    assert len(set(once) - set(sentences)) > len(sentences) // 4
    assert [PLAIN.text(text).text for text in once] == once


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_has_cases(name: str) -> None:
    assert any(case[0] == name for case in ALL)


def test_every_file_of_cases_is_of_an_operator() -> None:
    assert {file.stem for file in FILES} == set(OPERATORS)


def test_a_date_is_moved() -> None:
    anonymizer = Anonymizer("nordic-default", key=KEY, operators={"date-of-birth": "shift_date"})
    assert "1981-12-18" not in anonymizer.text("Jag är född 1981-12-18 i Solna.").text


values = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
detectors = st.sampled_from(sorted(SCANNER.catalog))


def assert_inert(text: str) -> None:
    assert text.isascii()
    assert text.isprintable()
    assert not re.search(r"\d{7}", text)
    assert not re.search(r"[@\s\"',;<>&]", text)
    assert text[0] not in "=+-@"


@given(detectors, values)
def test_a_token_is_inert(detector: str, value: str) -> None:
    made = token(KEY, detector, value, scanner=SCANNER)
    assert_inert(made)
    assert is_token(KEY, made)
    assert not is_token(OTHER, made)
    assert made == token(KEY, detector, value, scanner=SCANNER)


@given(detectors, values)
def test_a_sealed_value_is_inert_and_comes_back(detector: str, value: str) -> None:
    sealed = seal(KEY, detector, value)
    assert_inert(sealed)
    assert sealed == seal(KEY, detector, value)
    assert reveal(KEY, sealed) == value
    with pytest.raises(PolicyError):
        reveal(OTHER, sealed)


@given(st.data())
def test_a_seal_shows_any_change(data: st.DataObject) -> None:
    sealed = seal(KEY, "phone", "070-174 06 05")
    body = sealed.rindex("_") + 1
    at = data.draw(st.integers(body, len(sealed) - 1))
    letter = data.draw(st.sampled_from(LETTERS.replace(sealed[at], "")))
    with pytest.raises(PolicyError):
        reveal(KEY, sealed[:at] + letter + sealed[at + 1 :])


@pytest.mark.parametrize("cut", [1, 2, 4, 10])
def test_a_seal_that_is_cut_is_refused(cut: int) -> None:
    sealed = seal(KEY, "phone", "070-174 06 05")
    for text in (sealed[:-cut], sealed + sealed[-cut:]):
        with pytest.raises(PolicyError):
            reveal(KEY, text)


def test_a_seal_of_one_kind_is_no_seal_of_another() -> None:
    sealed = seal(KEY, "phone", "070-174 06 05")
    kind = seal(KEY, "email", "x").split("_")[1]
    head, _, *rest = sealed.split("_")
    with pytest.raises(PolicyError):
        reveal(KEY, "_".join([head, kind, *rest]))


SPELLINGS = ["198112189876", "19811218-9876", "811218-9876", "8112189876", "811218 - 9876"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_a_person_give_one_token(spelling: str) -> None:
    expected = token(KEY, "se-personnummer", SPELLINGS[0], scanner=SCANNER)
    assert token(KEY, "se-personnummer", spelling, scanner=SCANNER) == expected


def test_spellings_in_texts_give_one_token() -> None:
    anonymizer = Anonymizer("nordic-default", key=KEY, operators={"*": "pseudonymize"})
    texts = [anonymizer.text(f"Mitt personnummer är {one}.").text for one in SPELLINGS[:3]]
    assert len(set(texts)) == 1
    assert is_token(KEY, texts[0].split()[-1].rstrip("."))


def test_a_token_is_of_its_key_kind_and_domain() -> None:
    made = {
        token(KEY, "se-personnummer", "811218-9876", scanner=SCANNER),
        token(OTHER, "se-personnummer", "811218-9876", scanner=SCANNER),
        token(KEY, "se-organisationsnummer", "811218-9876", scanner=SCANNER),
        token(KEY, "se-personnummer", "811218-9876", scanner=SCANNER, domain="chatt"),
        token(KEY, "se-personnummer", "811218-9876", scanner=SCANNER, domain="samtal"),
    }
    assert len({text.rpartition("_")[2] for text in made}) == 5


def test_an_imitation_is_no_token() -> None:
    made = token(KEY, "se-personnummer", "811218-9876", scanner=SCANNER)
    head, _, body = made.rpartition("_")
    kind, name = head.split("_")
    changed = body[:-1] + next(letter for letter in LETTERS if letter != body[-1])
    for text in (
        f"{head}_{changed}",
        f"{head}_{LETTERS}{LETTERS[:10]}",
        f"MAIL_{name}_{body}",
        f"{kind}_bbbb_{body}",
        made[:-1],
        made + "b",
        "",
    ):
        assert not is_token(KEY, text), text


def test_a_token_in_an_address_may_be_in_lower_case() -> None:
    assert is_token(KEY, token(KEY, "email", "a@example.org", scanner=SCANNER).lower())


def test_no_two_of_many_values_have_one_token() -> None:
    made = {token(KEY, "phone", f"+4670{number:07}", scanner=SCANNER) for number in range(NUMBERS)}
    assert len(made) == NUMBERS


def test_an_unknown_detector_or_a_missing_key_is_refused() -> None:
    with pytest.raises(PolicyError):
        token(KEY, "emial", "x", scanner=SCANNER)
    with pytest.raises(PolicyError):
        Anonymizer("nordic-default", operators={"email": "pseudonymize"})


def test_a_function_may_be_an_operator() -> None:
    anonymizer = Anonymizer("nordic-default", operators={"email": lambda value: f"<{len(value)}>"})
    done = anonymizer.text("Åsa har a.b@example.org och ö@example.org.")
    assert done.text == "Åsa har <15> och <13>."
    assert [done.text.encode()[each.new_start : each.new_end] for each in done.replaced] == [
        b"<15>",
        b"<13>",
    ]


@pytest.mark.parametrize("name", OPERATORS)
def test_the_word_for_a_result_follows_from_the_key(name: str) -> None:
    assert wording([name, "drop"], key_exists=False) == "anonymized"
    expected = "pseudonymized" if OPERATORS[name].needs_key else "anonymized"
    assert wording([name, "drop"], key_exists=True) == expected
