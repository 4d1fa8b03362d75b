"""What a hold names is held wherever it is asked for: in a check, in a plan and in a rewrite."""

import json
import zipfile
from pathlib import Path

import pytest
from notices import CHAT, NOTICE, NOW, policy, promise
from samples import EMAIL, PERSON, PHONE, Run, write

import piiscan
from piiscan.anonymize.outcome import Total
from piiscan.anonymize.tree import Job, rewrite_tree
from piiscan.holds import active
from piiscan.policy import parse
from piiscan.scanning import Scanner

KEY = "01" * 32
MONTH = promise("anonymize", channel="*", within="P30D")
OLD = "2026-09-01T10:00:00Z"
NAME = f"chat/kund {PERSON}.jsonl"
PLAIN = "chat/andra.jsonl"
AT = ("--now", NOW.isoformat())


def ruled(path: str) -> str:
    hold = f'[[hold]]\nkind = "audit"\nscope = {{ path = "{path}" }}\nreason = "x"\nowner = "y"\n'
    return NOTICE + CHAT + MONTH + hold


def shown(folder: Path) -> str:
    """The name of the file with the number, as a store shows it."""
    with piiscan.open_store(folder / "s.db") as store:
        return next(owner.loc for owner in store.objects() if "kund" in owner.loc)


@pytest.fixture
def kept(tmp_path: Path, run: Run) -> Path:
    """An archive of two files whose messages are overdue, swept into `s.db`."""
    line = json.dumps({"text": f"Ring {PHONE}.", "sent": OLD}) + "\n"
    for name in (NAME, PLAIN):
        write(tmp_path / "arkiv" / name, line)
    write(tmp_path / "key", KEY + "\n").chmod(0o600)
    write(tmp_path / "policy.toml", NOTICE + CHAT + MONTH)
    assert run("sweep", "arkiv", "--store", "s.db", "--key-file", "key", *AT).code == 0
    return tmp_path


@pytest.mark.parametrize("form", ["exact", "masked", "folder", "glob"])
def test_a_path_with_a_value_is_held_in_store_and_rewrite(form: str, kept: Path, run: Run) -> None:
    path = {"exact": NAME, "masked": shown(kept), "folder": "chat", "glob": "**/kund*"}[form]
    both = form == "folder"
    write(kept / "held.toml", ruled(path))
    options = ("--store", "s.db", "--key-file", "key", "--format", "jsonl", *AT)
    ran = run("check", "--policy", "held.toml", *options)
    [found] = [record for record in ran.records if record["type"] == "promise"]
    assert (found["held"], found["failing"]) == ((2, 0) if both else (1, 1)), ran.err

    own = parse(ruled(path))
    target = kept / "copy"
    job = Job(
        roots=(str(kept / "arkiv"),),
        policy=own,
        scanner=Scanner(key=bytes.fromhex(KEY), reference_date=NOW.date()),
        target=target,
        key=b"t" * 32,
        holds=active(own, None),
    )
    *_, total = rewrite_tree(job)
    assert isinstance(total, Total)
    untouched = {path.name for path in target.rglob("*.jsonl") if PHONE in path.read_text()}
    assert any(name.startswith("kund") for name in untouched)
    assert len(untouched) == (2 if both else 1)


@pytest.mark.parametrize(("glob", "count"), [("ut/*.zip", 1), ("ut/exp*", 0), ("ut/**", 1)])
def test_a_channel_has_the_same_messages_in_a_check_and_in_a_rewrite(
    glob: str, count: int, tmp_path: Path, run: Run
) -> None:
    inner = json.dumps({"text": f"Ring {PHONE}.", "sent": OLD}) + "\n"
    place = tmp_path / "arkiv" / "ut" / "export.zip"
    place.parent.mkdir(parents=True)
    with zipfile.ZipFile(place, "w") as into:
        into.writestr("logg.jsonl", inner)
    own = f'[[channel]]\nname = "own"\nmatch = {{ path = "{glob}" }}\n'
    text = NOTICE + own + promise("anonymize", channel="own", within="P30D")
    write(tmp_path / "own.toml", text)
    ran = run("check", "arkiv", "--policy", "own.toml", "--format", "jsonl", *AT)
    [found] = [record for record in ran.records if record["type"] == "promise"]
    assert found["failing"] == count
    job = Job(
        roots=(str(tmp_path / "arkiv"),),
        policy=policy(own, promise("anonymize", channel="own", within="P30D")),
        scanner=Scanner(key=bytes.fromhex(KEY), reference_date=NOW.date()),
        target=tmp_path / "copy",
        key=b"t" * 32,
    )
    *_, total = rewrite_tree(job)
    assert isinstance(total, Total)
    with zipfile.ZipFile(tmp_path / "copy" / "ut" / "export.zip") as made:
        assert (PHONE not in made.read("logg.jsonl").decode()) == bool(count)


