"""Scores the lexicons on labelled sentences, per language and category and per family of traps.

    python benches/eval_lexicon.py
    python benches/eval_lexicon.py --lang sv --misses
    python benches/eval_lexicon.py --set corpora/labelled/development.tsv

The set that counts is the default one. The development set is what lexicons are tuned on, so its
rates say only what was forgotten.

Each sentence is scanned on its own at the default confidence, and counts once. What a sentence says
besides the category of its label is not judged, except where the label is `none`: there any
sensitive finding is a false hit. Cells of fewer than 20 sentences show counts and no rate.

| column | of these sentences | counted when |
| --- | --- | --- |
| personal | personal | a finding of the category reads as personal |
| any reading | personal | there is a finding of the category |
| traps | hard negatives | a finding of the category reads as personal: lower is better |
| any trap | hard negatives | there is a finding of the category: lower is better |
| topical | topical | there is a finding of the category |
| negation | personal ones that were found | `negated` is set exactly if the label says so |
| negated | negated ones that were found | `negated` is set |
| alert | those with an alert | a finding carries that alert |
"""

import argparse
import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from piiscan.scanning import Scanner, detectors

LABELLED = Path(__file__).parents[1] / "corpora" / "labelled" / "sensitive.tsv"
ENOUGH = 20  # sentences; a rate over fewer says nothing
GOALS = {"sv": (0.85, 0.10), "fi": (0.80, 0.05), "en": (0.85, 0.10)}  # least recall, most traps
EMPTY = "-"  # a column without a value


@dataclass(frozen=True, slots=True)
class Sentence:
    """A labelled sentence.

    `trap` names the family of a word that reads both ways; with the reading `none` the sentence is
    a hard negative of `category`.
    """

    line: int
    lang: str
    category: str
    reading: str
    negated: bool
    alert: str
    trap: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence and what the scanner says of its category."""

    sentence: Sentence
    found: bool
    personal: bool
    negated: bool
    alert: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """A column: which sentences it is about, and which of them count."""

    name: str
    about: Callable[[Judged], bool]
    counts: Callable[[Judged], bool]


def reads(reading: str) -> Callable[[Judged], bool]:
    """Return a test for sentences with this label."""
    return lambda judged: judged.sentence.reading == reading


def _found_person(judged: Judged) -> bool:
    return judged.found and judged.sentence.reading == "personal"


MEASURES = (
    Measure("personal", reads("personal"), lambda judged: judged.personal),
    Measure("any reading", reads("personal"), lambda judged: judged.found),
    Measure("traps", reads("none"), lambda judged: judged.personal),
    Measure("any trap", reads("none"), lambda judged: judged.found),
    Measure("topical", reads("topical"), lambda judged: judged.found),
    Measure("negation", _found_person, lambda judged: judged.negated == judged.sentence.negated),
    Measure(
        "negated",
        lambda judged: judged.found and judged.sentence.negated,
        lambda judged: judged.negated,
    ),
    Measure("alert", lambda judged: judged.sentence.alert != EMPTY, lambda judged: judged.alert),
)


def sentences(path: Path = LABELLED) -> list[Sentence]:
    """Return the labelled sentences of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Sentence(
                line=line,
                lang=row["lang"],
                category=row["category"],
                reading=row["reading"],
                negated=row["negated"] == "true",
                alert=row["alert"],
                trap=row["trap"],
                text=row["text"],
            )
            for line, row in enumerate(rows, 2)
        ]


def judge(scanner: Scanner, sentence: Sentence) -> Judged:
    """Scan one sentence; where its label is `none`, every finding is of interest."""
    found = [
        finding.attributes
        for finding in scanner.scan(sentence.text)
        if sentence.category in {finding.category, "none"}
    ]
    return Judged(
        sentence,
        found=bool(found),
        personal=any(attributes.get("reading") == "personal" for attributes in found),
        negated=any(bool(attributes.get("negated")) for attributes in found),
        alert=any(attributes.get("alert") == sentence.alert for attributes in found),
    )


