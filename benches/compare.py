"""Compares piiscan with other programs on the same files, in one run.

    python benches/compare.py --size 200M
    python benches/compare.py --size 20M --pairs 3 --check
    python benches/compare.py --patterns few.txt      # ripgrep looks for these, and may find less

The programs take turns, A B C A B C, and ratios are taken within a turn, so that a busy machine
slows all of them. One thread is measured in CPU time, threads against each other in wall time.
Only ratios are asserted. Every program's number of findings stands beside its time.
"""

import argparse
import bisect
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from patterns import compiled, patterns, words

from piiscan.scanning import Part, Scanner, events

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "target" / "bench"
BUFFER = 1 << 20
CALLS = 2000
MESSAGE = (
    "Hej! Jag undrar när snöröjningen kommer till Norrvik eftersom trottoaren är helt igensnöad. "
    "Mitt personnummer är 811218-9876 om ni behöver söka upp ärendet. Gatubelysningen vid torget "
    "har varit släckt sedan i torsdags. Ring mig på 070-174 06 05 efter klockan 16.30 så är jag "
    "hemma. Vi skulle vilja hyra aulan för en förening som tränar varje onsdag kväll. Svara gärna "
    "till alma.lindqvist@example.org så ser jag det direkt. Går det att få en plats i förskolan "
    "redan till hösten? Jag har diabetes sedan några år och behöver anpassad kost. Grannen bygger "
    "ett plank mot vår tomt och vi undrar om det behövs bygglov för det. Det ligger en trasig "
    "soffa vid busstationen och skräpar ner för alla som går förbi. Tack för det snabba svaret, "
    "nu förstår jag mycket bättre hur det hänger ihop. Med vänlig hälsning, Alma i Sandhamra"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One turn of one program."""

    cpu: float
    wall: float
    findings: int


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that must be reached, and what it was."""

    name: str
    ratio: float
    must: float

    def kept(self, slack: float) -> bool:
        """Return whether the ratio is reached, with some slack for a noisy machine."""
        return self.ratio >= self.must * slack


def sweep(files: Sequence[Path], jobs: int) -> Run:
    """Sweep the files with every detector; the findings are delivered, not kept."""
    scanner = Scanner()
    cpu, wall, found = time.process_time(), time.perf_counter(), 0
    for event, _ in events(files, scanner=scanner, jobs=jobs):
        if isinstance(event, Part):
            found += len(event.block)
    return Run(time.process_time() - cpu, time.perf_counter() - wall, found)


def child(command: Sequence[str]) -> Run:
    """Run a program; its lines of output are its findings."""
    with tempfile.TemporaryFile() as output:
        wall = time.perf_counter()
        process = subprocess.Popen(command, stdout=output)  # noqa: S603 - commands of this file
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - wall
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 1}:
            message = f"`{command[0]}` failed"
            raise RuntimeError(message)
        output.seek(0)
        lines = sum(block.count(b"\n") for block in iter(lambda: output.read(BUFFER), b""))
    return Run(usage.ru_utime + usage.ru_stime, wall, lines)


def covered(file: Path, command: Sequence[str]) -> float:
    """Return the share of the findings in a file that the hits of a search program meet.

    A peer that finds less would have less to do: a comparison counts only near 1.
    """
    output = subprocess.run([*command, str(file)], check=True, capture_output=True).stdout  # noqa: S603
    hits = [line.split(b":", 1) for line in output.split(b"\n") if line]
    starts = [int(at) for at, _ in hits]
    ends = [int(at) + len(hit) for at, hit in hits]
    met = total = 0
    for event, _ in events([file], scanner=Scanner(), jobs=1):
        if not isinstance(event, Part):
            continue
        for start, end, ranges, _ in struct.iter_unpack("<QQII", event.block.raws):
            if ranges:
                last = bisect.bisect_left(starts, end) - 1
                met += last >= 0 and ends[last] > start
                total += 1
    return met / max(total, 1)


def plain_read(files: Sequence[Path]) -> Run:
    """Read the files into one buffer."""
    buffer = bytearray(BUFFER)
    cpu, wall = time.process_time(), time.perf_counter()
    for path in files:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    return Run(time.process_time() - cpu, time.perf_counter() - wall, 0)


