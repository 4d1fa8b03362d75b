"""Every policy that ships, from its archive to the verdict on each of its promises."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from policy_sweeps import Seen, scanner_of, sweep, swept
from samples import Made, Ran, Run, Truth, write

from piiscan.anonymize.outcome import Total
from piiscan.anonymize.tree import Job, rewrite_tree
from piiscan.holds import active
from piiscan.policy import BUILTIN, LoadedPolicy, Promise, covers, load
from piiscan.policy.loading import policy_text
from piiscan.retention.plan import PlannedRule, read_plan
from piiscan.retention.protocol import read_protocol
from piiscan.scanning import detectors, optional_detectors
from piiscan.store.audit_log import AuditLog

NOW = "2026-11-22T09:00:00Z"
Values = dict[str, Counter[tuple[str, str]]]  # file -> detector and value
Concerns = Callable[[int], list[Promise]]
TIMED = ("anonymize", "erase", "encrypt")
ARCHIVES = [(name, state) for name in BUILTIN for state in ("broken", "kept")]


def own_policy(folder: Path, name: str, holds: Path) -> Path:
    """Write a policy as an authority would have it: with a decision, and with its holds."""
    text, _ = policy_text(name)
    text = text.replace('ref = ""', 'ref = "KS 2026/1 § 4"', 1)
    return write(folder / f"{name}.toml", text + "\n" + holds.read_text(encoding="utf-8"))


def check(run: Run, archive: Path, policy: Path, store: str = "before.db") -> Ran:
    options = ("--policy", str(policy), "--store", store, "--now", NOW, "--format", "jsonl")
    return run("check", str(archive), *options)


def counted(record: dict[str, object]) -> dict[str, object]:
    """Return what a check says of a promise, in the words of the truth."""
    names = {
        "verdict": "verdict",
        "messages": "messages",
        "failing": "overdue",
        "held": "held",
        "undetermined": "undetermined",
        "people": "people",
        "oldest": "oldest",
        "overdue_from": "overdue_since",
    }
    return {name: record[key] for key, name in names.items() if key in record}


def expected(truth: Truth, promise: str) -> dict[str, object]:
    found = truth["promises"][promise]
    return {key: value for key, value in found.items() if key not in {"places", "due"}}


def undeclared(ran: Ran) -> dict[str, dict[str, object]]:
    """Return how often a channel holds what its notice does not speak of, by category."""
    found: dict[str, dict[str, object]] = {}
    for record in ran.records:
        if record["type"] == "beyond" and record["kind"] == "undeclared":
            of_channel = found.setdefault(str(record["channel"]), {})
            of_channel[str(record["category"])] = record["findings"]
    return found


@pytest.mark.parametrize(("name", "state"), ARCHIVES)
def test_a_check_says_what_is_true(
    made: Made, run: Run, tmp_path: Path, name: str, state: str
) -> None:
    archive, truth = made[name, state]
    policy = own_policy(tmp_path, name, archive.parent / "holds.toml")
    ran = check(run, archive, policy)
    is_broken = any(found["verdict"] == "broken" for found in truth["promises"].values())
    assert ran.code == is_broken, ran.err
    promises = [record for record in ran.records if record["type"] == "promise"]
    assert [record["id"] for record in promises] == list(truth["promises"])
    for record in promises:
        found, right = counted(record), expected(truth, str(record["id"]))
        if record["action"] not in {"keep", "manual"}:
            assert found == right, record["id"]
        assert found["verdict"] == right["verdict"], record["id"]
    assert undeclared(ran) == truth["undeclared"]


def carried_out(run: Run, archive: Path, policy: Path) -> Ran:
    """Make a plan of what has stayed too long, and carry it out."""
    options = ("--policy", str(policy), "--store", "retain.db", "--now", NOW)
    dry = run("retain", str(archive), *options)
    plan = re.search(r"--plan (\S+)", dry.out)
    assert plan, dry.out + dry.err
    # One message comes from a year that is yet to come, and most of a file may be overdue.
    sure = ("--now-confirmed", "--max-share", "1", "--token-key-file", "tokens.key")
    return run("retain", *options, "--plan", plan[1], "--apply", "--signed-by", "Alma", *sure)


def category_of(detector: str) -> str:
    known = {each.id: each.category for each in (*detectors(), *optional_detectors())}
    return known[detector]


def left(truth: Truth, concerns: Concerns) -> Values:
    """Return the values that still stand in each file.

    Args:
        truth: About the archive as it was.
        concerns: Gives the promises that are carried out on a message, by its number.

    """
    found: Values = {}
    for number, row in enumerate(truth["messages"]):
        promises = concerns(number)
        is_erased = any(promise.action == "erase" for promise in promises)
        for value in row["values"]:
            name = value["detector"]
            said = {"reading": value.get("reading", "personal")}
            is_replaced = any(
                covers(promise, name, category_of(name), said) for promise in promises
            )
            if "office" not in value and not is_erased and not is_replaced:
                found.setdefault(row["file"], Counter())[name, value["value"]] += 1
    return found


def standing(archive: Path, policy: LoadedPolicy) -> Values:
    """Return the values that a sweep finds in each file; pages hold no messages."""
    found: Values = {}
    for (file, _), message in sweep(archive, policy)[0].items():
        if message.values and not file.endswith(".html"):
            found.setdefault(file, Counter()).update(message.values)
    return found


def content(root: Path, file: str) -> bytes:
    """Return the bytes of an object; those of an entry as they are unpacked."""
    name, _, entry = file.partition("!/")
    if not entry:
        return (root / name).read_bytes()
    with zipfile.ZipFile(root / name) as container:
        return container.read(entry)


def rows_of(root: Path, file: str) -> list[dict[str, object]]:
    """Return the messages of an object by the names of their fields; none of a mailbox."""
    data = content(root, file)
    if file.endswith(".jsonl"):
        return [json.loads(line) for line in data.decode().splitlines()]
    if file.endswith(".json"):
        whole = json.loads(data)
        return list(whole.get("messages") or whole.get("content") or [whole])
    if file.endswith(".csv"):
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252")
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))
    return []


def assert_statistics(root: Path, truth: Truth) -> None:
    """Fields that are to outlive any rewriting stand as they stood."""
    files = {row["file"] for row in truth["messages"] if row["statistics"]}
    rows = {file: rows_of(root, file) for file in files}
    for row in truth["messages"]:
        if row["statistics"] and rows[row["file"]]:
            found = rows[row["file"]][row["record"]]
            kept = {name: str(found[name.removeprefix("/")]) for name in row["statistics"]}
            assert kept == row["statistics"], (row["file"], row["record"])


def assert_held(
    root: Path, original: Path, truth: Truth, seen: dict[tuple[str, int], Seen]
) -> None:
    """What is on hold stands byte for byte as it stood."""
    for row in truth["messages"]:
        if row["held"]:
            held = content(original, row["file"])[seen[row["file"], row["record"]].raw]
            assert held in content(root, row["file"]), (row["file"], row["record"])


def planned(truth: Truth, rule: PlannedRule) -> tuple[int, ...]:
    """What the truth says of a promise, with the recordings of its channel."""
    said = truth["promises"][rule.promise]
    sound = Counter(
        state
        for file, state in truth["opaque"].items()
        if rule.action == "erase" and file.split("/")[0] == rule.channel
    )
    return tuple(said[name] + sound[name] for name in ("due", "overdue", "held", "undetermined"))


def assert_papers(folder: Path, archive: Path, truth: Truth) -> None:
    """Plan, protocol and audit log of a retention say what is true."""
    plan = read_plan(next(folder.glob("retain.plan-*.json")))[0]
    for rule in plan.rules:
        counts = (rule.due, rule.overdue, rule.held, rule.undetermined)
        assert counts == planned(truth, rule), rule.promise
    paper = read_protocol(next(folder.glob("retain.disposal-*.json")))
    assert paper.refused == []
    assert paper.messages_changed + paper.messages_erased == plan.changed
    assert (paper.executed_by, paper.decision_ref) == ("Alma", "KS 2026/1 § 4")
    log = AuditLog(folder / "retain.audit.jsonl", store=folder / "retain.db")
    assert log.verify() == []
    [head] = [each.hash for each in log.entries() if each.seq == paper.audit_count]
    assert head == paper.audit_head
    for file, state in truth["opaque"].items():
        assert (archive / file).exists() == (state != "overdue"), file


@pytest.mark.parametrize("name", BUILTIN)
def test_retention_keeps_every_promise_and_nothing_else_goes(
    made: Made, run: Run, tmp_path: Path, name: str
) -> None:
    original, truth = made[name, "broken"]
    archive = tmp_path / "archive"
    shutil.copytree(original, archive)
    policy = own_policy(tmp_path, name, original.parent / "holds.toml")
    done = carried_out(run, archive, policy)
    assert done.code == 0, done.out + done.err
    assert_papers(tmp_path, archive, truth)

    after = check(run, archive, policy, "after.db")
    verdicts = {record["id"]: record for record in after.records if record["type"] == "promise"}
    timed = [each for each in load(name).policy.promise if each.action in TIMED]
    for promise in timed:
        record = verdicts[promise.id]
        assert record["verdict"] != "broken", record
        for count in ("held", "undetermined"):
            assert record[count] == truth["promises"][promise.id][count], (promise.id, count)

    late = {each.id: set(truth["promises"][each.id]["places"]["overdue"]) for each in timed}

    def overdue(number: int) -> list[Promise]:
        return [promise for promise in timed if number in late[promise.id]]

    assert standing(archive, load(name)) == left(truth, overdue)
    assert_statistics(archive, truth)
    assert_held(archive, original, truth, swept(original, load(name))[0])


@pytest.mark.parametrize("name", BUILTIN)
def test_a_working_copy_has_nothing_that_is_promised_to_go(
    made: Made, tmp_path: Path, name: str
) -> None:
    original, truth = made[name, "broken"]
    policy = load(own_policy(tmp_path, name, original.parent / "holds.toml"))
    copy = tmp_path / "copy"
    job = Job(
        roots=(str(original),),
        policy=policy,
        scanner=scanner_of(policy, key=b"k" * 32),
        target=copy,
        key=b"t" * 32,
        holds=active(policy, None),
    )
    *_, total = rewrite_tree(job)
    assert isinstance(total, Total)
    assert total.published
    assert not total.refused

    def promised(number: int) -> list[Promise]:
        row = truth["messages"][number]
        channel = next(each for each in policy.policy.channel if each.name == row["channel"])
        promises = [] if row["held"] else policy.promises_of(channel)
        return [
            msgspec.structs.replace(promise, action="anonymize")  # in a copy nothing is erased
            for promise in promises
            if promise.action in TIMED
        ]

    assert standing(copy, policy) == left(truth, promised)
    assert_statistics(copy, truth)
    assert_held(copy, original, truth, swept(original, policy)[0])
