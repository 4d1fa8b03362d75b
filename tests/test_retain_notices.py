"""`piiscan retain` on the archives of the shipped policies: what it counts, and what it leaves."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from samples import Made, Run, Truth, write

from piiscan.policy import BUILTIN, load
from piiscan.retention.plan import Plan, read_plan
from piiscan.retention.protocol import DisposalProtocol, read_protocol
from piiscan.store.audit_log import AuditLog

NOW = "2026-11-22T09:00:00Z"
CLOCKED = ("anonymize", "erase", "encrypt")
WORDS = ("--policy", "policy.toml", "--store", "s.db", "--now", NOW)
SIGNED = ("--signed-by", "Kim Exempel", "--token-key-file", "token.key")
ALL = ("--max-share", "1")
LATE = r"(?m)^ \S.*?(?:sent|closed|contact|contract_end) +\d+ +(\d+) "  # column Overdue


class Disposal:
    """An archive before and after what was overdue is gone."""

    def __init__(self, name: str, source: Path, folder: Path, run: Run) -> None:
        self.folder, self.run = folder, run
        shutil.copytree(source, folder / "arkiv")
        text = Path(__file__).parent.parent / "python/piiscan/policy/builtin" / f"{name}.toml"
        policy = text.read_text(encoding="utf-8").replace('ref = ""', 'ref = "KS 2026/1 § 4"', 1)
        holds = (source.parent / "holds.toml").read_text(encoding="utf-8")
        write(folder / "policy.toml", f"{policy}\n{holds}")

    def plan(self) -> Plan:
        before = set(self.folder.glob("s.plan-*.json"))
        done = self.run("retain", "arkiv", *WORDS)
        assert done.code == 0, done.err
        [path] = set(self.folder.glob("s.plan-*.json")) - before
        return read_plan(path)[0]

    def apply(self) -> DisposalProtocol:
        [path] = self.folder.glob("s.plan-*.json")
        done = self.run("retain", *WORDS, "--apply", "--plan", str(path), *SIGNED, *ALL)
        assert done.code == 0, done.err + done.out
        [paper] = self.folder.glob("s.disposal-*.json")
        return read_protocol(paper)


def expected(truth: Truth, promise: str, channels: set[str]) -> tuple[int, ...]:
    """What the truth says of a promise, with the recordings of its channel."""
    said = truth["promises"][promise]
    action = {each.id: each for each in load(truth["policy"]).policy.promise}[promise].action
    sound = Counter(
        state
        for file, state in truth["opaque"].items()
        if action == "erase" and file.split("/")[0] in channels
    )
    return tuple(said[name] + sound[name] for name in ("due", "overdue", "held", "undetermined"))


@pytest.mark.parametrize("name", BUILTIN)
def test_what_the_truth_calls_overdue_goes_and_the_rest_stays(
    name: str, made: Made, tmp_path: Path, run: Run
) -> None:
    root, truth = made[name, "broken"]
    disposal = Disposal(name, root, tmp_path, run)
    plan = disposal.plan()
    for rule in plan.rules:
        counts = (rule.due, rule.overdue, rule.held, rule.undetermined)
        assert counts == expected(truth, rule.promise, {rule.channel}), rule.promise
    paper = disposal.apply()
    assert paper.refused == []
    assert paper.messages_changed + paper.messages_erased == plan.changed
    for file, state in truth["opaque"].items():
        assert (tmp_path / "arkiv" / file).exists() == (state != "overdue"), file
    for row in truth["messages"]:
        path = tmp_path / "arkiv" / row["file"]
        if row["state"] in {"held", "undetermined"} and not row["file"].endswith(".zip"):
            assert path.exists(), row["file"]
    again = disposal.run("retain", "arkiv", *WORDS)
    assert again.code == 0
    assert set(re.findall(LATE, again.out)) == {"0"}, again.out
    log = AuditLog(tmp_path / "s.audit.jsonl", store=tmp_path / "s.db")
    assert log.verify() == []
    assert (paper.executed_by, paper.decision_ref) == ("Kim Exempel", "KS 2026/1 § 4")
    assert next(each.hash for each in log.entries() if each.seq == paper.audit_count) == (
        paper.audit_head
    )