def cell(measure: Measure, rows: Iterable[Judged]) -> str:
    """Return how many count, as a rate if there are enough of them.

    >>> cell(MEASURES[0], [])
    '-'
    """
    about = [row for row in rows if measure.about(row)]
    hits = sum(map(measure.counts, about))
    if not about:
        return EMPTY
    count = f"{hits}/{len(about)}"
    return count if len(about) < ENOUGH else f"{hits / len(about):.2f} {count}"


def table(title: str, rows: Sequence[Judged], key: Callable[[Judged], str]) -> list[str]:
    """Return the lines of a table with a row for each value of `key`, and one for all.

    Args:
        title: Heading of the first column.
        rows: The judged sentences.
        key: What the rows of the table are.

    """
    groups = {name: [row for row in rows if key(row) == name] for name in map(key, rows)}
    groups["all"] = list(rows)
    lines = [
        [title, *(measure.name for measure in MEASURES)],
        *(
            [name, *(cell(measure, group) for measure in MEASURES)]
            for name, group in groups.items()
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def report(lang: str, rows: Sequence[Judged]) -> list[str]:
    """Return what is said of one language.

    Args:
        lang: Its code.
        rows: Its judged sentences.

    """
    labelled = [row for row in rows if row.sentence.category != "none"]
    plain = [row for row in rows if row.sentence.category == "none"]
    trapped = [row for row in labelled if row.sentence.trap != EMPTY]
    lines = [f"{lang}: {len(rows)} sentences"]
    if lang in GOALS:
        recall, traps = GOALS[lang]
        lines.append(f"goals: personal at least {recall:.2f}, traps at most {traps:.2f}")
    lines += ["", *table("category", labelled, lambda row: row.sentence.category)]
    lines += ["", *table("trap", trapped, lambda row: row.sentence.trap)] if trapped else []
    hits = sum(row.found for row in plain)
    return [*lines, "", f"plain sentences with a sensitive finding: {hits} of {len(plain)}", ""]


def misses(name: str, rows: Iterable[Judged]) -> list[str]:
    """Return where the scanner is wrong: line, label, and what it says; never the sentence.

    Who writes a lexicon may then see where it fails without learning the set by heart.

    Args:
        name: The file's name.
        rows: Its judged sentences.

    """
    lines = []
    for row in rows:
        said = "personal" if row.personal else "topical" if row.found else "none"
        sentence = row.sentence
        wrong = said != sentence.reading or (row.found and row.negated != sentence.negated)
        if wrong or (sentence.alert != EMPTY and not row.alert):
            label = f"{sentence.category} {sentence.reading}"
            negated = ", negated" if row.negated else ""
            lines.append(f"{name}:{sentence.line}: {label}: {said}{negated}")
    return lines


def main() -> None:
    """Print the tables of every language."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--set", type=Path, default=LABELLED, help="file of labelled sentences")
    options.add_argument("--lang", help="one language only")
    options.add_argument("--misses", action="store_true", help="lines with a wrong answer, too")
    chosen = options.parse_args()
    labelled = [row for row in sentences(chosen.set) if chosen.lang in {None, row.lang}]
    if not labelled:
        options.error(f"no sentence is in `{chosen.lang}`")
    wanted = {row.category for row in labelled} - {"none"}
    ids = [row.id for row in detectors() if row.category in wanted]
    absent = wanted - {row.category for row in detectors()}
    scanner = Scanner(detectors=ids)
    judged = [judge(scanner, row) for row in labelled if row.category not in absent]
    lines = [f"lexicons {scanner.lexicon_digest[:12]}", ""]
    if absent:
        lines += [f"no detector, left out: {', '.join(sorted(absent))}", ""]
    for lang in dict.fromkeys(row.sentence.lang for row in judged):
        lines += report(lang, [row for row in judged if row.sentence.lang == lang])
    lines += misses(chosen.set.name, judged) if chosen.misses else []
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
