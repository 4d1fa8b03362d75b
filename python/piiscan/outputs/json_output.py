"""JSON: the records of JSONL in one array."""

from typing import IO

from piiscan.outputs.records import line, records
from piiscan.outputs.result import Result

__all__ = ["write"]


def write(result: Result, stream: IO[str]) -> None:
    """Write one array, a record a line."""
    between = "[\n"
    for record in records(result):
        stream.write(between + line(record))
        between = ",\n"
    stream.write("\n]\n")
