"""An archive that is retained: files, policy, and a rewrite that stands for the real one."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from quick_sweeps import scanner, swept_into
from samples import EMAIL, PHONE, write

from piiscan.holds import Hold, HoldScope, active
from piiscan.policy import LoadedPolicy, parse
from piiscan.retention.apply import Done, Rewriter, Rewritten, Work, carry_out
from piiscan.retention.plan import Plan
from piiscan.retention.planning import make_plan
from piiscan.retention.tree import Tree
from piiscan.store import open_store
from piiscan.store.audit_log import AuditLog

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD, NEW = "2026-06-02T07:14:00Z", "2026-11-20T07:14:00Z"
SOUND = b"RIFF\x24\0\0\0WAVEfmt "

POLICY = """
[notice]
name = "kontakt"
title = "Kontaktcenter"
controller = "Nämnden"
[decision]
ref = "KS 2026/1 § 4"
body = "Kommunstyrelsen"
date = 2026-01-15
[[channel]]
name = "chatt"
match = { path = "chatt/**" }
[[channel]]
name = "samtal"
match = { path = "samtal/**" }
[[channel]]
name = "post"
match = { path = "post/**" }
[[promise]]
id = "chatt-30"
clause = "Bort efter 30 dagar"
channel = "chatt"
clock = "sent"
within = "P30D"
action = "anonymize"
[[promise]]
id = "samtal-3"
clause = "Bort efter tre månader"
channel = "samtal"
clock = "contact"
within = "P3M"
action = "erase"
[[promise]]
id = "post-1"
clause = "Bort efter en månad"
channel = "post"
clock = "sent"
within = "P1M"
action = "erase"
"""


def held(**scope: object) -> Hold:
    return Hold(
        id="7",
        kind="public-access",
        scope=msgspec.convert(scope, HoldScope),
        reason="dnr 2026-811",
        owner="Registrator",
        review=date(2027, 1, 31),
    )


def chat(sent: str | None, text: str, number: int = 1) -> str:
    row = {"id": f"m{number}", "from": "Kim", "text": text}
    return json.dumps(row | ({"timestamp": sent} if sent else {})) + "\n"


def call(*times: str | None) -> str:
    """What is known of a call, in a file of its own."""
    rows = [{"text": f"Mejla {EMAIL}"} | ({"time": time} if time else {}) for time in times]
    return json.dumps({"messages": rows})


def mail(sent: str, number: int = 1) -> str:
    moment = datetime.fromisoformat(sent).strftime("%d %b %Y %H:%M:%S +0000")
    return (
        f"From: Kim <{EMAIL}>\nDate: {moment}\nMessage-ID: <{number}@example.org>\n"
        f"Subject: hej\n\nRing {PHONE}\n"
    )


class Case:
    """An archive, its store and a policy."""

    def __init__(self, folder: Path, files: dict[str, str | bytes], text: str = POLICY) -> None:
        self.root = folder / "arkiv"
        self.root.mkdir()
        self.store = folder / "store.db"
        self.policy: LoadedPolicy = parse(text)
        for name, content in files.items():
            write(self.root / name, content)

    def plan(self, *, now: datetime = NOW, holds: Sequence[Hold] = ()) -> Plan:
        swept_into(self.store, self.root, now=now)
        with open_store(self.store) as store:
            return make_plan(
                store,
                self.policy,
                now_ms=int(now.timestamp() * 1000),
                holds=[*active(self.policy, store), *holds],
                tree=self.tree,
                tool="piiscan 0",
            )

    @property
    def tree(self) -> Tree:
        return Tree([[self.root]], scanner(NOW.date().isoformat()).file_ident)

    @property
    def log(self) -> AuditLog:
        path = self.store.with_name("store.audit.jsonl")
        return AuditLog(path, who="Kim", clock=lambda: "2026-11-22T12:00:00Z")

    def apply(self, plan: Plan, digest: str, rewrite: Rewriter) -> list[Done]:
        return list(carry_out(plan, digest, tree=self.tree, rewrite=rewrite, log=self.log))


FILES: dict[str, str | bytes] = {
    "chatt/log.jsonl": chat(OLD, f"Ring {PHONE}") + chat(NEW, f"Mejla {EMAIL}", 2),
    "chatt/utan-tid.jsonl": chat(None, f"Ring {PHONE}") + chat(None, "Hej", 2),
    "post/1.eml": mail(OLD),
    "post/2.eml": mail(NEW, 2),
    "samtal/1.wav": SOUND,
    "samtal/1.json": call(OLD),
    "samtal/2.wav": SOUND,
    "samtal/2.json": call(NEW),
    "samtal/3.wav": SOUND,
}


def marked(works: Sequence[Work]) -> Iterator[Rewritten]:
    """A rewrite that takes telephone numbers out."""
    for file, found in works:
        text = found.path.read_text()
        count = text.count(PHONE)
        found.path.write_text(text.replace(PHONE, "[telefon]"))
        yield Rewritten(file.id, messages=file.messages, findings=count)


def counts(plan: Plan) -> dict[str, tuple[int, int, int, int]]:
    return {
        rule.promise: (rule.due, rule.overdue, rule.held, rule.undetermined) for rule in plan.rules
    }


def treatments(plan: Plan) -> dict[str, str]:
    return {file.loc: file.treatment for file in plan.files}
