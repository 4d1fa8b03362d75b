"""Scores the detectors on messages whose content is known, beside Presidio where it is installed.

    python benches/eval.py                        # 2,000 synthetic messages
    python benches/eval.py --messages 500 --misses
    python benches/eval.py --text laws/*.md       # hits per million words of any text
    pip install --group eval                      # Presidio, to stand beside

The messages are written by `corpora/`, with another seed than the archive that is checked in. A
value counts as found when a finding of its detector overlaps it. What a reader finds and no rule
reaches (`hard` in the truth) counts as missed; what is optional counts for nothing.

| column | meaning |
| --- | --- |
| planted | values that should be reported at medium confidence or above |
| precision, recall, F1 | of the findings at medium confidence or above |
| low | findings of low confidence: right ones of all, and the share of the weak values found |

Presidio runs its patterns and check digits without a language model, so without context words.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from piiscan.findings import LOW, MEDIUM
from piiscan.scanning import Scanner, detectors

CORPORA = Path(__file__).parents[1] / "corpora"
MILLION = 1_000_000
TEXT_MAX = 1_000_000  # characters of one text for Presidio
REGIONS = ("SE", "FI", "NO", "DK", "IS")
RECOGNIZERS = {
    "SePersonnummerRecognizer": ("SE_PERSONNUMMER", "se-personnummer"),
    "SeOrganisationsnummerRecognizer": ("SE_ORGANISATIONSNUMMER", "se-organisationsnummer"),
    "FiPersonalIdentityCodeRecognizer": ("FI_PERSONAL_IDENTITY_CODE", "fi-hetu"),
    "EmailRecognizer": ("EMAIL_ADDRESS", "email"),
    "PhoneRecognizer": ("PHONE_NUMBER", "phone"),
    "IbanRecognizer": ("IBAN_CODE", "iban"),
    "IpRecognizer": ("IP_ADDRESS", "ip-address"),
    "CreditCardRecognizer": ("CREDIT_CARD", "payment-card"),
    "MacAddressRecognizer": ("MAC_ADDRESS", "mac-address"),
}
ABLE = {detector for _, detector in RECOGNIZERS.values()}


@dataclass(frozen=True, slots=True)
class Planted:
    """A value of the truth, in characters of its message."""

    detector: str
    start: int
    end: int
    weak: bool
    duty: str
    form: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What a program reports, in characters of the message."""

    detector: str
    start: int
    end: int
    low: bool = False


Find: TypeAlias = Callable[[str], list[Hit]]
Message: TypeAlias = tuple[str, list[Planted]]


@dataclass(slots=True)
class Score:
    """Counts of one detector."""

    right: int = 0
    false: int = 0
    missed: int = 0
    low_right: int = 0
    low_false: int = 0
    weak: int = 0
    weak_found: int = 0
    misses: Counter[str] = field(default_factory=Counter)

    def is_planted(self) -> bool:
        """Return whether there was something to find; other lexicons have their own evaluation."""
        return self.right + self.missed + self.weak > 0

    def cells(self) -> list[str]:
        """Return the columns of the table."""
        planted, found = self.right + self.missed, self.right + self.false
        harmonic = 2 * self.right / (planted + found) if planted + found else None
        return [
            f"{planted:,}",
            rate(self.right / found if found else None),
            rate(self.right / planted if planted else None),
            rate(harmonic),
            f"{self.low_right}/{self.low_right + self.low_false}",
            f"{self.weak_found}/{self.weak}",
        ]


def rate(share: float | None) -> str:
    """Return a share with three decimals; one that is not quite whole never reads as whole."""
    return "-" if share is None else f"{int(share * 1000) / 1000:.3f}"


def messages(seed: int, count: int) -> Iterator[Message]:
    """Yield letters and what is in them."""
    sys.path.insert(0, str(CORPORA))
    desk = import_module("archive").Desk.seeded(f"eval/{seed}")
    for _ in range(count):
        language = desk.scribe.language()
        letter = desk.scribe.letter(language, desk.dice.between(1, 4))
        at, planted = 0, []
        for value in letter.values:
            start = letter.text.index(value.text, at)
            at = start + len(value.text)
            weak = value.confidence == "low"
            planted.append(Planted(value.detector, start, at, weak, value.duty, value.text))
        yield letter.text, planted


def piiscan() -> Find:
    """Return a finder that uses every detector with the defaults."""
    scanner = Scanner(minimum=LOW)

    def find(text: str) -> list[Hit]:
        findings = scanner.scan(text)
        spans = findings.spans(unit="char", text=text)
        return [
            Hit(finding.detector, int(start), int(end), finding.confidence < MEDIUM)
            for finding, (start, end) in zip(findings, spans, strict=True)
        ]

    return find


