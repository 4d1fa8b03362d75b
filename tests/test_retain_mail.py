"""Messages of a mailbox that are emptied: the statistics stay, and so does the mailbox."""

import mailbox
import re
from pathlib import Path

import pytest
from notices import NOTICE, promise
from samples import EMAIL, PERSON, PHONE, Run, write

NOW = ("--now", "2026-11-22T12:00:00Z")
POLICY = (
    NOTICE
    + '[decision]\nref = "KS 1"\nbody = "Nämnden"\n'
    + '[[channel]]\nname = "post"\nkeep = ["time", "/x-mailer"]\n'
    + promise("erase", channel="post", within="P30D")
)
PARTS = (
    f"--x\nContent-Type: text/plain; charset=utf-8\n\n{PHONE}\n"
    f"--x\nContent-Type: text/html\n\n<p>{PHONE}</p>\n"
    f'--x\nContent-Disposition: attachment; filename="brev.txt"\n\n{PHONE}\n--x--'
)


def mail(key: str, sender: str, kind: str, text: str) -> str:
    return (
        f"From {sender} Tue Sep  1 10:00:00 2026\nFrom: Kim <{sender}>\n"
        "To: Info <info@example.org>\n"
        f"Subject: Fråga från {sender}\nMessage-ID: <{key}@example.org>\nMIME-Version: 1.0\n"
        f"Date: Tue, 1 Sep 2026 10:00:00 +0200\nContent-Type: {kind}\nX-Mailer: Brev 1.0\n\n"
        f"{text}\n\n"
    )


@pytest.fixture
def post(tmp_path: Path) -> Path:
    texts = (
        mail("a1", EMAIL, "text/plain; charset=utf-8", f"Mitt personnummer är {PERSON}."),
        mail("b2", "eva@example.org", "text/plain", f"Ring {PHONE}."),
        mail("c3", "bo@example.org", "multipart/mixed; boundary=x", PARTS),
    )
    write(tmp_path / "policy.toml", POLICY)
    return write(tmp_path / "arkiv" / "in.mbox", "".join(texts))


def kept(path: Path) -> list[tuple[str, str, str]]:
    """Date, program and all else that the messages of a mailbox still say."""
    with_path = mailbox.mbox(str(path))
    try:
        return [(one["Date"], one["X-Mailer"], one["Subject"] or "") for one in with_path]
    finally:
        with_path.close()


STATISTICS = ("Tue, 1 Sep 2026 10:00:00 +0200", "Brev 1.0", "")


def test_retention_empties_mails_and_leaves_a_mailbox(post: Path, run: Run) -> None:
    dry = run("retain", "arkiv", "--policy", "policy.toml", *NOW)
    plan = re.search(r"--plan (\S+)", dry.out)
    assert plan, dry.err
    sure = ("--signed-by", "Alma", "--max-share", "1", "--now-confirmed")
    done = run("retain", "--policy", "policy.toml", "--plan", plan[1], "--apply", *sure, *NOW)
    assert done.code == 0, done.out
    assert kept(post) == [STATISTICS] * 3
    text = post.read_text()
    assert not any(value in text for value in (PERSON, PHONE, EMAIL, "eva@", "bo@"))
    assert run("check", "arkiv", "--policy", "policy.toml", "--store", "b.db", *NOW).code == 0


def test_erasing_a_person_empties_that_mail_alone(post: Path, run: Run) -> None:
    assert run("sweep", "arkiv", "--policy", "policy.toml", *NOW).code == 0
    options = ("--policy", "policy.toml", "--by", "Alma", "--case", "D-1", "--apply", *NOW)
    done = run("subject", "erase", *options, stdin=f"{EMAIL}\n")
    assert done.code == 0, done.out
    first, second, third = kept(post)
    assert first == STATISTICS
    assert second[:2] == third[:2] == STATISTICS[:2]
    text = post.read_text()
    assert EMAIL not in text
    assert PHONE in text
