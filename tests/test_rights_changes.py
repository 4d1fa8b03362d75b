"""Erasing, restricting and rectifying for one person: what changes, what stays, what is logged."""

import json
import re
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from samples import Run, tree, write
from subjects import (
    KEY,
    KIM,
    LARS,
    PEOPLE,
    POLICY,
    TEXTS,
    about,
    expected,
    made_archive,
    swept_archive,
    who,
)

from piiscan.findings import LOW
from piiscan.holds import Hold, HoldScope
from piiscan.rights import find, read_person
from piiscan.rights.archive import files_of, read
from piiscan.rights.erasing import erasure
from piiscan.rights.identifiers import read_values
from piiscan.rights.pseudonyms import holds_token, tokens_of
from piiscan.rights.trail import Trail
from piiscan.scanning import Scanner
from piiscan.store import open_store
from piiscan.store.audit_log import AuditLog
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
