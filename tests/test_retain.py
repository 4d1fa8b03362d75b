"""Retention: what a plan says, when it is not carried out, and what is left when it is."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import EMAIL, PERSON, PHONE, Run, tree, write

from piiscan.errors import ArchiveError, PolicyError, RefusedError
from piiscan.holds import Hold, HoldScope, active
from piiscan.policy import LoadedPolicy, parse
from piiscan.policy.model import Decision
from piiscan.retention import brakes
from piiscan.retention.apply import (
    Done,
    Event,
    Rewriter,
    Rewritten,
    Work,
    carried_out,
    carry_out,
    progress,
)
from piiscan.retention.plan import (
    Plan,
    find_plan,
    in_spans,
    plan_id,
    read_plan,
    spans,
    write_plan,
)
from piiscan.retention.planning import make_plan
from piiscan.retention.protocol import protocol, protocol_path, read_protocol, write_protocol
from piiscan.retention.tree import Tree
from piiscan.scanning import Scanner
from piiscan.store import default_path, load, open_store
from piiscan.store.audit_log import AuditLog
from piiscan.sweeping import sweep

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
        for _ in sweep(self.root, store=self.store, started=now):
            pass
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
        key = load(default_path(self.store))
        return Tree([[self.root]], Scanner(key=key).file_ident)

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


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, FILES)


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


# The plan.


def test_a_plan_counts_what_is_due_overdue_held_and_undetermined(case: Case) -> None:
    plan = case.plan()
    assert counts(plan) == {
        "chatt-30": (1, 1, 0, 2),
        "samtal-3": (2, 2, 0, 1),
        "post-1": (1, 1, 0, 0),
    }
    assert (plan.changed, plan.erased) == (4, 3)


def test_a_plan_names_files_by_id_size_time_and_hash(case: Case) -> None:
    [file] = [each for each in case.plan().files if each.loc == "chatt/log.jsonl"]
    path = case.root / file.loc
    assert (file.size, file.mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert file.sha256 == sha256(path.read_bytes()).hexdigest()
    assert len(file.id) == 16
    assert file.parts == {file.id: [(0, 0)]}


def test_a_message_of_its_own_file_is_removed_and_one_among_others_rewritten(case: Case) -> None:
    assert treatments(case.plan()) == {
        "chatt/log.jsonl": "rewrite",
        "post/1.eml": "remove",
        "samtal/1.json": "remove",
        "samtal/1.wav": "remove",
    }


def test_a_dry_run_changes_nothing(case: Case) -> None:
    before = tree(case.root)
    case.plan()
    assert tree(case.root) == before


@pytest.mark.parametrize(
    ("odd", "newest"),
    [("2031-05-04T12:00:00Z", NEW), ("1901-01-01T00:00:00Z", NEW), ("2027-02-01T00:00:00Z", None)],
)
def test_the_newest_message_is_the_newest_plausible_one(
    odd: str, newest: str | None, tmp_path: Path
) -> None:
    case = Case(tmp_path, {"chatt/log.jsonl": chat(NEW, "Hej") + chat(odd, "Hej", 2)})
    found = case.plan().newest_ms
    assert found == datetime.fromisoformat(newest or odd).timestamp() * 1000


def test_a_plan_says_since_when_the_oldest_is_overdue(case: Case) -> None:
    [rule] = [each for each in case.plan().rules if each.promise == "chatt-30"]
    assert (rule.oldest, rule.since) == (OLD, "2026-07-02T22:00:00Z")


def test_a_channel_that_keeps_fields_loses_no_file(tmp_path: Path) -> None:
    text = POLICY.replace('path = "post/**" }', 'path = "post/**" }\nkeep = ["time"]')
    plan = Case(tmp_path, {"post/1.eml": mail(OLD)}, text).plan()
    assert treatments(plan) == {"post/1.eml": "rewrite"}
    assert plan.erased == 0


def test_a_plan_holds_no_value_and_is_private(tmp_path: Path) -> None:
    case = Case(tmp_path, {f"chatt/kund {PERSON}.jsonl": chat(OLD, f"Mejla {EMAIL}")})
    path, _ = write_plan(case.plan(), case.store)
    text = path.read_text()
    assert PERSON not in text
    assert EMAIL not in text
    assert len(read_plan(path)[0].files) == 1  # the file is found by its masked name
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


def test_files_that_look_the_same_under_their_masks_are_told_apart(tmp_path: Path) -> None:
    names = [f"chatt/kund {person}.jsonl" for person in (PERSON, "811228-9874")]
    case = Case(tmp_path, {names[0]: chat(OLD, PHONE), names[1]: chat(NEW, PHONE)})
    for name in names:
        os.utime(case.root / name, ns=(10**18, 10**18))
    [file] = case.plan().files
    assert file.sha256 == sha256((case.root / names[0]).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "roots", [["a/x"], ["a/x", "b/x"], ["a/x/1.jsonl"], ["b/x", "a/x/1.jsonl"], ["a", "b"]]
)
def test_files_are_found_below_any_roots(roots: list[str], tmp_path: Path) -> None:
    write(tmp_path / "a/x/1.jsonl", chat(OLD, PHONE))
    write(tmp_path / "b/x/1.jsonl", chat(OLD, EMAIL))
    places = [tmp_path / root for root in roots]
    for _ in sweep(*places, store=tmp_path / "store.db", started=NOW):
        pass
    files = Tree([places], Scanner(key=load(tmp_path / ".piiscan" / "key")).file_ident)
    with open_store(tmp_path / "store.db") as store:
        for owner in store.objects():
            found = files.unchanged(owner.ident.hex(), owner.size, owner.mtime_ns)
            assert found
            assert str(found.path).endswith(owner.loc)


# Holds beat every clock.

HELD = [
    ({"path": "chatt"}, {"chatt/log.jsonl"}),
    ({"path": "**/*.eml"}, {"post/1.eml"}),
    ({"channel": "post"}, {"post/1.eml"}),
    ({"path": "samtal/1.wav"}, {"samtal/1.wav", "samtal/1.json"}),
    ({"path": "samtal/1.json"}, {"samtal/1.wav", "samtal/1.json"}),
    ({"path": "**"}, {"chatt/log.jsonl", "post/1.eml", "samtal/1.wav", "samtal/1.json"}),
]


@pytest.mark.parametrize(("scope", "kept"), HELD)
def test_what_is_held_is_not_planned(scope: dict[str, str], kept: set[str], case: Case) -> None:
    free = set(treatments(case.plan()))
    plan = case.plan(holds=[held(**scope)])
    assert set(treatments(plan)) == free - kept
    listed = [each for each in plan.kept if each.hold == "7"]
    assert {each.loc for each in listed} >= kept - {"samtal/1.json"}
    assert {(each.kind, each.reason, each.review) for each in listed} == {
        ("public-access", "dnr 2026-811", "2027-01-31")
    }


def test_a_hold_may_name_a_file_that_the_store_knows_by_its_mask(tmp_path: Path) -> None:
    case = Case(tmp_path, {f"post/kund {PERSON}.eml": mail(OLD)})
    assert len(case.plan().files) == 1
    plan = case.plan(holds=[held(path=f"post/kund {PERSON}.eml")])
    assert plan.files == []
    assert [kept.hold for kept in plan.kept if kept.hold] == ["7"]
    assert PERSON not in str(plan)
    [loc] = [kept.loc for kept in plan.kept if kept.hold]
    assert case.plan(holds=[held(path=loc)]).files == []


def test_a_person_is_held_wherever_she_is_found(case: Case) -> None:
    case.plan()
    with open_store(case.store) as store:
        names = {found.fingerprint for found in store.findings(detector="phone")}
    plan = case.plan(holds=[held(subject=sorted(names))])
    assert set(treatments(plan)) == {"samtal/1.json", "samtal/1.wav"}
    assert counts(plan)["chatt-30"] == (1, 0, 1, 2)
    assert counts(plan)["post-1"] == (1, 0, 1, 0)


def test_a_case_is_held_by_the_hash_of_its_key(case: Case) -> None:
    case.plan()
    with open_store(case.store) as store:
        [mail] = [each for each in store.objects() if each.loc == "post/1.eml"]
        key = next(iter(store.rows(mail))).key.hex()
    assert "post/1.eml" not in treatments(case.plan(holds=[held(case=key)]))


HELD_CASE = """
[[hold]]
kind = "legal-claim"
scope = { channel = "samtal", case = "S-1" }
reason = "tvist"
owner = "Jurist"
"""


def test_a_policy_holds_a_case_whose_messages_hold_nothing(tmp_path: Path, run: Run) -> None:
    rows = [{"id": key, "text": "Hej", "sent": OLD} for key in ("S-1", "S-2", "S-1")]
    write(tmp_path / "arkiv/samtal/log.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    write(tmp_path / "policy.toml", POLICY + HELD_CASE)
    words = ("--policy", "policy.toml", "--store", "s.db", "--now", "2026-11-22")
    run("sweep", "arkiv", "--store", "s.db")
    refused = run("retain", *words)
    assert refused.code == 4
    assert "does not know the case of every message" in refused.err
    assert "samtal: erase, P3M" in (done := run("retain", "arkiv", *words)).out
    assert "Held: 2 messages in samtal/log.jsonl: legal-claim, tvist (Jurist)" in done.out
    [path] = tmp_path.glob("s.plan-*.json")
    [file] = read_plan(path)[0].files
    assert list(file.parts.values()) == [[(1, 1)]]


# Recordings.

RECORDINGS: list[tuple[str, dict[str, str | bytes], str, set[str]]] = [
    ("old", {"1.json": call(OLD)}, "overdue", {"1.wav", "1.json"}),
    ("new", {"1.json": call(NEW)}, "due", set()),
    ("latest", {"1.json": call(OLD, NEW)}, "due", set()),
    ("untimed", {"1.json": call(None)}, "undetermined", set()),
    ("future", {"1.json": call("2031-01-01T00:00:00Z")}, "undetermined", set()),
    ("ancient", {"1.json": call("1970-01-01T00:00:00Z")}, "undetermined", set()),
    ("alone", {}, "undetermined", set()),
    ("other", {"2.json": call(OLD)}, "undetermined", {"2.json"}),
    (
        "transcript",
        {"1.json": call(OLD), "1.txt": "Hej\n"},
        "overdue",
        {"1.wav", "1.json", "1.txt"},
    ),
]


@pytest.mark.parametrize(
    ("files", "standing", "gone"),
    [row[1:] for row in RECORDINGS],
    ids=[row[0] for row in RECORDINGS],
)
def test_a_recording_goes_when_the_file_beside_it_says_so(
    files: dict[str, str | bytes], standing: str, gone: set[str], tmp_path: Path
) -> None:
    case = Case(tmp_path, {f"samtal/{name}": each for name, each in files.items()})
    write(case.root / "samtal" / "1.wav", SOUND)
    plan = case.plan()
    assert any(each.recording for each in plan.files) == (standing == "overdue")
    assert {Path(each.loc).name for each in plan.files} == gone
    rule = {rule.promise: rule for rule in plan.rules}["samtal-3"]
    assert getattr(rule, standing) >= 1


def test_a_recording_in_a_channel_that_is_not_erased_stays(tmp_path: Path) -> None:
    case = Case(tmp_path, {"chatt/1.wav": SOUND, "chatt/1.json": call(OLD)})
    assert not any(each.recording for each in case.plan().files)


# The file of a plan.


def test_a_plan_is_found_by_its_id_or_path(case: Case) -> None:
    plan = case.plan()
    path, digest = write_plan(plan, case.store)
    assert find_plan(plan_id(digest), case.store) == path
    assert find_plan(str(path), case.store) == path
    assert read_plan(path) == (plan, digest)
    with pytest.raises(FileNotFoundError):
        find_plan("00000000", case.store)


def test_a_plan_that_was_changed_is_refused(case: Case) -> None:
    path, _ = write_plan(case.plan(), case.store)
    path.write_text(path.read_text().replace('"P30D"', '"P20D"'))
    with pytest.raises(RefusedError, match="was changed"):
        read_plan(path)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"sha256":"x","plan":{}}', b"[" * 100_000])
def test_what_is_no_plan_is_said_so(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is no plan"):
        read_plan(write(tmp_path / "plan.json", content))


@given(st.lists(st.integers(-1, 60)))
def test_runs_of_numbers_are_those_numbers(numbers: list[int]) -> None:
    assert in_spans(spans(numbers)) == sorted(set(numbers))


# The brakes.

TODAY = date(2026, 11, 22)
DECISIONS: list[tuple[dict[str, object], str]] = [
    ({"ref": ""}, "no decision"),
    ({"ref": "  "}, "no decision"),
    ({"ref": "KS 1", "expires": date(2026, 11, 21)}, "expired"),
    ({"ref": "KS 1", "date": date(2026, 11, 23)}, "after today"),
]


@pytest.mark.parametrize(("given", "why"), DECISIONS)
def test_without_a_decision_that_holds_nothing_is_done(given: dict[str, object], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        brakes.check_decision(msgspec.convert(given, Decision), TODAY)


@pytest.mark.parametrize(
    "given",
    [{"ref": "KS 1"}, {"ref": "KS 1", "date": TODAY}, {"ref": "KS 1", "expires": TODAY}],
)
def test_a_decision_holds_on_its_first_and_last_day(given: dict[str, object]) -> None:
    brakes.check_decision(msgspec.convert(given, Decision), TODAY)


NEWEST = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp() * 1000)
CLOCKS = [
    (datetime(2026, 11, 19, tzinfo=UTC), "", "before the newest message"),
    (datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=401), "", "more than 400 days"),
    (datetime(2026, 11, 22, tzinfo=UTC), "2026-11-23T00:00:00Z", "last entry of the audit log"),
]


@pytest.mark.parametrize(("now", "last", "why"), CLOCKS)
def test_an_implausible_clock_is_refused_until_it_is_confirmed(
    now: datetime, last: str, why: str
) -> None:
    def check(*, confirmed: bool) -> None:
        brakes.check_clock(now, newest_ms=NEWEST, last_entry=last, plan=None, confirmed=confirmed)

    with pytest.raises(RefusedError, match=why):
        check(confirmed=False)
    check(confirmed=True)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_plausible_clock_is_not(days: int) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(days=days)
    last = "2026-11-20T00:00:00Z"
    brakes.check_clock(now, newest_ms=NEWEST, last_entry=last, plan=None, confirmed=False)
    brakes.check_clock(now, newest_ms=None, last_entry="", plan=None, confirmed=False)


def test_a_plan_of_tomorrow_is_refused(case: Case) -> None:
    with pytest.raises(RefusedError, match="after now"):
        brakes.check_clock(
            NOW - timedelta(hours=1),
            newest_ms=None,
            last_entry="",
            plan=case.plan(),
            confirmed=True,
        )


def test_a_plan_of_another_policy_is_refused(case: Case) -> None:
    plan = case.plan()
    brakes.check_policy(plan, case.policy.digest)
    with pytest.raises(RefusedError, match="has changed"):
        brakes.check_policy(plan, parse(POLICY.replace("P30D", "P31D")).digest)


def test_a_plan_of_another_store_is_refused(case: Case) -> None:
    plan = case.plan()
    brakes.check_store(plan, plan.key_id)
    with pytest.raises(RefusedError, match="another store"):
        brakes.check_store(plan, "zzzz")


def test_a_plan_that_takes_out_too_much_is_refused(case: Case) -> None:
    plan = case.plan()
    assert plan.messages == 11
    brakes.check_share(plan, 0.5)
    brakes.check_share(plan, 3 / 11)
    with pytest.raises(RefusedError, match="erases 3 of 11"):
        brakes.check_share(plan, 0.25)


def test_a_hold_that_came_after_the_plan_stops_it(case: Case) -> None:
    plan = case.plan(holds=[held(path="x")])
    brakes.check_holds(plan, [held(path="x")])
    brakes.check_holds(plan, [])
    with pytest.raises(RefusedError, match="hold `7` was placed"):
        brakes.check_holds(case.plan(), [held(path="x")])


# Carrying out.


def test_a_plan_is_carried_out_and_logged(case: Case) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    done = {each.file.loc: each for each in case.apply(plan, digest, marked)}
    assert carried_out(plan, progress(case.log, digest)) == [done[file.loc] for file in plan.files]
    assert {loc: each.state for loc, each in done.items()} == {
        "chatt/log.jsonl": "changed",
        "post/1.eml": "removed",
        "samtal/1.json": "removed",
        "samtal/1.wav": "removed",
    }
    left = {str(path.relative_to(case.root)) for path in case.root.rglob("*") if path.is_file()}
    assert left == set(FILES) - {"post/1.eml", "samtal/1.json", "samtal/1.wav"}
    entries = list(case.log.entries())
    assert entries[0].event == "retention-started"
    assert entries[-1].event == "retention-ended"
    [changed] = [entry for entry in entries if entry.event == "file-changed"]
    path = case.root / "chatt/log.jsonl"
    assert changed.fields["after"] == sha256(path.read_bytes()).hexdigest()
    assert changed.fields["before"] == done["chatt/log.jsonl"].file.sha256
    assert case.log.verify() == []


def test_a_plan_is_carried_out_once(case: Case) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    case.apply(plan, digest, marked)
    with pytest.raises(RefusedError, match="carried out already"):
        case.apply(plan, digest, marked)


def grown(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


def touched(path: Path) -> None:
    os.utime(path, ns=(10**18, 10**18))


def swapped(path: Path) -> None:
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Ring", b"Sing"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("change", [grown, touched, swapped, Path.unlink])
def test_a_file_that_changed_stops_the_whole_plan(
    change: Callable[[Path], None], case: Case
) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    change(case.root / "chatt/log.jsonl")
    before = tree(case.root)
    with pytest.raises(RefusedError, match="has changed since the plan was made"):
        case.apply(plan, digest, marked)
    assert tree(case.root) == before
    assert case.log.count == 0


@pytest.mark.parametrize("name", ["post/1.eml", "chatt/log.jsonl"])
def test_a_file_that_changes_in_the_meantime_is_refused(
    name: str, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    append = AuditLog.append

    def changing(log: AuditLog, event: str, **fields: object) -> object:
        if event == "retention-started":
            grown(case.root / name)
        return append(log, event, **fields)

    monkeypatch.setattr(AuditLog, "append", changing)
    done = {each.file.loc: each for each in case.apply(plan, digest, marked)}
    assert (done[name].state, done[name].reason) == (
        "refused",
        "it changed while the plan was carried out",
    )
    assert (case.root / name).read_bytes().endswith(b"\n\n")
    assert PHONE in (case.root / name).read_text()


def test_a_new_file_beside_those_of_the_plan_is_left_alone(case: Case) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    new = write(case.root / "chatt" / "ny.jsonl", chat(OLD, f"Ring {PHONE}"))
    case.apply(plan, digest, marked)
    assert PHONE in new.read_text()


def breaking(works: Sequence[Work]) -> Iterator[Rewritten]:
    for _, found in works:
        found.path.write_text(found.path.read_text().replace(PHONE, "[telefon]"))
    yield from ()
    raise ArchiveError("the disk went away")


def test_a_file_that_was_written_before_a_rewrite_failed_counts(case: Case) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    [done] = [each for each in case.apply(plan, digest, breaking) if each.file.loc[0] == "c"]
    assert (done.state, done.messages) == ("changed", 1)


def refusing(works: Sequence[Work]) -> Iterator[Rewritten]:
    for file, _ in works:
        yield Rewritten(file.id, reason="cannot be written in its charset")


def failing(_works: Sequence[Work]) -> Iterable[Rewritten]:
    raise ArchiveError("`chatt/log.jsonl` is damaged\n\nhint: none")


def passing_over(_works: Sequence[Work]) -> Iterable[Rewritten]:
    return []


@pytest.mark.parametrize(
    ("rewrite", "reason"),
    [
        (refusing, "cannot be written in its charset"),
        (failing, "`chatt/log.jsonl` is damaged"),
        (passing_over, "it was not met again"),
    ],
)
def test_a_file_that_cannot_be_rewritten_is_refused_and_the_others_go_on(
    rewrite: Rewriter, reason: str, case: Case
) -> None:
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    before = (case.root / "chatt/log.jsonl").read_bytes()
    done = case.apply(plan, digest, rewrite)
    assert {(each.state, each.reason) for each in done} == {("refused", reason), ("removed", "")}
    assert (case.root / "chatt/log.jsonl").read_bytes() == before


class Killed(BaseException):
    """Stands for the end of the process."""


MANY: dict[str, str | bytes] = {
    **{f"chatt/{at}.jsonl": chat(OLD, f"Ring {PHONE}", at) for at in range(2)},
    **{f"post/{at}.eml": mail(OLD, at) for at in range(2)},
}


class Killer:
    """Ends the process at the n-th step: before or after a line of the log, after a file."""

    def __init__(self, at: int, patch: pytest.MonkeyPatch) -> None:
        self.left = at
        extend, unlink = AuditLog.extend, Path.unlink

        def killing_extend(log: AuditLog, events: Sequence[Event]) -> object:
            self.step()
            entries = extend(log, events)
            self.step()
            return entries

        def killing_unlink(path: Path) -> None:
            unlink(path)
            self.step()

        patch.setattr(AuditLog, "extend", killing_extend)
        patch.setattr(Path, "unlink", killing_unlink)

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    def rewrite(self, works: Sequence[Work]) -> Iterator[Rewritten]:
        for result in marked(works):
            self.step()
            yield result


@pytest.mark.parametrize("at", range(1, 18))
def test_a_killed_run_goes_on_to_the_same_end(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(tmp_path, MANY)
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    with monkeypatch.context() as patch, suppress(Killed):
        killer = Killer(at, patch)
        case.apply(plan, digest, killer.rewrite)
    if not progress(case.log, digest).ended:
        done = case.apply(plan, digest, marked)
        assert len(done) == 4
        assert {each.state for each in done} <= {"changed", "unchanged", "removed"}
    assert progress(case.log, digest).ended
    assert case.log.verify() == []
    left = sorted(path.name for path in case.root.rglob("*") if path.is_file())
    assert left == [f"{at}.jsonl" for at in range(2)]
    logged = {
        entry.fields["loc"]: entry.fields["after"]
        for entry in case.log.entries()
        if entry.event == "file-changed"
    }
    for number in range(2):
        content = (case.root / f"chatt/{number}.jsonl").read_bytes()
        assert PHONE.encode() not in content
        assert logged[f"chatt/{number}.jsonl"] == sha256(content).hexdigest()


OLD_CHAT = json.dumps({"id": "1", "text": f"Ring {PHONE}. Tack!", "sent": OLD, "status": "klar"})
NEW_CHAT = json.dumps({"id": "2", "text": f"Ring {PHONE}. Tack!", "sent": NEW, "status": "klar"})


def test_the_command_changes_what_is_overdue_and_no_other_byte(tmp_path: Path, run: Run) -> None:
    path = write(tmp_path / "arkiv/chatt/log.jsonl", f"{OLD_CHAT}\n{NEW_CHAT}\n")
    calls = write(tmp_path / "arkiv/samtal/log.jsonl", f"{OLD_CHAT}\n{NEW_CHAT}\n")
    write(tmp_path / "policy.toml", POLICY)
    words = ("--policy", "policy.toml", "--store", "s.db", "--now", "2026-11-22")
    assert run("retain", "arkiv", *words).code == 0
    [plan] = tmp_path.glob("s.plan-*.json")
    done = run("retain", *words, "--apply", "--plan", str(plan), "--signed-by", "Kim")
    assert done.code == 0, done.err
    before, after = OLD_CHAT.split(PHONE)
    lines = path.read_text().splitlines()
    assert lines[0].startswith(before)
    assert lines[0].endswith(after)
    assert PHONE not in lines[0]
    assert lines[1] == NEW_CHAT
    assert calls.read_text() == NEW_CHAT + "\n"
    assert run("store", "verify", "--store", "s.db").code == 0
    assert "nothing is overdue" in run("retain", "arkiv", *words).out


# The protocol.


def test_a_protocol_says_what_was_done_by_whom_and_on_whose_decision(case: Case) -> None:
    plan = case.plan(holds=[held(path="post")])
    _, digest = write_plan(plan, case.store)
    done = case.apply(plan, digest, marked)
    made = protocol(
        plan,
        digest,
        policy=case.policy,
        done=done,
        ended=list(case.log.entries())[-1],
    )
    assert (made.executed_by, made.executed_at) == ("Kim", "2026-11-22T12:00:00Z")
    assert (made.decision_ref, made.decision_paragraph) == ("KS 2026/1 § 4", "§ 4")
    assert (made.decision_body, made.decision_date) == ("Kommunstyrelsen", "2026-01-15")
    assert [each.information_type for each in made.disposed] == ["chatt", "samtal"]
    assert (made.messages_changed, made.messages_erased) == (1, 2)
    assert (made.files_changed, made.files_removed, made.recordings_removed) == (1, 2, 1)
    assert made.bytes_before > made.bytes_after > 0
    assert made.method == "anonymized, erased"
    assert (made.period_from, made.period_to) == (OLD, OLD)
    assert [each.loc for each in made.exceptions if each.hold] == ["post/1.eml"]
    assert (made.audit_count, made.audit_head) == (case.log.count, case.log.head)
    assert (made.checked_by, made.checked_at) == ("", "")
    path = protocol_path(case.store, digest)
    write_protocol(made, path)
    assert read_protocol(path) == made
    assert json.loads(path.read_text()) == made.to_dict()


@pytest.mark.parametrize(
    ("operator", "method"),
    [("label", "anonymized"), ("drop", "anonymized"), ("pseudonymize", "pseudonymized")],
)
def test_a_protocol_calls_pseudonymized_what_a_key_can_join(
    operator: str, method: str, tmp_path: Path
) -> None:
    text = POLICY + f'[operators]\n"*" = {{ op = "{operator}" }}\n'
    case = Case(tmp_path, {"chatt/log.jsonl": chat(OLD, f"Ring {PHONE}")}, text)
    plan = case.plan()
    _, digest = write_plan(plan, case.store)
    made = protocol(
        plan,
        digest,
        policy=case.policy,
        done=case.apply(plan, digest, marked),
        ended=list(case.log.entries())[-1],
    )
    assert made.method == method
