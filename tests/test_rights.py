"""The rights of one person: all of their messages and no others', and nobody else's values."""

import html
import io
import json
import mailbox
import re
import shutil
import stat
import zipfile
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from samples import Run, tree, write

from piiscan.findings import LOW
from piiscan.holds import Hold, HoldScope
from piiscan.rights import RIGHTS, find, read_person
from piiscan.rights.archive import files_of, read
from piiscan.rights.erasing import erasure
from piiscan.rights.identifiers import read_values
from piiscan.rights.pseudonyms import holds_token, tokens_of
from piiscan.rights.trail import Trail
from piiscan.rights.wording import LOCALES, wording
from piiscan.scanning import Scanner
from piiscan.store import open_store
from piiscan.store.audit_log import AuditLog
from piiscan.sweeping import sweep

KEY = bytes(range(32))
POLICY = """
[notice]
name = "test"
title = "Kontaktcenter"
controller = "Kommunstyrelsen"
[decision]
ref = "KS 2026/1"
[[channel]]
name = "chat"
match = { path = "chat/**" }
[operators]
"email" = { op = "pseudonymize" } # its key is not needed to erase
"""
NOW = ("--now", "2026-11-20")


@dataclass(frozen=True)
class Somebody:
    """A made-up person; numbers are published test numbers or reserved for fiction."""

    name: str
    email: str
    phone: str
    number: str = ""

    @property
    def values(self) -> list[str]:
        return [self.name, self.email, self.phone, *([self.number] if self.number else [])]

    @property
    def identifiers(self) -> str:
        return f"email: {self.email}\nphone: {self.phone}\n" + (
            f"personnummer: {self.number}\n" if self.number else ""
        )


KIM = Somebody("Kim Andersson", "kim.example@example.org", "070-174 06 05", "811218-9876")
EVA = Somebody("Eva Berg", "eva.berg@example.org", "070-174 06 11")
LARS = Somebody("Lars Holm", "lars.holm@example.net", "070-174 06 22")
PEOPLE = (KIM, EVA, LARS)

# Marker of the message -> who is in it. Markers are words that no detector knows.
TEXTS: dict[str, tuple[Somebody, str]] = {
    "zebra": (KIM, "Mitt nummer är 19811218-9876, hälsar Kim Andersson."),
    "yxa": (EVA, "Jag heter Eva Berg, ring +46 70 174 06 11."),
    "vante": (LARS, "Skriv till kim.example(at)example.org om saken."),
    "ugn": (EVA, "Lars Holm, lars.holm@example.net, svarade inte."),
    "tratt": (LARS, "Ring 0701740605 i morgon."),
    "sked": (LARS, "Ingen annan nämns här."),
}
MENTIONED = {"vante": KIM, "ugn": LARS, "tratt": KIM}


def expected(somebody: Somebody) -> set[str]:
    return {
        marker
        for marker, (sender, _) in TEXTS.items()
        if somebody in {sender, MENTIONED.get(marker)}
    }


def mbox_bytes(folder: Path) -> bytes:
    path = folder / "made.mbox"
    box = mailbox.mbox(path)
    for at, (marker, (sender, text)) in enumerate(TEXTS.items()):
        mail = EmailMessage()
        mail["From"] = f"{sender.name} <{sender.email}>"
        mail["Subject"] = marker
        mail["Date"] = f"Wed, {at + 1:02} Sep 2026 07:14:00 +0000"
        mail["Message-ID"] = f"<m{at}.{marker}@mail.invalid>"
        mail.set_content(f"{marker}\n{text}\n", cte="quoted-printable")
        box.add(mail)
    box.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same messages in four formats, one of them in a container."""
    folder = tmp_path_factory.mktemp("rights")
    root = folder / "archive"
    mails = mbox_bytes(folder)
    write(root / "mail" / "in.mbox", mails)
    lines = [
        json.dumps({"from": sender.email, "text": f"{marker} {text}", "ts": "2026-09-02T07:14:00Z"})
        for marker, (sender, text) in TEXTS.items()
    ]
    write(root / "chat" / "log.jsonl", "\n".join(lines) + "\n")
    rows = [f"{sender.email};{marker};{text}" for marker, (sender, text) in TEXTS.items()]
    write(root / "table.csv", "epost;ord;text\n" + "\n".join(rows) + "\n")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("old/in.mbox", mails)
        container.writestr("old/log.jsonl", "\n".join(lines) + "\n")
    write(root / "old.zip", packed.getvalue())
    return root


@pytest.fixture(scope="module")
def swept(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the archive, with its key beside it."""
    folder = tmp_path_factory.mktemp("swept")
    write(folder / "key", KEY.hex() + "\n").chmod(0o600)
    for _ in sweep(archive, store=folder / "s.db", key_file=folder / "key"):
        pass
    return folder


@pytest.fixture
def kept(swept: Path, tmp_path: Path) -> Path:
    """A copy of the store for one test, which may write to it."""
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    return tmp_path / "s.db"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(key=KEY, minimum=LOW)


def about(kept: Path, *more: str) -> list[str]:
    return ["--store", str(kept), "--key-file", str(kept.with_name("key")), *NOW, *more]