def held(run: Run) -> object:
    options = ("--store", "s.db", "--key-file", "key", "--format", "jsonl", *AT)
    ran = run("check", "--policy", "policy.toml", *options)
    return [record["held"] for record in ran.records if record["type"] == "promise"]


PLACED = (
    "subject", "hold", "--kind", "legal-claim", "--reason", "tvist", "--review", "2027-01-31",
    "--by", "Registrator", "--store", "s.db", "--key-file", "key", *AT,
)  # fmt: skip


def test_a_hold_by_sender_keeps_what_the_person_sent_alone(tmp_path: Path, run: Run) -> None:
    rows = [
        {"from": EMAIL, "text": f"Ring {PHONE}.", "sent": OLD},
        {"from": "Eva", "text": f"Svara {EMAIL}.", "sent": OLD},
    ]
    write(tmp_path / "arkiv" / "chat" / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    write(tmp_path / "key", KEY + "\n").chmod(0o600)
    write(tmp_path / "policy.toml", NOTICE + CHAT + MONTH)
    assert run("sweep", "arkiv", "--store", "s.db", "--key-file", "key", *AT).code == 0
    ran = run(*PLACED, "--sender", stdin=f"{EMAIL}\n")
    assert ran.code == 0, ran.err
    assert "covers 1 message," in ran.out
    assert held(run) == [1]
    assert run(*PLACED, stdin=f"{EMAIL}\n").code == 0
    assert held(run) == [2]


def test_originals_on_hold_in_the_store_stay_as_they_are(tmp_path: Path, run: Run) -> None:
    rows = [
        {"from": EMAIL, "text": f"Ring {PHONE}.", "sent": OLD},
        {"from": "Eva", "text": f"Ring {PHONE}.", "sent": OLD},
    ]
    path = tmp_path / "arkiv" / "chat" / "a.jsonl"
    write(path, "".join(json.dumps(row) + "\n" for row in rows))
    write(tmp_path / "key", KEY + "\n").chmod(0o600)
    decision = '[decision]\nref = "KS 1"\nbody = "Nämnden"\n'
    write(tmp_path / "policy.toml", NOTICE + decision + CHAT + MONTH)
    assert run("sweep", "arkiv", "--store", "s.db", "--key-file", "key", *AT).code == 0
    assert run(*PLACED, "--sender", stdin=f"{EMAIL}\n").code == 0
    store = ("--store", "s.db", "--key-file", "key", *AT)
    sure = ("--in-place", "--overwrite-originals", "--apply", "--signed-by", "Alma")
    done = run("anonymize", "arkiv", "--policy", "policy.toml", *sure, *store)
    assert done.code == 0, done.err
    held_back, changed = path.read_text().splitlines()
    assert held_back == json.dumps(rows[0])
    assert PHONE not in changed


def test_a_hold_by_the_key_of_messages_keeps_them(tmp_path: Path, run: Run) -> None:
    mails = "".join(
        f"From x Tue Sep  1 10:00:00 2026\nMessage-ID: <{key}>\nDate: {day}\n\nRing {PHONE}.\n\n"
        for key, day in (
            ("a1", "Tue, 1 Sep 2026 10:00:00 +0200"),
            ("b2", "Tue, 1 Sep 2026 11:00:00 +0200"),
        )
    )
    write(tmp_path / "arkiv" / "chat" / "in.mbox", mails)
    write(tmp_path / "key", KEY + "\n").chmod(0o600)
    write(tmp_path / "policy.toml", NOTICE + CHAT + MONTH)
    assert run("sweep", "arkiv", "--store", "s.db", "--key-file", "key", *AT).code == 0
    ran = run(*PLACED, "--message", "<a1>")
    assert ran.code == 0, ran.err
    assert held(run) == [1]
    refused = run(*PLACED, "--message", "a1", "--sender")
    assert refused.code == 2
    log = (tmp_path / "s.audit.jsonl").read_text()
    assert "<a1>" not in log
