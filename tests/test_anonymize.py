"""A rewrite changes what its policy names, nothing else, and leaves a trail that proves it."""

import binascii
import csv
import json
import os
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from rewrites import Rewritten, applied, content, job, restored, rewrite, verify
from samples import EMAIL, PERSON, PHONE, ROOT, Made, tree, write

from piiscan.errors import RefusedError
from piiscan.holds import Hold, active
from piiscan.policy import BUILTIN, load
from piiscan.policy.model import HoldRule, Operator, Scope

DEMO = ROOT / "corpora" / "demo"
LABELLED = ROOT / "corpora" / "labelled"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Rewritten:
    return rewrite(job(DEMO, tmp_path_factory.mktemp("demo") / "copy"))


@pytest.fixture(scope="module")
def policies(made: Made, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rewritten]:
    folder = tmp_path_factory.mktemp("policies")
    return {name: rewrite(job(made[name, "broken"][0], folder / name, name)) for name in BUILTIN}


def source_of(run: Rewritten) -> Path:
    return Path(run.job.roots[0])


def target_of(run: Rewritten) -> Path:
    assert run.job.target
    return run.job.target


def assert_spliced(run: Rewritten) -> None:
    seen = 0
    for loc, edits in run.objects():
        before, after = content(source_of(run), loc), content(target_of(run), loc)
        assert edits == sorted(edits, key=lambda row: row[0]), loc
        assert restored(before, after, edits) == before, loc
        assert applied(before, after, edits) == after, loc
        seen += len(edits)
    assert seen


def test_nothing_is_left_in_the_demo_archive(demo: Rewritten) -> None:
    assert demo.total.published
    verdict = verify(demo.job, source=DEMO)
    assert verdict.is_clean, (verdict.residues, verdict.form)
    assert (
        verdict.files
        == verdict.compared
        == demo.total.files["changed"] + (demo.total.files["copied"])
    )


def test_only_what_nobody_can_read_is_refused(demo: Rewritten) -> None:
    assert [result.loc for result in demo.total.refused] == ["arkiv/export-00.zip"]
    assert not (target_of(demo) / "arkiv" / "export-00.zip").exists()


def test_edits_of_the_demo_give_source_and_target(demo: Rewritten) -> None:
    assert_spliced(demo)


@pytest.mark.parametrize("name", BUILTIN)
def test_nothing_is_left_in_an_archive_of_a_policy(
    policies: dict[str, Rewritten], name: str
) -> None:
    run = policies[name]
    verdict = verify(run.job, source=source_of(run))
    assert run.total.published
    assert verdict.is_clean, (verdict.residues, verdict.form)


@pytest.mark.parametrize("name", BUILTIN)
def test_edits_of_an_archive_give_source_and_target(
    policies: dict[str, Rewritten], name: str
) -> None:
    assert_spliced(policies[name])


def test_rewriting_again_changes_nothing(demo: Rewritten, tmp_path: Path) -> None:
    again = rewrite(job(target_of(demo), tmp_path / "again"))
    assert again.total.edits == 0
    assert {name: row[0] for name, row in tree(tmp_path / "again").items()} == {
        name: row[0] for name, row in tree(target_of(demo)).items()
    }


def test_what_comes_to_light_beside_a_label_goes_too(tmp_path: Path) -> None:
    run = rewrite(job(LABELLED, tmp_path / "copy"))
    assert (run.total.residues, run.total.rounds) == ([], 2)
    assert run.state("development.tsv") == run.state("sensitive.tsv") == "changed"
    assert_spliced(run)
    assert rewrite(job(tmp_path / "copy", tmp_path / "again")).total.edits == 0


def test_a_value_goes_that_overlaps_another(tmp_path: Path) -> None:
    # The address of four numbers, the number of nine digits and the one of ten share their digits.
    host = "203.0.113.5.5.113.0.203.in-addr.arpa"
    first = f"Received: from {host} ([203.0.113.5]) by mail.example.org\n"
    second = f"Received: from html by\n    {host} (SMTP) with id\n    <B0000178595@{host}>\n"
    mail = f"{first}{second}From: {EMAIL}\nSubject: hej\n\nTack.\n"
    write(tmp_path / "archive" / "a.eml", mail)
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy"))
    assert (run.total.residues, run.state("a.eml")) == ([], "changed")
    assert "203" not in content(tmp_path / "copy", "a.eml").decode()


