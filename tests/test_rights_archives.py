"""The rights of everybody in the archives of policies, held against the truth of what is there."""

import html
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from samples import Made, write

from piiscan.errors import PolicyError
from piiscan.findings import LOW
from piiscan.policy import BUILTIN, load
from piiscan.rights import find, read_person
from piiscan.rights.access import Request, papers
from piiscan.rights.archive import files_of, read
from piiscan.rights.copying import copy_messages
from piiscan.rights.erasing import DONE, carry_out, erasure
from piiscan.rights.export import as_json
from piiscan.rights.identifiers import SHARED
from piiscan.scanning import Scanner
from piiscan.store import open_store
from piiscan.store.audit_log import AuditLog
from piiscan.sweeping import mask_text, sweep

KEY = bytes(range(32))
EVERY = 7  # one in so many people gets an extract


@dataclass
class Value:
    """A value of the truth: where it stands, and how it is written there."""

    detector: str
    office: bool = False
    spellings: set[str] = field(default_factory=set)
    places: set[tuple[str, int]] = field(default_factory=set)


def planted(truth: dict[str, object], scanner: Scanner) -> dict[bytes, Value]:
    """The values of the truth by fingerprint, so that spellings of one are one."""
    found: dict[bytes, Value] = defaultdict(lambda: Value(""))
    messages = truth["messages"]
    assert isinstance(messages, list)
    for message in messages:
        for row in message["values"]:
            try:
                person = read_person(f"{row['detector']}: {row['value']}", scanner)
            except PolicyError:  # a sensitive word is nobody's identifier
                continue
            for one in person.identifiers:
                if one.detector == row["detector"]:
                    value = found[one.fingerprint]
                    value.detector = one.detector
                    value.office |= "office" in row
                    value.spellings.add(row["value"])
                    value.places.add((message["file"], message["record"]))
    return found


@pytest.mark.parametrize("name", BUILTIN)
def test_everybody_is_found_and_nobody_else_is_shown(made: Made, tmp_path: Path, name: str) -> None:
    root, truth = made[name, "broken"]
    policy, scanner = load(name), Scanner(key=KEY, minimum=LOW)
    key = write(tmp_path / "key", KEY.hex() + "\n")
    key.chmod(0o600)
    for _ in sweep(root, store=tmp_path / "s.db", key_file=key):
        pass
    values = planted(truth, scanner)
    people = [value for value in values.values() if value.detector not in SHARED]
    assert people
    with open_store(tmp_path / "s.db") as store:
        for at, value in enumerate(people):
            spelling = min(value.spellings)
            person = read_person(f"{value.detector}: {spelling}", scanner)
            overview = find(store, person, policy=policy, names=False)
            found = {
                (one.owner.loc, one.message.number or 0)
                for one in overview.located
                if not one.owner.loc.endswith(".html")  # shows posts that stand elsewhere too
            }
            assert found == value.places, value.detector
            if at % EVERY:
                continue
            reading = read(store, person, overview, (), scanner=scanner, key=KEY, names=False)
            assert not reading.lost
            copies = copy_messages(
                reading.messages, person, locale="sv-SE", mask_path=lambda t: mask_text(scanner, t)
            )
            request = Request(
                right="access", case="", received=date(2026, 11, 20), verified="x", locale="sv-SE"
            )
            pages = papers(request, copies, policy=policy, incomplete=False).values()
            shown = html.unescape("\n".join(pages))
            shown += as_json(request, copies, person, policy=policy, incomplete=False)
            own = {text for digest in person.digests for text in values[digest].spellings}
            for digest, other in values.items():
                if digest not in person.digests and not other.office:
                    leaked = {text for text in other.spellings if text in shown}
                    assert all(any(text in mine for mine in own) for text in leaked)


@pytest.mark.parametrize("name", BUILTIN)
def test_nobody_who_was_erased_is_found_again(made: Made, tmp_path: Path, name: str) -> None:
    source, truth = made[name, "broken"]
    root = tmp_path / "archive"
    shutil.copytree(source, root)
    policy, scanner = load(name), Scanner(key=KEY, minimum=LOW)
    write(tmp_path / "key", KEY.hex() + "\n").chmod(0o600)
    values = planted(truth, scanner)
    most = max(
        (value for value in values.values() if value.detector in {"email", "phone"}),
        key=lambda value: (
            not value.office, value.detector == "email", len(value.places), min(value.spellings)
        ),
    )  # fmt: skip
    person = read_person(f"{most.detector}: {min(most.spellings)}", scanner)
    counts, found = [], []
    for step in ("before", "after"):
        for _ in sweep(root, store=tmp_path / "s.db", key_file=tmp_path / "key"):
            pass
        with open_store(tmp_path / "s.db") as store:
            overview = find(store, person, policy=policy, names=False)
            plan = erasure(overview, [], key_id=store.key_id, paths={}, files=files_of(store))
        counts.append(plan.count)
        found.append(len(overview.located))
        if step == "before":
            log = AuditLog(tmp_path / "log.jsonl", clock=lambda: "2026-11-20T00:00:00Z")
            results = carry_out(
                plan, person, roots=[str(root)], policy=policy, scanner=scanner, holds=[],
                log=log, names=False,
            )  # fmt: skip
            assert {result.state for result in results} <= set(DONE)
    assert counts[0] > 0
    assert counts[1] == 0
    assert found[1] == found[0] - counts[0]
