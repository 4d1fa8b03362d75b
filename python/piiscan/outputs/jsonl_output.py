"""JSONL: a record a line, the summary last."""

from typing import IO

from piiscan.outputs.records import line, records
from piiscan.outputs.result import Result

__all__ = ["write"]


def write(result: Result, stream: IO[str]) -> None:
    """Write every record on a line of its own."""
    for record in records(result):
        stream.write(line(record) + "\n")