def presidio() -> Find | None:
    """Return a finder of Presidio's recognizers, or nothing where it is not installed.

    It asks a list of public suffixes about mail addresses: the list that it ships, not that of the
    network, and with the reserved domains of our messages, or it would reject them.
    """
    try:
        package = import_module("presidio_analyzer.predefined_recognizers")
        suffixes = import_module("tldextract")
    except ImportError:
        return None
    vars(suffixes)["extract"] = suffixes.TLDExtract(
        suffix_list_urls=(), extra_suffixes=("example", "invalid"), cache_dir=None
    )
    recognizers = []
    for name, (entity, detector) in RECOGNIZERS.items():
        made = getattr(package, name, None)
        if made:
            more = {"supported_regions": REGIONS} if name == "PhoneRecognizer" else {}
            recognizers.append((made(**more), entity, detector))

    def find(text: str) -> list[Hit]:
        return [
            Hit(detector, found.start, found.end)
            for recognizer, entity, detector in recognizers
            for found in recognizer.analyze(text, [entity], None) or []
        ]

    return find


def judge(scores: dict[str, Score], planted: Sequence[Planted], hits: Sequence[Hit]) -> None:
    """Count the findings of one message."""
    by_detector: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_detector[hit.detector].append(hit)
    for value in planted:
        score, rest = scores[value.detector], by_detector[value.detector]
        met = [hit for hit in rest if hit.start < value.end and value.start < hit.end]
        sure = any(not hit.low for hit in met)
        by_detector[value.detector] = [hit for hit in rest if hit not in met]
        if value.weak:
            score.weak += 1
            score.weak_found += bool(met)
        elif value.duty != "optional":
            score.right += sure
            score.missed += not sure
            if not sure:
                score.misses[value.form] += 1
        if met and not sure:
            score.low_right += 1
    for detector, rest in by_detector.items():
        scores[detector].false += sum(not hit.low for hit in rest)
        scores[detector].low_false += sum(hit.low for hit in rest)


def ordered(names: Iterable[str]) -> list[str]:
    """Return ids in the order of outputs."""
    known = set(names)
    return [detector.id for detector in detectors() if detector.id in known]


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown with columns of equal width."""
    lines = [list(heading), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "".join(
        "| "
        + " | ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        + " |\n"
        for line in lines
    )


def labelled(programs: dict[str, Find], seed: int, count: int, *, misses: bool) -> str:
    """Return how right each program is on synthetic messages."""
    scores = {name: defaultdict[str, Score](Score) for name in programs}
    words = 0
    for text, planted in messages(seed, count):
        words += len(text.split())
        for name, find in programs.items():
            judge(scores[name], planted, find(text))
    parts = [f"{count:,} synthetic messages, {words:,} words, seed {seed}\n"]
    heading = ("detector", "planted", "precision", "recall", "F1", "low: right", "weak: found")
    for name, of_program in scores.items():
        rows = [
            (detector, *of_program[detector].cells())
            for detector in ordered(of_program)
            if (name == "piiscan" or detector in ABLE) and of_program[detector].is_planted()
        ]
        parts.append(f"\n{name}\n\n{table(heading, rows)}")
        if misses:
            parts.extend(
                f"{detector}: {dict(of_program[detector].misses.most_common(8))}\n"
                for detector in ordered(of_program)
                if of_program[detector].misses
            )
    return "".join(parts)


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file: each row of a table, the whole of any other."""
    whole = path.read_text(encoding="utf-8", errors="replace")
    for text in whole.splitlines() if path.suffix in {".tsv", ".csv"} else [whole]:
        for start in range(0, len(text), TEXT_MAX):
            yield text[start : start + TEXT_MAX]


def running(programs: dict[str, Find], paths: Sequence[Path]) -> str:
    """Return how often each program reports something in a million words of text."""
    counts: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    words = 0
    for path in paths:
        for text in texts(path):
            words += len(text.split())
            for name, find in programs.items():
                for hit in find(text):
                    counts[name, hit.low][hit.detector] += 1
    columns = [("piiscan", False), ("piiscan", True)]
    columns += [(name, False) for name in programs if name != "piiscan"]
    heading = ["detector", *(f"{name}{', low' if low else ''}" for name, low in columns)]

    def cell(name: str, detector: str, *, low: bool) -> str:
        count = counts[name, low][detector]
        able = name == "piiscan" or detector in ABLE
        return f"{count} = {count * MILLION / words:.0f}" if able else "-"

    rows = [
        (detector, *(cell(name, detector, low=low) for name, low in columns))
        for detector in ordered({name for of_program in counts.values() for name in of_program})
    ]
    return f"\n{len(paths)} files, {words:,} words: hits, and hits per million words\n\n" + table(
        heading, rows
    )


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--messages", type=int, default=2000, help="how many to write (2000)")
    options.add_argument("--seed", type=int, default=7, help="another seed, other messages (7)")
    options.add_argument("--misses", action="store_true", help="print synthetic values missed")
    options.add_argument("--text", type=Path, nargs="+", help="files of running text instead")
    chosen = options.parse_args()
    programs = {"piiscan": piiscan()}
    peer = presidio()
    if peer:
        programs["presidio"] = peer
    else:
        sys.stdout.write("Presidio is not installed (`pip install --group eval`): left out\n")
    if chosen.text:
        sys.stdout.write(running(programs, chosen.text))
    else:
        sys.stdout.write(labelled(programs, chosen.seed, chosen.messages, misses=chosen.misses))


if __name__ == "__main__":
    main()