def turns(programs: dict[str, Callable[[], Run]], pairs: int) -> dict[str, list[Run]]:
    """Let every program have `pairs` turns, after one that warms the cache."""
    runs: dict[str, list[Run]] = {name: [] for name in programs}
    for turn in range(pairs + 1):
        for name, program in programs.items():
            run = program()
            if turn:
                runs[name].append(run)
    return runs


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """Return the median of the ratios of pairs."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def archive(size: str) -> list[Path]:
    """Return the files of a chat archive of this size, made anew when it has to be."""
    folder = CACHE / f"chat-{size}"
    make = [sys.executable, str(ROOT / "corpora" / "make.py"), "--only", "chat"]
    subprocess.run([*make, "--size", size, "-o", str(folder), "--keep"], check=True)  # noqa: S603
    return sorted((folder / "archive" / "chatt").glob("*.jsonl"))


def one_file(files: Sequence[Path]) -> Path:
    """Return a file that holds all of `files`."""
    path = CACHE / "one.jsonl"
    with path.open("wb") as whole:
        for file in files:
            with file.open("rb") as part:
                shutil.copyfileobj(part, whole)
    return path


def compare_programs(files: Sequence[Path], pairs: int, given: Path | None = None) -> list[Goal]:
    """Print a line for each program and return the ratios that have a goal."""
    size = sum(path.stat().st_size for path in files)
    names = [str(path) for path in files]
    programs: dict[str, Callable[[], Run]] = {
        "piiscan": lambda: sweep(files, 1),
        "read": lambda: plain_read(files),
    }
    with tempfile.TemporaryDirectory() as folder:
        listing = given or Path(folder) / "patterns"
        if given is None:
            listing.write_text("\n".join(patterns()) + "\n", encoding="utf-8")
        search: list[str] = []
        if rg := shutil.which("rg"):
            options = ["--no-config", "-j1", "-a", "-o", "-b", "--no-filename", "-f", str(listing)]
            search = [rg, *options]
            programs["ripgrep"] = lambda: child([*search, *names])
        else:
            sys.stdout.write("ripgrep is not installed: left out\n")
        if wc := shutil.which("wc"):
            programs["wc -l"] = lambda: child([wc, "-l", *names])
        runs = turns(programs, pairs)
        share = covered(files[-1], search) if search else 0.0
    own = [run.cpu for run in runs["piiscan"]]
    looked_for = f"{words()} words" if given is None else f"patterns of {given.name}"
    sys.stdout.write(f"{size} bytes, {looked_for}, CPU time of one thread\n")
    sys.stdout.write(f"{'':12}{'seconds':>9}{'MB/s':>9}{'to piiscan':>12}{'findings':>12}\n")
    for name, done in runs.items():
        cpu = [run.cpu for run in done]
        median, findings = statistics.median(cpu), done[0].findings if name != "wc -l" else 0
        row = f"{name:12}{median:9.3f}{size / median / 1e6:9.0f}{ratio(cpu, own):12.2f}"
        sys.stdout.write(f"{row}{findings:12}\n")
    goals = []
    if "ripgrep" in runs:
        sys.stdout.write(f"hits of ripgrep meet {share:.2%} of the findings of piiscan\n")
        goals.append(Goal("ripgrep", ratio([run.cpu for run in runs["ripgrep"]], own), 4.0))
    if "wc -l" in runs:
        goals.append(Goal("wc -l", ratio([run.cpu for run in runs["wc -l"]], own), 1 / 9))
    return goals


def compare_threads(files: Sequence[Path], pairs: int) -> Goal:
    """Print how much faster two threads are and return it."""
    runs = turns({"1": lambda: sweep(files, 1), "2": lambda: sweep(files, 2)}, pairs)
    gain = ratio([run.wall for run in runs["1"]], [run.wall for run in runs["2"]])
    name = f"2 threads, {len(files)} files" if len(files) > 1 else "2 threads, 1 file"
    sys.stdout.write(f"{name}: {gain:.2f} times as fast in wall time\n")
    return Goal(name, gain, 1.7)


def compare_rewriting(archive: Path, pairs: int) -> Goal:
    """Print how long the command `anonymize` takes beside `sweep`, and return how near they are.

    Whole processes with two threads: the sweep fills a new store, the rewrite verifies its result
    and writes its audit log.
    """
    piiscan = [sys.executable, "-m", "piiscan"]
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        store, copy = Path(folder) / "store", Path(folder) / "copy"

        def cleared() -> list[str]:
            shutil.rmtree(folder)
            Path(folder).mkdir()
            return ["--jobs", "2", "--quiet"]

        def swept() -> Run:
            given = [*cleared(), "--store", str(store / "store.db")]
            return child([*piiscan, "sweep", str(archive), *given])

        def rewritten() -> Run:
            given = [*cleared(), "--policy", "nordic-default", "-o", str(copy)]
            run = child([*piiscan, "anonymize", str(archive), *given])
            with Path(f"{copy}.edits.jsonl").open("rb") as edits:
                return Run(run.cpu, run.wall, sum(line.count(b"],[") + 1 for line in edits))

        runs = turns({"sweep": swept, "anonymize": rewritten}, pairs)
    slower = ratio([run.wall for run in runs["anonymize"]], [run.wall for run in runs["sweep"]])
    places = runs["anonymize"][0].findings
    sys.stdout.write(f"anonymize: {slower:.2f} times the time of sweep, about {places} places\n")
    return Goal("sweep to anonymize", 1 / slower, 1 / 2.5)


def compare_calls(pairs: int) -> Goal:
    """Print how long a call on one message takes and return the ratio to Python's `re`."""
    scanner, searches = Scanner(), compiled()

    def own() -> Run:
        cpu, hits = time.process_time(), 0
        for _ in range(CALLS):
            hits = len(scanner.scan(MESSAGE))
        return Run((time.process_time() - cpu) / CALLS, 0, hits)

    def python() -> Run:
        cpu, calls, hits = time.process_time(), CALLS // 100, 0
        for _ in range(calls):
            hits = sum(1 for search in searches for _ in search.finditer(MESSAGE))
        return Run((time.process_time() - cpu) / calls, 0, hits)

    runs = turns({"piiscan": own, "re": python}, pairs)
    for name, done in runs.items():
        micro = statistics.median(run.cpu for run in done) * 1e6
        findings = done[0].findings
        sys.stdout.write(f"{name}: {micro:.2f} µs for {len(MESSAGE)} characters, {findings} hits\n")
    cpu = {name: [run.cpu for run in done] for name, done in runs.items()}
    return Goal("re, one message", ratio(cpu["re"], cpu["piiscan"]), 300.0)


