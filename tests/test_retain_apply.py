"""Carrying out a plan: what is left, what a killed run leaves, and the protocol."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from retaining import FILES, NEW, OLD, POLICY, Case, chat, held, mail, marked
from samples import EMAIL, PERSON, PHONE, Run, tree, write

from piiscan.errors import ArchiveError, RefusedError
from piiscan.retention.apply import (
    Event,
    Rewriter,
    Rewritten,
    Work,
    carried_out,
    progress,
)
from piiscan.retention.plan import (
    write_plan,
)
from piiscan.retention.protocol import protocol, protocol_path, read_protocol, write_protocol
from piiscan.store.audit_log import AuditLog


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, FILES)


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


AT_ONCE = """
[[promise]]
id = "nummer"
clause = "Bort genast"
channel = "chatt"
find = ["identity-number"]
within = "P0D"
action = "anonymize"
"""


def test_a_value_goes_from_other_messages_only_if_it_goes_whatever_its_time(
    tmp_path: Path, run: Run
) -> None:
    chats = [
        chat(OLD, f"Mejla {EMAIL}, nummer {PERSON}"),
        chat(NEW, f"Mejla {EMAIL}, nummer {PERSON}", 2),
        chat(NEW, f"Se {PERSON.replace('-', ' ')} och {EMAIL}", 3),
    ]
    path = write(tmp_path / "arkiv/chatt/log.jsonl", "".join(chats))
    write(tmp_path / "policy.toml", POLICY + AT_ONCE)
    words = ("--policy", "policy.toml", "--store", "s.db", "--now", "2026-11-22")
    assert run("retain", "arkiv", *words).code == 0
    [plan] = tmp_path.glob("s.plan-*.json")
    assert run("retain", *words, "--apply", "--plan", str(plan), "--signed-by", "Kim").code == 0
    said = [json.loads(line)["text"] for line in path.read_text().splitlines()]
    number = "[personnummer]"
    assert said == [
        f"Mejla [e-post], nummer {number}",
        f"Mejla {EMAIL}, nummer {number}",
        f"Se {number} och {EMAIL}",
    ]


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
