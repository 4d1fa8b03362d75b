"""Outputs: the results of scan and sweep in the forms that people and programs read.

One file and one line in `OUTPUTS` each. Every output says what was not scanned, and none shows a
value unless the caller asked for it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import IO, TypeAlias

from piiscan.outputs.result import Result

__all__ = ["OUTPUTS", "Result", "load"]

Write: TypeAlias = Callable[[Result, IO[str]], None]

OUTPUTS: dict[str, str] = {
    "table": "for people: totals by category",
    "json": "the records of jsonl in one array",
    "jsonl": "a record a line, schema 1",
    "csv": "a row a finding; coverage in a second file",
}


def load(name: str) -> Write:
    """Return the function that writes the output called `name`.

    Args:
        name: A key of `OUTPUTS`.

    """
    write: Write = import_module(f"piiscan.outputs.{name}_output").write
    return write
