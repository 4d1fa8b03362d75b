"""People and their messages in an archive, for tests of the rights that they have."""

import io
import json
import mailbox
import zipfile
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from samples import write

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


def made_archive(folder: Path) -> Path:
    """The same messages in four formats, one of them in a container."""
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


def swept_archive(archive: Path, folder: Path) -> Path:
    """A store of the archive, with its key beside it."""
    write(folder / "key", KEY.hex() + "\n").chmod(0o600)
    for _ in sweep(archive, store=folder / "s.db", key_file=folder / "key"):
        pass
    return folder


def about(kept: Path, *more: str) -> list[str]:
    return ["--store", str(kept), "--key-file", str(kept.with_name("key")), *NOW, *more]


def who(kept: Path, somebody: Somebody) -> list[str]:
    file = write(kept.with_name("who.txt"), somebody.identifiers)
    return ["--id-file", str(file), *about(kept)]


def written(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())