def main(args: list[str] | None = None) -> int:
    """Run the comparison; returns 1 if a goal is missed and that was asked for."""
    parser = argparse.ArgumentParser(description="Compare piiscan with other programs.")
    parser.add_argument("--size", default="200M", help="size of the chat archive (200M)")
    parser.add_argument("--pairs", type=int, default=7, help="turns of each program (7)")
    parser.add_argument("--check", action="store_true", help="fail when a goal is missed")
    parser.add_argument("--slack", type=float, default=0.9, help="share of a goal that is enough")
    parser.add_argument("--patterns", type=Path, help="patterns of ripgrep, in place of all")
    options = parser.parse_args(args)
    files = archive(options.size)
    goals = compare_programs(files, options.pairs, options.patterns)
    goals += [
        compare_threads(files, options.pairs),
        compare_threads([one_file(files)], options.pairs),
    ]
    goals.append(compare_rewriting(files[0].parent, options.pairs))
    goals.append(compare_calls(options.pairs))
    missed = [goal for goal in goals if not goal.kept(options.slack)]
    report = {goal.name: {"ratio": round(goal.ratio, 3), "must": goal.must} for goal in goals}
    (CACHE / "compare.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    for goal in missed:
        sys.stdout.write(f"missed: {goal.name} {goal.ratio:.2f}, must be {goal.must:.2f}\n")
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
