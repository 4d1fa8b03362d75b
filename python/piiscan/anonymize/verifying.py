"""Proof: is anything left in a tree that a policy promises to remove?

Four looks, none of which trusts the run that made the tree: the core reads and scans it again with
the same decisions; every value that goes from the source, if it is named, is looked for in all
decoded text; the standard library reads it and what it sees is scanned; and its form is compared
with the source's. The audit log is verified as a chain, and its hashes against the files.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from os import fsdecode, fspath
from pathlib import Path

from piiscan.anonymize.decisions import rules
from piiscan.anonymize.independent import SIZE_MAX, texts
from piiscan.anonymize.outcome import Progress, Residue
from piiscan.anonymize.passing import FileChange, changes
from piiscan.anonymize.structure import differences
from piiscan.anonymize.surveying import surveyed
from piiscan.anonymize.tree import Job
from piiscan.findings import MEDIUM
from piiscan.policy import covers, field_fits, name_fits
from piiscan.rewriting import ObjectDone
from piiscan.sweeping import find_path

__all__ = ["Verdict", "verify_tree"]

DOMAIN = "@piiscan.invalid"


@dataclass(slots=True)
class Verdict:
    """What was found wrong, and how much was looked at."""

    files: int = 0
    read_twice: int = 0  # also by the standard library
    compared: int = 0  # with the source
    residues: list[Residue] = field(default_factory=list)
    form: list[Residue] = field(default_factory=list)  # with `reason`
    unread: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left and nothing is broken."""
        return not (self.residues or self.form or self.log)


def verify_tree(
    job: Job, *, source: Path | None, hashes: Callable[[str], str | None] | None = None
) -> Iterator[Progress | Verdict]:
    """Look for what is left; yield progress, and the verdict last.

    Args:
        job: Its one root is the tree; its policy, scanner and key are those of the rewrite.
        source: What the tree was made from, if it is at hand.
        hashes: Gives the SHA-256 that the audit log states for a location; None if it states none.

    """
    verdict = Verdict()
    sought = None
    if source is not None:
        sought = yield from surveyed(job, [fspath(source)])
    rewriter = job.rewriter(job.roots, sought=sought, only=None, again=True)
    for event in changes(rewriter, rules(job.policy)):
        if isinstance(event, tuple):
            yield Progress("verifying", *event)
            continue
        _judge(job, event, verdict, source, hashes)
    yield verdict


def _judge(
    job: Job,
    change: FileChange,
    verdict: Verdict,
    source: Path | None,
    hashes: Callable[[str], str | None] | None,
) -> None:
    done = change.done
    if done.format == "folder":
        return
    verdict.files += 1
    verdict.unread += change.unread
    if change.is_touched:
        verdict.residues.append(Residue(done.loc, dict(change.kinds) or {"name": 1}))
    path = find_path(job.roots[0], done.loc_bytes, done.size, done.mtime_ns)
    if path is None:
        verdict.form.append(Residue(done.loc, {}, "changed while it was verified"))
        return
    data = path.read_bytes() if done.size <= SIZE_MAX else b""
    if data:
        verdict.read_twice += 1
        found = Counter(_seen(job, done, data))
        if found and not change.is_touched and not change.alerts:
            verdict.residues.append(Residue(done.loc, dict(found), "read by the standard library"))
    if hashes is not None:
        stated = hashes(done.loc)
        if stated is not None and data and sha256(data).hexdigest() != stated:
            verdict.log.append(f"{done.loc}: the audit log states another hash")
    before = None if source is None else _twin(source, fsdecode(done.loc_bytes))
    if before is not None:
        verdict.compared += 1
        for reason in differences(before, path, done.format):
            verdict.form.append(Residue(done.loc, {}, reason))


def _twin(source: Path, name: str) -> Path | None:
    """Return the file that a file of the tree was made from, unless it had another name."""
    path = source / name if source.is_dir() else source
    return path if path.is_file() else None


def _seen(job: Job, done: ObjectDone, data: bytes) -> Iterator[str]:
    """Yield the detectors that find something in what the standard library reads."""
    policy, scanner = job.policy, job.scanner
    channel = policy.channel_of(
        fsdecode(done.loc_bytes), done.profile or "", done.format, done.channel or ""
    )
    promises = [
        promise
        for promise in rules(policy)
        if promise.fields == ["*"] and (channel is None or name_fits(promise.channel, channel.name))
    ]
    if channel is None and policy.policy.channel:
        return
    kept = channel.keep if channel else []
    for path, text in texts(data):
        if field_fits(kept, "meta", path):
            continue
        labeled = f"{path.rpartition('/')[2]}: {text}" if path else text
        encoded = labeled.encode(errors="replace")
        for finding in scanner.scan(encoded.decode()):
            if finding.confidence < MEDIUM or finding.attributes.get("alert"):
                continue
            value = encoded[finding.start : finding.end].decode(errors="replace")
            if value.endswith(DOMAIN) and not any(letter.isdigit() for letter in value):
                continue
            category = scanner.catalog[finding.detector][0]
            # Only profiles know which long numbers are ids of a system.
            if category != "number" and any(
                covers(promise, finding.detector, category, finding.attributes)
                for promise in promises
            ):
                yield finding.detector
