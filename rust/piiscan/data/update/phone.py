r"""Write `data/phone/<cc>.tsv` from the numbering plans of libphonenumber.

Run with the package `phonenumbers` installed: `python data/update/phone.py [--check]`. With
`--check` nothing is written; the exit status is 1 if a file differs. A pattern such as
`(?:2[1-4]|3[1-3578])\d{6}` becomes one row per alternative: the leading digit classes, then the
shortest and the longest length of the national number.
"""

from __future__ import annotations

import argparse
import re
import sys
from itertools import product
from pathlib import Path
from typing import Protocol

import phonenumbers

COUNTRIES = ("SE", "FI", "AX", "NO", "DK", "FO", "GL", "IS")
SHARED = {"NO": ("SJ",)}  # Svalbard has numbers of the Norwegian plan
KINDS = (
    "general_desc",
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
FOLDER = Path(__file__).parent.parent / "phone"
HEADER = """\
# Numbering plan of {country}, calling code {code}. Written by data/update/phone.py: do not edit.
# Derived from libphonenumber through phonenumbers {version}.
# Copyright (C) 2009 The Libphonenumber Authors. Licensed under the Apache License, Version 2.0
# (https://www.apache.org/licenses/LICENSE-2.0). Changed: patterns are split into rows.
# kind, leading digits of the national number, shortest and longest length in digits
"""

Sequence = tuple[str, ...]


class Description(Protocol):
    """What libphonenumber says about one kind of number."""

    national_number_pattern: str | None


class Pattern:
    r"""A parser of the forms that the plans use: digits, `\d`, classes, groups, `?`, `{m,n}`."""

    def __init__(self, text: str) -> None:
        self.text = re.sub(r"\s", "", text)
        self.at = 0

    def alternatives(self) -> list[Sequence]:
        r"""Return every alternative as a sequence of digit classes; a `\d` is `*`."""
        found = self._sequence()
        while self._eat("|"):
            found += self._sequence()
        return found

    def _eat(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def _sequence(self) -> list[Sequence]:
        found: list[Sequence] = [()]
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            found = [a + b for a, b in product(found, self._repeated())]
        return found

    def _repeated(self) -> list[Sequence]:
        atom = self._atom()
        low, high = 1, 1
        if self._eat("?"):
            low = 0
        elif match := re.compile(r"\{(\d+)(?:,(\d+))?\}").match(self.text, self.at):
            self.at = match.end()
            low = int(match[1])
            high = int(match[2] or match[1])
        found: list[Sequence] = []
        for count in range(low, high + 1):
            found += [sum(parts, ()) for parts in product(atom, repeat=count)]
        return found

    def _atom(self) -> list[Sequence]:
        if self._eat("(?:") or self._eat("("):
            inner = self.alternatives()
            if not self._eat(")"):
                raise ValueError(f"unclosed group in `{self.text}`")
            return inner
        if self._eat("\\d"):
            return [("*",)]
        match = re.compile(r"\[[\d-]+\]|\d").match(self.text, self.at)
        if match is None:
            raise ValueError(f"unknown form at {self.at} in `{self.text}`")
        self.at = match.end()
        return [(match[0],)]


def rows(kind: str, pattern: str) -> list[str]:
    """Return the rows of one kind; alternatives that differ in length only are one row."""
    lengths: dict[str, set[int]] = {}
    for sequence in Pattern(pattern).alternatives():
        fixed = list(sequence)
        while fixed and fixed[-1] == "*":
            fixed.pop()
        prefix = "".join("[0-9]" if part == "*" else part for part in fixed)
        lengths.setdefault(prefix, set()).add(len(sequence))
    found = []
    for prefix, known in lengths.items():
        for low in sorted(known):
            if low - 1 in known:
                continue
            high = low
            while high + 1 in known:
                high += 1
            found.append(f"{kind}\t{prefix}\t{low}\t{high}")
    return found


def plan(country: str) -> str:
    """Return the file of one country."""
    lines: list[str] = []
    for region in (country, *SHARED.get(country, ())):
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if metadata is None:
            raise ValueError(f"no plan for `{region}`")
        for kind in KINDS:
            description: Description | None = getattr(metadata, kind)
            if description is not None and description.national_number_pattern:
                found = rows(kind, description.national_number_pattern)
                lines += [row for row in found if row not in lines]
    code = phonenumbers.country_code_for_region(country)
    header = HEADER.format(country=country, code=code, version=phonenumbers.__version__)
    return header + "\n".join(lines) + "\n"


def main() -> int:
    """Write the files, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file differs"
    )
    check = parser.parse_args().check
    stale = 0
    for country in COUNTRIES:
        path = FOLDER / f"{country.lower()}.tsv"
        text = plan(country)
        if check:
            stale += not path.exists() or path.read_text(encoding="utf-8") != text
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return int(stale > 0)


if __name__ == "__main__":
    sys.exit(main())
