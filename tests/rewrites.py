"""Runs of a rewrite, and how its edits are put back."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from policy_sweeps import NOW

from piiscan.anonymize import FileResult, Job, Total, policy_scanner, rewrite_tree
from piiscan.anonymize.verifying import Verdict, verify_tree
from piiscan.policy import load

KEY = bytes(range(32))
Rows = list[tuple[str, bytes]]


@dataclass
class Rewritten:
    """What a rewrite did."""

    job: Job
    total: Total
    files: dict[str, tuple[FileResult, Rows]] = field(default_factory=dict)

    def state(self, loc: str) -> str:
        return self.files[loc][0].state

    def objects(self) -> Iterator[tuple[str, list[list[Any]]]]:
        """Yield every object that was changed, with its edits."""
        for result, rows in self.files.values():
            found: dict[str, list[list[Any]]] = {}
            for loc, each in rows if result.state == "changed" else ():
                found.setdefault(loc, []).extend(json.loads(b"[" + each + b"]"))
            yield from found.items()


def job(source: Path, target: Path | None, policy: str = "nordic-default", **more: Any) -> Job:
    loaded = load(policy)
    scanner = policy_scanner(loaded, key=KEY, reference_date=NOW.date())
    values: dict[str, Any] = {"key": KEY} | more
    return Job(roots=(str(source),), policy=loaded, scanner=scanner, target=target, **values)


def rewrite(made: Job, on_file: Callable[[FileResult], None] | None = None) -> Rewritten:
    """Carry a job out."""
    run = Rewritten(made, Total())

    def keep(result: FileResult, rows: Any) -> None:
        run.files[result.loc] = result, list(rows)

    for event in rewrite_tree(changed(made, on_file=keep)):
        if isinstance(event, Total):
            run.total = event
        elif isinstance(event, FileResult) and on_file is not None:
            on_file(event)
    return run


def verify(made: Job, *, source: Path | None = None) -> Verdict:
    """Judge the result of a job."""
    again = changed(made, roots=(str(made.target),), target=None, on_file=None)
    *_, verdict = verify_tree(again, source=source)
    assert isinstance(verdict, Verdict)
    return verdict


def content(root: Path, loc: str) -> bytes:
    """The bytes of an object: a file, or an entry of containers."""
    name, *entries = loc.split("!/")
    data = (root / name).read_bytes()
    for entry in entries:
        data = _entry(data, entry)
    return data


def _entry(data: bytes, name: str) -> bytes:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return container.read(name)
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            stream = tar.extractfile(name)
            assert stream is not None
            return stream.read()
    for magic, unpack in (
        (b"\x1f\x8b", gzip.decompress),
        (b"BZh", bz2.decompress),
        (b"\xfd7zXZ", lzma.decompress),
    ):
        if data.startswith(magic):
            return unpack(data)
    raise AssertionError(f"no container holds {name}")


def restored(source: bytes, target: bytes, edits: list[list[Any]]) -> bytes:
    """The source again: its own bytes put back into the target where the edits say."""
    out, shift, at = bytearray(), 0, 0
    for start, old, new, *_ in edits:
        out += target[at : start + shift]
        out += source[start : start + old]
        shift += new - old
        at = start + old + shift
    return bytes(out + target[at:])


def applied(source: bytes, target: bytes, edits: list[list[Any]]) -> bytes:
    """The target again: every replacement in the source, those left out from the target."""
    out, shift, at = bytearray(), 0, 0
    for start, old, new, _, *replacement in edits:
        out += source[at:start]
        begin = start + shift
        out += replacement[0].encode() if replacement else target[begin : begin + new]
        shift += new - old
        at = start + old
    return bytes(out + source[at:])