def shape(value: object) -> object:
    """Keys and their order; a number may have become a string."""
    if isinstance(value, dict):
        return [(key, shape(member)) for key, member in value.items()]
    if isinstance(value, list):
        return [shape(member) for member in value]
    return None


def test_json_keeps_its_keys_and_their_order(demo: Rewritten) -> None:
    pairs = [
        (shape(json.loads(old)), shape(json.loads(new)))
        for loc in ("chatt/webbchatt-00.jsonl", "chatt/telegram-00/result.json")
        for old, new in documents(demo, loc)
    ]
    assert len(pairs) > 10
    assert all(old == new for old, new in pairs)


def documents(run: Rewritten, loc: str) -> Iterator[tuple[bytes, bytes]]:
    old, new = content(source_of(run), loc), content(target_of(run), loc)
    if loc.endswith(".json"):
        yield old, new
    else:
        yield from zip(old.splitlines(), new.splitlines(), strict=True)


def test_a_table_keeps_its_rows_and_columns(demo: Rewritten) -> None:
    def sizes(root: Path) -> list[int]:
        with (root / "ärenden" / "ärenden-00.csv").open(encoding="cp1252", newline="") as file:
            return [len(row) for row in csv.reader(file, delimiter=";")]

    assert demo.state("ärenden/ärenden-00.csv") == "changed"
    assert sizes(DEMO) == sizes(target_of(demo))
    assert len(set(sizes(DEMO))) == 1