def who(kept: Path, somebody: Somebody) -> list[str]:
    file = write(kept.with_name("who.txt"), somebody.identifiers)
    return ["--id-file", str(file), *about(kept)]


def written(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())


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


def test_an_erasure_is_refused_while_one_message_is_held(
    kept: Path, archive: Path, run: Run
) -> None:
    before = tree(archive)
    done = run(
        "subject", "hold", *who(kept, LARS), "--kind", "legal-claim", "--reason", "T 12-26",
        "--review", "2027-01-31", "--by", "N. N.",
    )  # fmt: skip
    assert done.code == 0
    done = run("subject", "erase", *who(kept, KIM), "--by", "N. N.", "--apply")
    assert done.code == 4
    assert "10 of 15 messages are on hold (legal-claim, T 12-26)" in done.err
    assert tree(archive) == before
    released = run("subject", "release", "1", *about(kept), "--by", "N. N.", "--reason", "settled")
    assert released.code == 0
    done = run("subject", "erase", *who(kept, KIM), "--by", "N. N.")
    assert done.code == 0
    assert "Would erase 15 messages in 5 objects.\n  chat/log.jsonl#0\n" in done.out


def test_an_erasure_needs_a_decision(kept: Path, run: Run) -> None:
    done = run("subject", "erase", *who(kept, KIM), "--by", "N. N.", "--apply")
    assert done.code == 4
    assert "no decision" in done.err


def test_an_erasure_takes_out_the_persons_messages_and_no_others(
    archive: Path, tmp_path: Path, run: Run
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(archive, root)
    write(root / "brev.txt", f"{KIM.email} skrev.\n")
    policy = write(tmp_path / "policy.toml", POLICY)
    write(tmp_path / "key", KEY.hex() + "\n").chmod(0o600)
    store = tmp_path / "s.db"
    for _ in sweep(root, store=store, key_file=tmp_path / "key"):
        pass
    before = tree(root)
    more = ["--policy", str(policy), "--case", "D-17"]
    done = run("subject", "erase", *who(store, KIM), *more)
    assert done.code == 0
    assert tree(root) == before
    assert "By hand: 1 place, no messages or known by pseudonyms alone\n  brev.txt\n" in done.out
    change = write(tmp_path / "change.txt", "old: hälsar Kim Andersson\nnew: hälsar Kim Ek\n")
    run("subject", "rectify", *who(store, KIM), "--change-file", str(change), "--by", "N. N.")
    (entry,) = Trail(tmp_path / "s.rectifications.jsonl").entries()
    assert len(entry.spots) == 5
    done = run("subject", "erase", *who(store, KIM), *more, "--by", "N. N.", "--apply")
    assert (done.code, done.err) == (3, "")
    (entry,) = Trail(tmp_path / "s.rectifications.jsonl").entries()
    assert (entry.who, entry.old, entry.new) == ("N. N.", "", "")
    assert "15 messages erased" in done.out
    after = tree(root)
    with zipfile.ZipFile(root / "old.zip") as container:
        texts = [container.read(name) for name in container.namelist()]
    texts += [after[name][0] for name in ("chat/log.jsonl", "mail/in.mbox", "table.csv")]
    for text in texts:
        assert {marker for marker in TEXTS if marker in text.decode()} == set(TEXTS) - expected(KIM)
    assert after["brev.txt"] == before["brev.txt"]
    log = AuditLog(tmp_path / "s.audit.jsonl")
    entries = [one for one in log.entries() if one.event == "subject-erased"]
    assert {str(one.fields["loc"]) for one in entries} == {
        "chat/log.jsonl", "mail/in.mbox", "old.zip", "table.csv",
    }  # fmt: skip
    assert {one.decision for one in entries} == {"KS 2026/1"}
    assert log.verify() == []
    assert not any(value in log.path.read_text() for value in KIM.values)


def test_a_hold_on_files_stops_an_erasure_too(kept: Path, run: Run) -> None:
    done = run(
        "subject", "hold", *about(kept), "--path", "chat/**", "--kind", "audit", "--reason", "r",
        "--review", "2027-01-31", "--by", "N. N.",
    )  # fmt: skip
    assert done.code == 0
    done = run("subject", "erase", *who(kept, KIM))
    assert done.code == 4
    assert "3 of 15 messages are on hold (audit, r)" in done.err


def test_a_restricted_person_is_not_listed_and_comes_back(kept: Path, run: Run) -> None:
    def listed() -> set[str]:
        with open_store(kept) as store:
            return {one.loc for one in store.findings(minimum=LOW)}

    before = listed()
    run(
        "subject", "restrict", *who(kept, KIM), "--reason", "disputed", "--review", "2027-01-31",
        "--by", "N. N.",
    )  # fmt: skip
    hidden = listed()
    gone = {re.sub(r"/[^/#]*$", "", loc) for loc in before - hidden}
    assert {loc for loc in gone if loc.startswith("chat/")} == {
        f"chat/log.jsonl#{at}" for at in (0, 2, 4)
    }
    run("subject", "release", "1", *about(kept), "--by", "N. N.", "--reason", "checked")
    assert listed() == before


def test_a_rectification_keeps_both_entries_sealed(kept: Path, run: Run) -> None:
    change = write(kept.with_name("change.txt"), "old: hälsar Kim Andersson\nnew: hälsar Kim Ek\n")
    done = run("subject", "rectify", *who(kept, KIM), "--change-file", str(change), "--by", "N. N.")
    assert done.code == 0
    trail = kept.with_name("s.rectifications.jsonl")
    assert stat.S_IMODE(trail.stat().st_mode) == 0o600
    assert not {"Andersson", "Ek", "hälsar"} & set(re.findall(r"\w+", trail.read_text()))
    assert "Andersson" not in run("subject", "log", *about(kept)).out
    shown = kept.with_name("shown.txt")
    assert run("subject", "log", *about(kept), "--reveal", "-o", str(shown)).code == 0
    assert "old hälsar Kim Andersson" in shown.read_text()
    assert "new hälsar Kim Ek" in shown.read_text()


def test_every_command_is_logged_without_a_value(kept: Path, run: Run) -> None:
    change = write(kept.with_name("change.txt"), "old: i morgon\nnew: i dag\n")
    commands = {
        "find": [],
        "access": ["--verified", "BankID", "-o", str(kept.with_name("extract"))],
        "export": ["--verified", "BankID", "-o", str(kept.with_name("mine.json"))],
        "erase": [],
        "rectify": ["--change-file", str(change), "--by", "N. N."],
        "restrict": ["--reason", "disputed", "--review", "2027-01-31", "--by", "N. N."],
    }
    for name, more in commands.items():
        done = run("subject", name, *who(kept, KIM), *more)
        assert done.code == 0, (name, done.err)
        assert not any(value in done.out + done.err for value in KIM.values)
    log = AuditLog(kept.with_name("s.audit.jsonl"))
    events = {entry.event for entry in log.entries()}
    assert {f"subject-{name}" for name in commands} <= events
    assert log.verify() == []
    text = log.path.read_text()
    assert not any(value in text for one in PEOPLE for value in one.values)


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


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        (HoldScope(path="chat/**"), 3),
        (HoldScope(path="old.zip"), 6),
        (HoldScope(channel="e-mail"), 6),
        (HoldScope(path="elsewhere/**"), 0),
    ],
    ids=["folder", "container", "channel", "elsewhere"],
)
def test_a_hold_covers_what_its_scope_says(
    kept: Path, scanner: Scanner, scope: HoldScope, held: int
) -> None:
    person = read_person(KIM.identifiers, scanner)
    hold = Hold(id="1", kind="audit", scope=scope, reason="r", owner="o")
    with open_store(kept) as store:
        overview = find(store, person, policy=None, names=False)
        reading = read(
            store, person, overview, (), scanner=scanner, key=KEY, names=False, texts=False
        )
        plan = erasure(
            overview, [hold], key_id=store.key_id, paths=reading.paths, files=files_of(store)
        )
    assert len(plan.held) == held
    assert plan.count == 15


