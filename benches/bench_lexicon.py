"""What more terms cost: the same text with lexicons of 300 to 10,000 generated terms.

Terms and text are made from a seed: words of random syllables, a third of them endings and
compounds of each other as in real lexicons. Each lexicon holds the terms of the smaller ones. The
shipped terms are disabled. Every tenth message holds a term that all lexicons know, so that the
findings are the same but for chance. The goal: 10,000 terms take at most 2.5 times as long as 300.
"""

import random
import time
import tomllib
from functools import cache
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from piiscan.scanning import Scanner

SHIPPED = Path(__file__).parents[1] / "rust" / "piiscan" / "data" / "lexicon"
SIZES = (300, 750, 2_000, 10_000)
GOAL = 2.5
SEED = 20_261_122
BYTES = 1 << 20
ROUNDS = 7
ONSETS = (*"bdfghjklmnprstv", "fl", "gr", "kl", "kr", "pr", "sk", "st", "tr")
VOWELS = tuple("aeiouyåäö")
CODAS = ["", "", "", "l", "n", "r", "s", "t", "nd", "rk"]
ENDINGS = ["", "", "", "en", "et", "er", "erna", "s", "a"]


def word(source: random.Random, syllables: int) -> str:
    """Return a word that could be one."""
    parts = (
        source.choice(ONSETS) + source.choice(VOWELS) + source.choice(CODAS)
        for _ in range(syllables)
    )
    return "".join(parts)


@cache
def stems() -> list[str]:
    """Return as many stems as the largest lexicon has, all different."""
    source = random.Random(SEED)  # noqa: S311 - a repeatable text, no secret
    found: dict[str, None] = {}
    while len(found) < max(SIZES):
        stem = word(source, source.choice([2, 2, 3, 3, 4]))
        if len(stem) >= 6:  # noqa: PLR2004 - the least that may be the head of a compound
            found[stem] = None
    return list(found)


@cache
def shipped_ids() -> list[str]:
    """Return the ids of the terms that ship."""
    ids = []
    for file in sorted(SHIPPED.rglob("*.toml")):
        lexicon = tomllib.loads(file.read_text(encoding="utf-8"))
        place = f"{lexicon['lang']}.{lexicon.get('category')}"
        ids += [f"{place}.{term['id']}" for term in lexicon.get("term", [])]
    return ids


def lexicon(terms: int) -> str:
    """Return a lexicon with so many terms: a third in each way to match, half weak."""
    lines = ['schema = 1\nlang = "sv"\ncategory = "health"\n']
    lines += [f"disable = {shipped_ids()!r}\n"]
    modes = ('["word"]', '["word", "compound-head"]', '["word", "compound-head", "compound-tail"]')
    for number, stem in enumerate(stems()[:terms]):
        lines.append(
            f'[[term]]\nid = "t{number}"\nstem = "{stem}"\nmatch = {modes[number % 3]}\n'
            'inflection = "sv-noun"\nfold = ["dotless", "aeoe", "mojibake"]\nsource = "own"\n'
        )
        weak = 'weight = 0.2\nrequire_any = ["person"]\n'
        lines.append(weak if number % 2 else "weight = 0.6\nboost = { person = 0.3 }\n")
    return "".join(lines)


@cache
def messages() -> tuple[str, ...]:
    """Return about a megabyte of messages of 14 words, every tenth with a term in it."""
    source = random.Random(SEED + 1)  # noqa: S311 - a repeatable text, no secret
    common = [word(source, source.choice([1, 1, 1, 2, 2, 3])) for _ in range(20_000)]
    texts: list[str] = []
    size = 0
    while size < BYTES:
        words = [
            source.choice(common[: 200 if source.random() < 0.5 else None])  # noqa: PLR2004 - half are common
            + source.choice(ENDINGS)
            for _ in range(14)
        ]
        if len(texts) % 10 == 0:
            words[6] = "jag har " + source.choice(stems()[: SIZES[0]])
        text = " ".join(words).capitalize() + "."
        texts.append(text)
        size += len(text.encode())
    return tuple(texts)


@cache
def scanner(terms: int) -> Scanner:
    """Return a scanner for these terms and nothing else."""
    return Scanner(detectors=["health"], lexicons=[(f"{terms} terms", lexicon(terms))])


@pytest.mark.parametrize("terms", SIZES)
def test_terms(benchmark: BenchmarkFixture, terms: int) -> None:
    """Scan a megabyte with so many terms."""
    texts = list(messages())
    found = benchmark(scanner(terms).scan_batch, texts)
    benchmark.extra_info["findings"] = len(found)
    benchmark.extra_info["bytes"] = sum(len(text.encode()) for text in texts)
    assert len(found) >= len(texts) // 10


def test_the_slowdown_is_within_its_goal(capsys: pytest.CaptureFixture[str]) -> None:
    """Let the lexicons take turns, and compare the best of each in CPU time."""
    texts = list(messages())
    best = dict.fromkeys(SIZES, float("inf"))
    for _ in range(ROUNDS):
        for terms in SIZES:
            start = time.process_time()
            scanner(terms).scan_batch(texts)
            best[terms] = min(best[terms], time.process_time() - start)
    ratios = {terms: best[terms] / best[SIZES[0]] for terms in SIZES}
    with capsys.disabled():
        print()  # noqa: T201 - the result
        for terms, ratio in ratios.items():
            found = len(scanner(terms).scan_batch(texts))
            print(f"{terms:>7,} terms  {ratio:.2f} x  {found:,} findings")  # noqa: T201 - the result
        print(f"goal: {max(SIZES):,} terms at most {GOAL} x")  # noqa: T201 - the result
    assert ratios[max(SIZES)] <= GOAL
