"""An archive with everything that reports speak of, and its reports; values stand everywhere."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from samples import EMAIL, PERSON, PHONE, write

import piiscan
from piiscan.reports import Report
from piiscan.store.audit_log import AuditLog, default_log

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
KINDS = ("sweep", "check", "disposal", "rectification", "ropa", "notice")
WORD = "schizofreni"
PLANTED = (PERSON, EMAIL, PHONE, WORD)
MARKUP = "<script>alert(1)</script> {{ 7*7 }}"

POLICY = f"""
[notice]
name = "test"
title = "Kontakt {MARKUP}"
controller = "Styrelsen"
time_zone = "Europe/Stockholm"
locale = "sv-SE"
[[channel]]
name = "chatt"
match = {{ path = "**/chatt/**" }}
declared = ["person-name", "email"]
[[channel]]
name = "post"
match = {{ path = "**/post/**" }}
[[promise]]
id = "chatt-30-dagar"
clause = "Allt tas bort efter 30 dagar"
section = "2"
channel = "chatt"
within = "P30D"
action = "anonymize"
[[promise]]
id = "inga-konton"
clause = "Kontonummer finns inte"
find = ["financial"]
action = "never"
[[promise]]
id = "inom-ees"
clause = "Inget lämnar EES"
action = "manual"
[[hold]]
kind = "public-access"
scope = {{ path = "**/post/**" }}
reason = "begäran"
owner = "Registrator"
review = 2027-01-31
[register]
name = "Kontaktcenter"
controller = "Styrelsen"
retention = "30 dagar"
content = ["Namn", "E-post"]
subjects = "Den som skriver"
purpose = "=1+1 svara"
"""

PROTOCOL = {
    "schema": 1,
    "decision_kind": "gallringsbeslut",
    "decision_ref": "KS 2021/1311 § 4",
    "decision_body": "Styrelsen",
    "decision_date": "2021-11-03",
    "decision_paragraph": "§ 4",
    "controller": "Styrelsen",
    "title": f"Kontakt {MARKUP}",
    "place": ["arkiv"],
    "time_zone": "Europe/Stockholm",
    "tz_version": "2026b",
    "disposed": [
        {
            "promise": "chatt-30-dagar",
            "clause": "Allt tas bort efter 30 dagar",
            "section": "2",
            "information_type": "chatt",
            "clock": "sent",
            "period": "P30D",
            "action": "anonymize",
            "messages": 97,
            "oldest": "2026-09-02T07:14:00Z",
            "newest": "2026-10-22T10:00:00Z",
            "held": 2,
            "undetermined": 5,
        }
    ],
    "period_from": "2026-09-02T07:14:00Z",
    "period_to": "2026-10-22T10:00:00Z",
    "messages_changed": 97,
    "messages_erased": 0,
    "findings_replaced": 311,
    "files_changed": 12,
    "files_removed": 0,
    "recordings_removed": 0,
    "bytes_before": 123456,
    "bytes_after": 121000,
    "method": "anonymized",
    "operators": ["drop", "label"],
    "not_sought": [],
    "executed_by": "Kim Example",
    "executed_uid": 0,
    "executed_at": "2026-11-22T09:30:00Z",
    "verification": "changed files were read and scanned again before they took place: 12",
    "verified_files": 12,
    "refused": [{"loc": "chatt/c.jsonl", "reason": "changed since the plan"}],
    "linked": ["chatt/d.jsonl"],
    "exceptions": [
        {
            "loc": "chatt/a.jsonl",
            "messages": 2,
            "reason": "request for a public record",
            "hold": "policy-1",
            "kind": "public-access",
            "owner": "Registrator",
            "review": "2027-01-31",
        },
        {"loc": "chatt/b.jsonl", "messages": 5, "reason": "clock `sent` has no known time"},
    ],
    "undetermined": 5,
    "policy": "test",
    "policy_digest": "9c" * 32,
    "plan": "51b0c2de" * 8,
    "plan_id": "51b0c2de",
    "plan_time": "2026-11-22T09:00:00Z",
    "tool": "piiscan 0.1.0",
    "audit_count": 14,
    "audit_head": "ab" * 32,
}

RECTIFIED = {
    "id": 1,
    "time": "2026-11-20T09:30:00Z",
    "who": "Kim Example",
    "case": "DSO-2026-17",
    "spots": [{"object": "00" * 8, "number": 3, "loc": "chatt/a.jsonl", "role": "body"}],
    "old": "sealed",
    "new": "sealed",
}


def chat(*rows: tuple[str, str]) -> str:
    return "".join(
        json.dumps({"id": str(at), "from": EMAIL, "time": time, "text": text}) + "\n"
        for at, (time, text) in enumerate(rows)
    )


def made(folder: Path) -> Path:
    """Make the archive, sweep it, and return the folder of its store `s.db`."""
    archive = folder / "arkiv"
    text = f"Jag är född 1962-03-03 och bor på Storgatan 12. Jag har {WORD}. {PERSON}, {PHONE}."
    write(
        archive / "chatt" / "a.jsonl",
        chat(
            ("2026-09-02T07:14:00Z", text), ("2026-11-20T07:14:00Z", "Hej!"), ("", f"Jag, {PHONE}")
        ),
    )
    write(archive / "chatt" / f"kund {PERSON}.txt", f"Mejla {EMAIL}. Jag vill dö.\n")
    write(archive / "post" / "brev.eml", f"From: {EMAIL}\r\nSubject: Hej\r\n\r\n{PERSON}\r\n")
    write(archive / MARKUP.replace("/", "_") / "ut.txt", f"{PERSON}\n")
    write(archive / "=cmd.txt", f"{PERSON}\n")
    write(archive / "hemlig.zip", b"PK\x03\x04\x14\x00\x01\x00" + bytes(60))
    write(folder / "policy.toml", POLICY)
    write(folder / "key", "01" * 32 + "\n").chmod(0o600)
    store = folder / "s.db"
    for _ in piiscan.sweep(archive, store=store, key_file=folder / "key", started=NOW):
        pass
    write(folder / "s.disposal-51b0c2de.json", json.dumps(PROTOCOL))
    write(folder / "s.rectifications.jsonl", json.dumps(RECTIFIED) + "\n")
    with AuditLog(
        default_log(store), who="Kim Example", clock=lambda: "2026-11-21T09:30:00Z"
    ) as log:
        log.append(
            "subject-rectify",
            case="DSO-2026-18",
            state="refused",
            received="2026-11-20",
            reason="Uppgiften stämmer",
        )
    return folder


def paper(folder: Path, kind: str, locale: str = "en") -> Report:
    with piiscan.open_store(folder / "s.db") as store:
        return piiscan.report(
            kind, store=store, locale=locale, policy=folder / "policy.toml", today=NOW
        )


VOID = {"meta", "br", "link", "rect"}


@dataclass
class Page(HTMLParser):
    """What a page is made of."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def value(self, tag: str, name: str) -> str:
        return next(value for of, called, value in self.attributes if (of, called) == (tag, name))

    def values(self, name: str) -> list[str]:
        return [value for _, called, value in self.attributes if called == name]


@cache
def parsed(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


@cache
def html_of(folder: Path, kind: str, locale: str = "en") -> str:
    return paper(folder, kind, locale).html


def page_of(folder: Path, kind: str, locale: str = "en") -> Page:
    return parsed(html_of(folder, kind, locale))
