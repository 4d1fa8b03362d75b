"""Counts the instructions of a fixed scan: a gate that a busy machine cannot blur.

    python benches/instructions.py            # fails above the kept number by more than 2 %
    python benches/instructions.py --update   # keeps the number of today

Callgrind counts what the processor would do, with AVX2 where it has it. The number belongs to one
version of the compiler and one kind of processor; both stand beside it.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = Path(__file__).with_suffix(".json")
DEMO = ROOT / "corpora" / "demo" / "chatt" / "webbchatt-00.jsonl"
SLACK = 1.02
FEW, MANY = 10, 410  # rounds; so many that the start, which varies a little, drowns


def fixed_text() -> Path:
    """Write the texts of the demo chat, a line each, and return where."""
    rows = map(json.loads, DEMO.read_text(encoding="utf-8").splitlines())
    path = ROOT / "target" / "bench" / "instructions.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{' '.join(row['text'].split())}\n" for row in rows), encoding="utf-8")
    return path


def program() -> str:
    """Build the program and return its path."""
    build = ["cargo", "build", "--release", "--bench", "instructions", "--message-format=json"]
    done = subprocess.run(build, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "instructions":
            return str(message["executable"])
    message = "cargo built no program"
    raise RuntimeError(message)


def count(command: list[str], rounds: int) -> tuple[int, int]:
    """Return how many instructions so many rounds take, and the findings of one."""
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, str(rounds)]
    done = subprocess.run(tool, check=True, capture_output=True, text=True)  # noqa: S603
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if not collected:
        message = "valgrind gave no count"
        raise RuntimeError(message)
    return int(collected[1]), int(done.stdout)


def measure() -> dict[str, object]:
    """Return the instructions a byte and what they depend on."""
    text = fixed_text()
    command = [program(), str(text)]
    few, _ = count(command, FEW)
    many, findings = count(command, MANY)
    compiler = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True)  # noqa: S607
    return {
        "instructions_per_byte": round((many - few) / (MANY - FEW) / text.stat().st_size, 3),
        "findings": findings,
        "bytes": text.stat().st_size,
        "machine": platform.machine(),
        "compiler": compiler.stdout.strip(),
    }


def main(args: list[str] | None = None) -> int:
    """Measure, compare, and return 1 if there are too many instructions."""
    parser = argparse.ArgumentParser(description="Count the instructions of a fixed scan.")
    parser.add_argument("--update", action="store_true", help="keep the number of today")
    options = parser.parse_args(args)
    if not shutil.which("valgrind"):
        sys.stderr.write("valgrind is not installed: nothing was counted\n")
        return 2
    now = measure()
    sys.stdout.write(json.dumps(now, indent=1) + "\n")
    if options.update:
        KEPT.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        return 0
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    changed = [key for key in now if key != "instructions_per_byte" and now[key] != kept[key]]
    if changed:
        sys.stdout.write(f"not comparable, {', '.join(changed)} changed: use --update\n")
        return 2
    ratio = float(str(now["instructions_per_byte"])) / float(kept["instructions_per_byte"])
    sys.stdout.write(f"{ratio:.3f} times the kept number\n")
    return 1 if ratio > SLACK else 0


if __name__ == "__main__":
    sys.exit(main())
