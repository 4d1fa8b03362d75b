"""How long calls take: one short message with all detectors, and a megabyte with each of them."""

import json
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from piiscan.scanning import Scanner, detectors

DEMO = Path(__file__).parents[1] / "corpora" / "demo" / "chatt" / "webbchatt-00.jsonl"
SHORT = "Tack för det snabba svaret, nu förstår jag hur det hänger ihop. Vi hörs."
MESSAGE = (
    "Hej! Det gäller min son, personnummer 811218-9876, som ska börja i förskoleklass till hösten. "
    "Ring mig gärna på 070-174 06 05 efter klockan 16.30 så är jag hemma, eller skriv till mig "
    "när ni vet."
)
SIZE = 1 << 20


@pytest.fixture(scope="module")
def messages() -> list[str]:
    """Return a megabyte of chat messages."""
    lines = DEMO.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    whole = sum(len(text.encode()) for text in texts)
    return texts * (SIZE // whole + 1)


@pytest.mark.parametrize("text", [SHORT, MESSAGE], ids=["nothing", "two findings"])
def test_one_call_on_a_short_message(benchmark: BenchmarkFixture, text: str) -> None:
    """Call the scanner with all detectors on one message."""
    scanner = Scanner()
    found = benchmark(scanner.scan, text)
    benchmark.extra_info["findings"] = len(found)
    assert len(found) == (2 if text is MESSAGE else 0)


@pytest.mark.parametrize("detector", [row.id for row in detectors()])
def test_each_detector_on_its_own(
    benchmark: BenchmarkFixture, messages: list[str], detector: str
) -> None:
    """Scan a megabyte with one detector; the cost of the shared pass is in each of them."""
    scanner = Scanner(detectors=[detector])
    found = benchmark(scanner.scan_batch, messages)
    benchmark.extra_info["findings"] = len(found)
    benchmark.extra_info["bytes"] = sum(len(text.encode()) for text in messages)
    assert set(found.detectors) >= {detector}


def test_all_detectors(benchmark: BenchmarkFixture, messages: list[str]) -> None:
    """Scan a megabyte with every detector."""
    scanner = Scanner()
    found = benchmark(scanner.scan_batch, messages)
    benchmark.extra_info["findings"] = len(found)
    benchmark.extra_info["bytes"] = sum(len(text.encode()) for text in messages)
    assert len(found) > 0
