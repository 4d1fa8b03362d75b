"""No planted value, in any of its forms, in anything that is written without `--reveal`."""

import html
import json
import urllib.parse
from pathlib import Path

import pytest
from samples import Run, write

PERSON, EMAIL, PHONE, CARD = (
    "811218-9876",
    "kim.example@example.org",
    "070-174 06 05",
    "4111 1111 1111 1111",
)
WORD = "schizofreni"
PLANTED = (PERSON, EMAIL, PHONE, CARD, WORD)


def forms(value: str) -> set[str]:
    """A value as it may come out again."""
    digits = "".join(letter for letter in value if letter.isdigit())
    found = {value, html.escape(value), urllib.parse.quote(value), json.dumps(value)[1:-1]}
    found |= {"".join(f"\\u{ord(letter):04x}" for letter in value), value.replace("@", "(at)")}
    if len(digits) >= 9:
        found |= {digits, value.replace(" ", ""), value.replace("-", "")}
    if value == PERSON:
        found |= {f"19{digits}", f"19{value}"}
    return {form.lower() for form in found}


FORMS = {form for value in PLANTED for form in forms(value)}


def leaked(text: str) -> list[str]:
    text = text.lower()
    return sorted(form for form in FORMS if form in text)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Values in text, names, keys, headers, broken files and encoded parts."""
    folder = tmp_path / "archive"
    text = f"Personnummer {PERSON}, kort {CARD}, ring {PHONE} eller {EMAIL}. Jag har {WORD}.\n"
    write(folder / "brev.txt", text)
    write(folder / f"kund {PERSON}" / f"{EMAIL}.txt", text)
    write(
        folder / "chat.jsonl", json.dumps({"text": text, f"kund {PERSON}": {EMAIL: PHONE}}) + "\n"
    )
    write(folder / "broken.json", f'{{"text": "{text.strip()}", "{PERSON}": ')
    write(folder / "table.csv", f'namn;pnr;{EMAIL}\n"{text};{PERSON};x\n')
    write(folder / "page.html", f"<p title='{EMAIL}'>{PERSON[:6]}<b>{PERSON[6:]}</b> {text}</p>")
    write(folder / "latin.txt", text.replace("Jag", "Också jag").encode("latin-1"))
    write(folder / "odd.bin", b"\0\1\2" + text.encode() + b"\xff\xfe\0")
    mail = (
        f"From: Kim <{EMAIL}>\r\nSubject: {PERSON}\r\nContent-Transfer-Encoding:"
        " quoted-printable\r\n"
        f'Content-Type: text/plain; charset=utf-8; name="{PERSON}.txt"\r\n\r\n'
        f"{PERSON[:8]}=\r\n{PERSON[8:]} {text}"
    )
    write(folder / "mail.eml", mail)
    write(folder / "box.mbox", f"From {EMAIL} Mon Nov  2 10:00:00 2026\n{mail}")
    return folder


COMMANDS = [
    ["sweep", "archive", "--store", "s.db", "-vvv", "--coverage", "all"],
    ["sweep", "archive", "--store", "s.db", "-vvv", "--color", "always"],
    ["scan", "archive", "-vvv", "--context", "200"],
    *[["scan", "archive", "--format", form, "-vvv"] for form in ("json", "jsonl", "csv")],
    ["scan", "archive", "--format", "csv", "--coverage", "all", "-o", "scan.csv"],
    *[
        ["check", "archive", "--policy", "nordic-default", "--store", "s.db", "--format", form]
        for form in ("table", "json", "csv")
    ],
    ["report", "sweep", "--store", "s.db", "-o", "report.html", "-vvv"],
    *[
        ["report", kind, "--store", "s.db", "--policy", "nordic-default", "-o", f"{kind}.{form}"]
        for kind in ("sweep", "check", "ropa", "notice", "rectification")
        for form in ("html", "json", "csv")
    ],
    ["store", "info", "--store", "s.db"],
    ["store", "verify", "--store", "s.db"],
    ["retain", "archive", "--policy", "nordic-default", "--store", "s.db", "-vvv"],
    *[
        ["store", "export", "--store", "s.db", "--format", form, "--coverage", "all"]
        for form in ("json", "csv")
    ],
]


def test_the_planted_values_are_found(run: Run, archive: Path) -> None:
    found = run("scan", str(archive), "--format", "jsonl").records[-1]["by_detector"]
    assert {"se-personnummer", "email", "phone", "payment-card", "health"} <= set(found)  # type: ignore[call-overload]


@pytest.mark.usefixtures("archive")
def test_no_output_and_no_file_holds_a_value(run: Run, tmp_path: Path) -> None:
    for arguments in COMMANDS:
        done = run(*arguments)
        assert done.code in {0, 3}, (arguments, done.err)
        assert not leaked(done.out), arguments
        assert not leaked(done.err), arguments
    for path in tmp_path.rglob("*"):
        if path.is_file() and "archive" not in path.relative_to(tmp_path).parts:
            assert not leaked(path.read_bytes().decode(errors="replace")), path
            assert not leaked(path.name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "archive", "--store", "s.db", "--lexicon", "bad.toml"],
        ["sweep", "archive", "--store", "s.db", "--profile", "bad.toml"],
        ["sweep", "archive", "--store", "bad.toml"],
        ["sweep", "archive", "--store", "s.db", "--key-file", "bad.toml"],
        ["store", "info", "--store", "bad.toml"],
        ["report", "sweep", "--store", "bad.toml"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("archive")
def test_no_error_shows_a_value(arguments: list[str], run: Run, tmp_path: Path) -> None:
    write(tmp_path / "bad.toml", f'id = "{PERSON}\nmail = {EMAIL}\n{WORD} = ')
    done = run(*arguments, "-vvv")
    assert done.code == 2
    assert not leaked(done.out + done.err)


def test_a_revealed_value_shows_that_the_search_works(
    run: Run, archive: Path, tmp_path: Path
) -> None:
    run("scan", str(archive / "brev.txt"), "--reveal", "-o", "out.txt")
    assert leaked((tmp_path / "out.txt").read_text())