def test_pseudonyms_are_found_with_their_key_only(scanner: Scanner) -> None:
    values = read_values(KIM.identifiers, scanner)
    tokens = tokens_of(values, key=bytes(32), scanner=scanner, domains={"", "a"})
    assert len(tokens) == 6
    others = tokens_of(values, key=KEY, scanner=scanner, domains={"", "a"})
    assert not tokens & others
    token = min(tokens)
    assert holds_token(f"skrev {token.upper()} till mig", tokens)
    assert holds_token(f"{token}@piiscan.invalid", tokens)
    assert not holds_token(f"skrev {token} till mig", others)


def test_a_pseudonymized_archive_is_searched_with_the_key(
    tmp_path: Path, run: Run, scanner: Scanner
) -> None:
    (token,) = tokens_of(
        {("se-personnummer", KIM.number)}, key=bytes(32), scanner=scanner, domains={""}
    )
    root = tmp_path / "archive"
    kind, rest = token.split("_", 1)
    lines = [{"text": f"Jag, {kind.upper()}_{rest}, undrar."}, {"text": "Ingen."}]
    write(root / "log.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    write(tmp_path / "key", KEY.hex() + "\n").chmod(0o600)
    pseudonyms = write(tmp_path / "pseudonyms", bytes(32).hex() + "\n")
    pseudonyms.chmod(0o600)
    for _ in sweep(root, store=tmp_path / "s.db", key_file=tmp_path / "key"):
        pass
    done = run("subject", "find", *who(tmp_path / "s.db", KIM))
    assert "0 messages" in done.out
    done = run("subject", "find", *who(tmp_path / "s.db", KIM), "--token-key-file", str(pseudonyms))
    assert "log.jsonl#0  pseudonym" in done.out
    assert "1 message with a pseudonym alone" in done.out
    done = run(
        "subject", "erase", *who(tmp_path / "s.db", KIM), "--token-key-file", str(pseudonyms)
    )
    assert "By hand: 1 place" in done.out
    assert '"pseudonyms":3' in (tmp_path / "s.audit.jsonl").read_text()
