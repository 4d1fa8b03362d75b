"""Examples in docstrings do what they show."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "anonymize.operators",
        "anonymize.texts",
        "findings",
        "policy.labels",
        "policy.matching",
        "retention.plan",
        "scanning.scanner",
    ],
)
def test_the_examples_of_a_module_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"piiscan.{name}"))
    assert result.attempted
    assert not result.failed
