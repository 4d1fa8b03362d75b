"""Rewrites that fail or are killed at one call to the system: run as a program below the shim.

    LD_PRELOAD=shim.so python fault_scenes.py FOLDER < plan

A line of the plan is a JSON list: scene, kind of call, number of the call, what happens there. Each
becomes a forked child that rewrites a small archive; what it left is checked, the rewrite is done
again, and a line of JSON says what was wrong, if anything, and how the child ended. A number of 0
says how many calls of the kind there are.
"""

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from policy_sweeps import NOW
from rewrites import job

from piiscan.anonymize import Job, Total, rewrite_tree
from piiscan.anonymize.trail import Trail, places
from piiscan.errors import RefusedError, StoreError
from piiscan.store.audit_log import CUT_SHORT, AuditLog

SHIM = ctypes.CDLL(None)
FAILED, KILLED = 7, 9
FILES, LINES = 10, 40
TEXT = "Mitt personnummer är 811218-9876. Mejla kim.example@example.org, tack {}.\n"

State = dict[str, str]


def build(folder: Path) -> None:
    """Make the archive: texts, and a zip that holds one."""
    import zipfile  # noqa: PLC0415 - once

    for at in range(FILES):
        path = folder / "archive" / f"mapp-{at % 2}" / f"brev-{at}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(TEXT.format("x" * (at + line)) for line in range(LINES)))
    with zipfile.ZipFile(folder / "archive" / "brev.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("brev.txt", TEXT * LINES)


def tree(folder: Path) -> State:
    """Hash of each file below a folder."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def arm(folder: str = "", kind: str = "", at: int = 0, how: str = "") -> None:
    SHIM.fault_arm(folder.encode(), kind.encode(), ctypes.c_long(at), how.encode())


class Scene:
    """A place for one case after the other."""

    def __init__(self, place: Path, name: str, base: Job) -> None:
        self.place = place / name
        self.in_place = name == "place"
        self.target = None if self.in_place else self.place / "copy"
        self.base = base
        self.pristine = place / f"{name}-pristine"
        build(self.pristine)
        self.old = tree(self.pristine / "archive")
        self.new: State = {}

    def fresh(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.pristine, self.place)

    @property
    def result(self) -> Path:
        return self.target or self.place / "archive"

    def log(self) -> AuditLog:
        path, _ = places(self.result)
        return AuditLog(path, who="Kim", tool="test", clock=NOW.isoformat)

    def rewrite(self) -> Total:
        """Do all that the command does."""
        from dataclasses import replace  # noqa: PLC0415 - once

        _, edits = places(self.result)
        total = Total()
        made = replace(self.base, roots=(str(self.place / "archive"),), target=self.target)
        with Trail(self.log(), edits, policy="p", sources=1, key="", operators=["label"]) as trail:
            made = replace(made, on_file=trail.file, on_ready=trail.ready)
            for event in rewrite_tree(made):
                if isinstance(event, Total):
                    total = event
            trail.end(total)
        return total

    def case(self, kind: str, at: int, how: str) -> dict[str, Any]:
        """Let one call fail; return what was wrong afterwards."""
        self.fresh()
        ended, seen = self._child(kind, at, how)
        wrong = list(self._after_fault())
        published = self.target is not None and self.target.exists()
        taken = 0
        try:
            taken = self.rewrite().taken_over
        except RefusedError:
            if not published:
                wrong.append("refused to do it again")
        wrong += self._after_all()
        return {"ended": ended, "calls": seen, "wrong": wrong, "taken": taken}

    def _child(self, kind: str, at: int, how: str) -> tuple[str, int]:
        out, into = os.pipe()
        child = os.fork()
        if not child:
            code = FAILED
            try:
                arm(str(self.place), kind, at, how)
                self.rewrite()
                code = 0
            except (OSError, StoreError) as error:
                os.write(into, type(error).__name__.encode() + b" ")
            finally:
                seen = SHIM.fault_seen()
                arm()
                os.write(into, str(seen).encode())
                os._exit(code)
        os.close(into)
        with os.fdopen(out) as stream:
            *_, seen = stream.read().split() or ["0"]
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "killed", int(seen)
        return {0: "done", FAILED: "failed"}.get(os.WEXITSTATUS(status), "?"), int(seen)

    def _after_fault(self) -> Iterator[str]:
        """Every target is the old or the new one, and what is new has an entry."""
        archive = tree(self.place / "archive")
        if self.target is None:
            for name, found in archive.items():
                if found not in {self.old[name], self.new[name]}:
                    yield f"{name} is neither old nor new"
            published = {name: found for name, found in archive.items() if found != self.old[name]}
        else:
            if archive != self.old:
                yield "the source changed"
            published = tree(self.target) if self.target.exists() else {}
            if published not in ({}, self.new):
                yield "the copy is no whole one"
        entries = list(self.log().entries())
        known = {entry.fields["after"] for entry in entries if entry.event == "file-rewritten"}
        yield from (
            f"{name} has no entry" for name, found in published.items() if found not in known
        )
        if torn := [each for each in self.log().verify() if each != CUT_SHORT]:
            yield f"log: {torn}"

    def _after_all(self) -> Iterator[str]:
        if tree(self.result) != self.new:
            yield "done again it differs"
        if self.log().verify() == [CUT_SHORT]:
            self.log().append("looked-at")  # says what was cut
        if self.log().verify():
            yield f"log: {self.log().verify()}"
        log, edits = places(self.result)
        known = {"archive", self.result.name, log.name, f"{log.name}.head", edits.name}
        if rest := {path.name for path in self.place.iterdir()} - known:
            yield f"left: {sorted(rest)}"


def main() -> None:
    place = Path(sys.argv[1]).resolve()
    base = job(place, None)
    scenes = {name: Scene(place, name, base) for name in ("copy", "place")}
    for scene in scenes.values():
        scene.fresh()
        scene.rewrite()
        scene.new = tree(scene.result)
    for line in sys.stdin:
        name, kind, at, how = json.loads(line)
        sys.stdout.write(json.dumps(scenes[name].case(kind, at, how)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
