"""The rights of one person: all of their messages and no others', and nobody else's values."""

import html
import json
import mailbox
import re
import shutil
import stat
from email.message import EmailMessage
from pathlib import Path

import pytest
from samples import Run, tree, write
from subjects import (
    EVA,
    KEY,
    KIM,
    LARS,
    PEOPLE,
    TEXTS,
    Somebody,
    about,
    expected,
    made_archive,
    swept_archive,
    who,
    written,
)

from piiscan.findings import LOW
from piiscan.rights import RIGHTS, find, read_person
from piiscan.rights.wording import LOCALES, wording
from piiscan.scanning import Scanner
from piiscan.store import open_store
from piiscan.sweeping import sweep


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_archive(tmp_path_factory.mktemp("rights"))


@pytest.fixture(scope="module")
def swept(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return swept_archive(archive, tmp_path_factory.mktemp("swept"))


@pytest.fixture
def kept(swept: Path, tmp_path: Path) -> Path:
    """A copy of the store for one test, which may write to it."""
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    return tmp_path / "s.db"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(key=KEY, minimum=LOW)


@pytest.mark.parametrize("somebody", PEOPLE, ids=lambda one: one.name)
def test_find_returns_all_and_only_a_persons_messages(
    kept: Path, scanner: Scanner, somebody: Somebody
) -> None:
    with open_store(kept) as store:
        overview = find(store, read_person(somebody.identifiers, scanner), policy=None, names=False)
    order = list(TEXTS)
    found: dict[str, set[str]] = {}
    for one in overview.located:
        assert one.message.number is not None
        found.setdefault(one.owner.loc, set()).add(order[one.message.number])
    assert found == {
        place: expected(somebody)
        for place in (
            "chat/log.jsonl",
            "mail/in.mbox",
            "old.zip!/old/in.mbox",
            "old.zip!/old/log.jsonl",
            "table.csv",
        )
    }
    assert not overview.incomplete


@pytest.mark.parametrize("somebody", PEOPLE, ids=lambda one: one.name)
def test_access_holds_all_of_the_persons_messages_and_nobody_elses_values(
    kept: Path, run: Run, somebody: Somebody
) -> None:
    folder = kept.with_name("extract")
    done = run("subject", "access", *who(kept, somebody), "--verified", "BankID", "-o", str(folder))
    assert (done.code, done.err) == (0, "")
    copy = (folder / "messages.html").read_text()
    for marker in TEXTS:
        assert (marker in copy) == (marker in expected(somebody)), marker
    assert somebody.email in copy
    everything = written(folder).lower()
    for other in PEOPLE:
        if other is somebody:
            continue
        for value in other.values:
            digits = re.sub(r"\D", "", value)
            assert value.lower() not in everything
            assert value.lower().replace("@", "(at)") not in everything
            assert len(digits) < 8 or digits.lstrip("0") not in re.sub(r"[ -]", "", everything)


def test_an_extract_is_for_its_owner_only(kept: Path, run: Run) -> None:
    folder = kept.with_name("extract")
    run("subject", "access", *who(kept, KIM), "--verified", "BankID", "-o", str(folder))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    names = ("letter", "registers", "messages", "withheld", "decision")
    assert modes == {f"{name}.html": 0o600 for name in names}


def test_an_extract_changes_nothing_in_the_archive(kept: Path, archive: Path, run: Run) -> None:
    before = tree(archive)
    folder = str(kept.with_name("extract"))
    run("subject", "access", *who(kept, KIM), "--verified", "BankID", "-o", folder)
    assert tree(archive) == before


def test_an_extract_is_not_written_into_the_archive(kept: Path, archive: Path, run: Run) -> None:
    target = archive / "extract"
    done = run("subject", "access", *who(kept, KIM), "--verified", "BankID", "-o", str(target))
    assert done.code == 2
    assert not target.exists()


def test_what_changed_since_the_sweep_is_said(kept: Path, archive: Path, run: Run) -> None:
    file = archive / "chat" / "log.jsonl"
    before = file.read_bytes()
    try:
        file.write_bytes(b'{"text": "tomt"}\n')
        done = run(
            "subject", "access", *who(kept, KIM), "--verified", "BankID",
            "-o", str(kept.with_name("extract")),
        )  # fmt: skip
    finally:
        file.write_bytes(before)
    assert done.code == 3
    assert "3 messages of the store could not be read again" in done.err


def test_somebody_who_is_not_there_gets_a_letter_that_says_so(kept: Path, run: Run) -> None:
    nobody = Somebody("", "nobody@example.com", "070-174 06 99")
    folder = kept.with_name("extract")
    done = run("subject", "access", *who(kept, nobody), "--verified", "x", "-o", str(folder))
    assert done.code == 0
    assert "0 messages" in done.out
    assert wording("en").say("letter.nothing") in (folder / "letter.html").read_text()


def test_a_hold_past_its_review_is_listed_as_due(kept: Path, run: Run) -> None:
    run(
        "subject", "hold", *who(kept, KIM), "--kind", "threat", "--reason", "r", "--review",
        "2026-11-20", "--by", "N. N.",
    )  # fmt: skip
    assert (
        "hold 1  threat  review 2026-11-20, due for review"
        in run("subject", "log", *about(kept)).out
    )


def test_an_export_says_what_the_person_has_provided(kept: Path, run: Run) -> None:
    file = kept.with_name("mine.json")
    done = run("subject", "export", *who(kept, KIM), "--verified", "BankID", "-o", str(file))
    assert done.code == 0
    exported = json.loads(file.read_text())
    chat = [one for one in exported["messages"] if one["place"].startswith("chat/")]
    assert [one["provided"] for one in chat] == [True, False, False]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(value in file.read_text() for value in LARS.values)


@pytest.mark.parametrize("action", ["access", "export"])
def test_values_are_given_only_on_proof_and_into_a_named_place(
    kept: Path, run: Run, action: str
) -> None:
    target = kept.with_name("out")
    assert run("subject", action, *who(kept, KIM), "-o", str(target)).code == 2
    assert run("subject", action, *who(kept, KIM), "--verified", "BankID").code == 2
    assert not target.exists()


def test_what_is_attached_to_a_persons_message_is_copied(tmp_path: Path, run: Run) -> None:
    root = tmp_path / "archive"
    root.mkdir()
    box = mailbox.mbox(root / "in.mbox")
    for sender, word in ((EVA, "spade"), (KIM, "hacka")):
        mail = EmailMessage()
        mail["From"] = sender.email
        mail.set_content("Se bilagan.")
        table = f"ord;epost\n{word};{LARS.email}\n"
        mail.add_attachment(table, subtype="csv", filename="lista.csv")
        box.add(mail)
    box.close()
    write(tmp_path / "key", KEY.hex() + "\n").chmod(0o600)
    for _ in sweep(root, store=tmp_path / "s.db", key_file=tmp_path / "key"):
        pass
    folder = tmp_path / "extract"
    done = run(
        "subject", "access", *who(tmp_path / "s.db", KIM), "--verified", "x", "-o", str(folder)
    )
    assert (done.code, done.err) == (0, "")
    copy = (folder / "messages.html").read_text()
    assert "hacka" in copy
    assert "spade" not in copy
    assert LARS.email not in copy
    assert "in.mbox#1" in copy


def test_every_right_has_a_command(run: Run) -> None:
    done = run("subject", "--help")
    assert all(re.search(rf"^  {name}\b", done.out, re.MULTILINE) for name in RIGHTS)


def test_a_wrong_key_is_refused(kept: Path, run: Run) -> None:
    other = write(kept.with_name("other"), bytes(32).hex() + "\n")
    other.chmod(0o600)
    done = run("subject", "find", *who(kept, KIM), "--key-file", str(other))
    assert done.code == 4


@pytest.mark.parametrize("locale", LOCALES)
def test_a_refusal_names_reason_and_authority(kept: Path, run: Run, locale: str) -> None:
    file = kept.with_name("refusal.html")
    done = run(
        "subject", "rectify", *who(kept, KIM), "--refuse", "It is right as it is.",
        "--locale", locale, "-o", str(file),
    )  # fmt: skip
    assert done.code == 0
    page = file.read_text()
    assert "It is right as it is." in page
    assert f'lang="{locale}"' in page
    assert wording(locale).authority in page
    assert wording(locale).disclaimer in page


def test_a_paper_runs_nothing(tmp_path: Path, kept: Path, run: Run) -> None:
    file = tmp_path / "refusal.html"
    run("subject", "erase", *who(kept, KIM), "--refuse", "<script>x</script>", "-o", str(file))
    page = html.unescape(file.read_text().replace("&lt;script", "(inert)"))
    assert "<script" not in page
    assert "default-src 'none'" in page
