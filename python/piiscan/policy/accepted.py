"""The allow file: findings that somebody has looked at and accepted, each for a reason and a time.

A line of JSON for each, named by `scan.allow` of the policy:

    {"fingerprint": "bdfh:7f2a…", "detector": "phone", "object": "5d0f…", "reason": "the number of
    the exchange", "by": "Registrator", "until": "2027-01-31"}

`fingerprint`, `detector` and `object` are those of a finding in JSONL (`piiscan store export`);
`object` may be `*` for wherever the value stands. After `until` the finding counts again. An
accepted finding breaks no promise; it is counted apart, and a rewrite treats it like any other.
"""

from datetime import date as Date  # noqa: N812 - as in the model
from pathlib import Path
from typing import Annotated

import msgspec

from piiscan.errors import PolicyError
from piiscan.policy.form import Problem
from piiscan.policy.labels import LABELS

__all__ = ["EVERYWHERE", "Accepted", "allow_problems", "read_allow"]

EVERYWHERE = "*"
LINE_MAX = 4096  # bytes; a line is some 300
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One finding that was accepted."""

    fingerprint: Annotated[str, msgspec.Meta(pattern="^[a-z]{4}:[0-9a-f]{32}$")]
    detector: str
    object: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{16}|\*)$")]
    reason: Text
    by: Text
    until: Date


def read_allow(path: Path) -> list[Accepted]:
    """Return the rows of an allow file.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: It is not there.
        PolicyError: A row is wrong; the message says which, and shows nothing of it.

    """
    rows, found = _read(path)
    if found:
        first = found[0]
        raise PolicyError(f"{first.what} at {first.path}\n\nhint: {first.hint}")
    return rows


def allow_problems(path: Path) -> list[Problem]:
    """Return everything that is wrong in an allow file.

    Args:
        path: The file.

    """
    return _read(path)[1]


def _read(path: Path) -> tuple[list[Accepted], list[Problem]]:
    rows: list[Accepted] = []
    found: list[Problem] = []
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        at = f"line {number} of `{path.name}`"
        try:
            row = msgspec.json.decode(line if len(line) <= LINE_MAX else b"", type=Accepted)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            hint = "fingerprint, detector, object, reason, by, until"
            found.append(Problem(at, _what(error), hint))
            continue
        same = (row.fingerprint, row.detector, row.object)
        if row.detector not in LABELS:
            found.append(Problem(at, "no detector has this id", "piiscan detectors list"))
        elif same in seen:
            found.append(Problem(at, "the finding was accepted before", "leave one of the lines"))
        seen.add(same)
        rows.append(row)
    return rows, found


def _what(error: Exception) -> str:
    """Return which field is wrong, without what stands in it."""
    _, _, place = str(error).partition(" - at `")
    if place:
        return f"no accepted finding: `{place.rstrip('`')}` has another form"
    named = str(error).partition("`")[2].partition("`")[0]
    fields = Accepted.__struct_fields__
    if named in fields:
        return f"no accepted finding: `{named}` is missing"
    return "no accepted finding"