def test_the_source_stays_as_it_is(archive: Path, tmp_path: Path) -> None:
    before = tree(archive)
    run = rewrite(job(archive, tmp_path / "copy"))
    assert run.total.edits
    assert tree(archive) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "copy"]


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_only_the_owner_reads_the_result(archive: Path, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        rewrite(job(archive, tmp_path / "copy"))
    finally:
        os.umask(old)
    for path in [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("target", ["archive/copy", "archive/chat/copy", "archive", "there"])
def test_a_target_that_is_there_or_in_the_source_is_refused(
    target: str, archive: Path, tmp_path: Path
) -> None:
    write(tmp_path / "there", "mine")
    before = tree(tmp_path)
    with pytest.raises(RefusedError):
        rewrite(job(archive, tmp_path / target))
    assert tree(tmp_path) == before


def test_a_file_is_not_written_onto_itself(archive: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked.txt"
    os.link(archive / "brev.txt", linked)
    with pytest.raises(RefusedError):
        rewrite(job(archive / "brev.txt", linked))
    assert PERSON in linked.read_text()


def test_a_single_file_is_rewritten(archive: Path, tmp_path: Path) -> None:
    rewrite(job(archive / "brev.txt", tmp_path / "copy.txt"))
    assert PERSON not in (tmp_path / "copy.txt").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "copy.txt"]


def test_the_target_may_not_lie_behind_a_link_into_the_source(
    archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "door").symlink_to(archive / "chat")
    with pytest.raises(RefusedError):
        rewrite(job(archive, tmp_path / "door" / "copy"))


def opaque(folder: Path) -> Path:
    """A zip that ends in the middle, beside a file that can be read."""
    with zipfile.ZipFile(folder / "cut.zip", "w") as container:
        container.writestr("a.txt", f"Ring {PHONE}.\n")
        container.writestr("b.txt", "x" * 5_000)
    cut = folder / "cut.zip"
    cut.write_bytes(cut.read_bytes()[:3_000])
    return cut


def test_a_file_that_cannot_be_read_whole_is_refused_and_listed(
    archive: Path, tmp_path: Path
) -> None:
    opaque(archive)
    run = rewrite(job(archive, tmp_path / "copy"))
    assert [result.loc for result in run.total.refused] == ["cut.zip"]
    assert run.total.refused[0].reason
    assert not (tmp_path / "copy" / "cut.zip").exists()
    assert (tmp_path / "copy" / "brev.txt").exists()


def test_a_file_that_cannot_be_read_whole_is_copied_when_asked(
    archive: Path, tmp_path: Path
) -> None:
    (archive / "odd.zip").write_bytes(locked())
    run = rewrite(job(archive, tmp_path / "copy", opaque="keep"))
    assert [result.loc for result in run.total.warned] == ["odd.zip"]
    assert (tmp_path / "copy" / "odd.zip").read_bytes() == locked()


BLOB = b"%PDF-1.7\n" + bytes(range(256)) * 20


def unreadable(archive: Path) -> None:
    """Parts that nobody can read: in a zip, behind a password, in a mail, and a file."""
    with zipfile.ZipFile(archive / "a.zip", "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("brev.txt", f"Mejla {EMAIL}, tack.\n")
        container.writestr("x.pdf", BLOB)
        container.writestr("slut.txt", f"Ring {PHONE}.\n")
    encrypted = bytearray((archive / "a.zip").read_bytes())
    encrypted[encrypted.find(b"x.pdf") - 24] |= 1
    encrypted[encrypted.rfind(b"x.pdf") - 38] |= 1
    (archive / "b.zip").write_bytes(encrypted)
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f"Kim <{EMAIL}>", "hej"
    mail.set_content(f"Ring {PHONE}.\n")
    mail.add_attachment(BLOB, maintype="application", subtype="pdf", filename="x.pdf")
    (archive / "brev.eml").write_bytes(mail.as_bytes())
    (archive / "y.pdf").write_bytes(BLOB)


def test_what_nobody_can_read_is_left_out_when_asked(archive: Path, tmp_path: Path) -> None:
    unreadable(archive)
    run = rewrite(job(archive, tmp_path / "copy", opaque="drop"))
    assert [result.loc for result in run.total.dropped] == ["y.pdf"]
    assert {result.loc for result in run.total.warned} == {"a.zip", "b.zip", "brev.eml"}
    assert not run.total.refused
    assert not (tmp_path / "copy" / "y.pdf").exists()
    notice = b"[unreadable part removed]"
    for name in ("a.zip", "b.zip"):
        with zipfile.ZipFile(tmp_path / "copy" / name) as container:
            assert container.testzip() is None
            assert container.namelist() == ["brev.txt", "x.pdf", "slut.txt"]
            assert container.read("x.pdf") == notice
            assert EMAIL.encode() not in container.read("brev.txt")
    mail = message_from_bytes((tmp_path / "copy" / "brev.eml").read_bytes())
    assert [part.get_payload(decode=True) for part in mail.walk()][-1] == notice
    verdict = verify(run.job, source=archive)
    assert verdict.is_clean
    assert not verdict.unread


def test_edits_of_what_was_left_out_give_source_and_target(archive: Path, tmp_path: Path) -> None:
    unreadable(archive)
    for name in ("b.zip", "brev.eml"):  # nobody reads the one, and attachments have no bytes
        (archive / name).unlink()
    assert_spliced(rewrite(job(archive, tmp_path / "copy", opaque="drop")))


def test_an_original_is_not_dropped_because_nobody_can_read_it(archive: Path) -> None:
    (archive / "y.pdf").write_bytes(BLOB)
    run = rewrite(job(archive, None, opaque="drop"))
    assert "y.pdf" in [result.loc for result in run.total.refused]
    assert not run.total.dropped
    assert (archive / "y.pdf").read_bytes() == BLOB


def test_a_uuencoded_file_is_written_again(tmp_path: Path) -> None:
    text = f"Mejla {EMAIL}, tack. ".encode() * 6
    lines = b"".join(binascii.b2a_uu(text[at : at + 45]) for at in range(0, len(text), 45))
    mail = b"From: x@example.org\nSubject: fil\n\nHej.\nbegin 644 a.txt\n%b`\nend\nSlut.\n" % lines
    write(tmp_path / "archive" / "a.eml", "").write_bytes(mail)
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy"))
    assert run.state("a.eml") == "changed"
    new = (tmp_path / "copy" / "a.eml").read_bytes()
    inner = new.partition(b"a.txt\n")[2].partition(b"`\nend\nSlut.\n")[0]
    decoded = b"".join(binascii.a2b_uu(line) for line in inner.splitlines())
    assert decoded == text.replace(EMAIL.encode(), b"[e-mail]")
    assert verify(run.job, source=tmp_path / "archive").is_clean


def test_more_edits_than_memory_takes_are_written_all_the_same(tmp_path: Path) -> None:
    """Eight megabytes of packed edits stay in memory; these take more."""
    line, label, count = f"Ring {PHONE}\n", f"[{'telefon' * 30}]", 50_000
    write(tmp_path / "archive" / "a.txt", line * count)
    operators = {"phone": Operator(op="label", label=label)}
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy", operators=operators))
    assert run.total.edits == count
    assert len(label) * count > 8 << 20
    assert (tmp_path / "copy" / "a.txt").read_text() == line.replace(PHONE, label) * count


def locked() -> bytes:
    """A zip whose only entry needs a password."""
    local = b"PK\x03\x04\x14\x00\x01\x00\x00\x00" + bytes(8)
    local += b"\x04\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00x"
    central = b"PK\x01\x02\x14\x00\x14\x00\x01\x00\x00\x00" + bytes(8)
    central += b"\x04\x00\x00\x00\x04\x00\x00\x00\x01\x00" + bytes(16) + b"x"
    end = b"PK\x05\x06" + bytes(4) + b"\x01\x00\x01\x00" + len(central).to_bytes(4, "little")
    return local + b"abcd" + central + end + (len(local) + 4).to_bytes(4, "little") + b"\0\0"


def test_values_in_names_go_and_no_two_names_are_the_same(archive: Path, tmp_path: Path) -> None:
    write(archive / "chat" / "kund 670919-9530.txt", "Hej igen.\n")
    rewrite(job(archive, tmp_path / "copy"))
    names = sorted(path.name for path in (tmp_path / "copy" / "chat").iterdir())
    assert len(names) == 3
    assert not any("811218" in name or "670919" in name for name in names)
    assert sorted(
        path.read_text() for path in (tmp_path / "copy" / "chat").iterdir() if "kund" in path.name
    ) == ["Hej igen.\n", "Hej.\n"]


def test_a_file_and_a_folder_of_one_new_name_both_come_along(tmp_path: Path) -> None:
    write(tmp_path / "archive" / "kund 811218-9876", "a\n")
    write(tmp_path / "archive" / "kund 670919-9530" / "b.txt", "b\n")
    rewrite(job(tmp_path / "archive", tmp_path / "copy"))
    files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert sorted(path.read_text() for path in files) == ["a\n", "b\n"]


def hold(**scope: str) -> Hold:
    rule = HoldRule(
        kind="public-access",
        scope=Scope(**scope),
        reason="begäran om utlämnande",
        owner="arkivarien",
    )
    policy = load("nordic-default").policy
    policy.hold.append(rule)
    try:
        return active(policy, None)[-1]
    finally:
        policy.hold.remove(rule)


def test_a_file_on_hold_stays_byte_for_byte(archive: Path, tmp_path: Path) -> None:
    run = rewrite(job(archive, tmp_path / "copy", holds=[hold(path="brev.txt")]))
    assert (tmp_path / "copy" / "brev.txt").read_bytes() == (archive / "brev.txt").read_bytes()
    assert run.state("brev.txt") == "copied"
    assert run.state("chat/log.jsonl") == "changed"


def test_a_message_on_hold_stays_and_its_neighbors_do_not(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": f"m{at}", "sender": "Kim", "text": f"Mejla {EMAIL} nu."})
        for at in range(3)
    ]
    write(tmp_path / "archive" / "log.jsonl", "\n".join(lines) + "\n")
    rewrite(job(tmp_path / "archive", tmp_path / "copy", holds=[hold(case="m1")]))
    now = (tmp_path / "copy" / "log.jsonl").read_text().splitlines()
    assert [line == old for line, old in zip(now, lines, strict=True)] == [False, True, False]


def test_fields_that_a_channel_keeps_stay(tmp_path: Path) -> None:
    kept = {"device": f"samtal {PHONE}", "time": "2026-03-02T10:00:00Z"}
    line = json.dumps({"text": f"Ring {PHONE} nu.", **kept})
    write(tmp_path / "archive" / "chatt" / "log.jsonl", line + "\n")
    rewrite(job(tmp_path / "archive", tmp_path / "copy", "kommun-kim"))
    now = json.loads((tmp_path / "copy" / "chatt" / "log.jsonl").read_text())
    assert {name: now[name] for name in kept} == kept
    assert PHONE not in now["text"]


def test_a_threat_waits_for_a_person(tmp_path: Path) -> None:
    text = "Jag ska döda dig om du inte svarar.\n"
    write(tmp_path / "archive" / "brev.txt", text)
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy"))
    assert run.total.alerts
    assert (tmp_path / "copy" / "brev.txt").read_text() == text


def test_an_operator_that_is_given_goes_first(archive: Path, tmp_path: Path) -> None:
    operators = {"email": Operator(op="keep"), "identity-number": Operator(op="mask")}
    rewrite(job(archive, tmp_path / "copy", operators=operators))
    text = (tmp_path / "copy" / "brev.txt").read_text()
    assert EMAIL in text
    assert "*" * len(PERSON) in text
