"""Regenerate data/html/entities.tsv from the table of Python's standard library.

Source: HTML Living Standard, section 13.5 "Named character references". One line each: name, a tab,
    its characters. A name without a semicolon may be written without one.
"""

import argparse
import html.entities
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "html" / "entities.tsv"


def table() -> str:
    """Return the whole file."""
    names = html.entities.html5
    special = {"\n": "\\n", "\t": "\\t"}
    return "".join(f"{name}\t{special.get(names[name], names[name])}\n" for name in sorted(names))


def main() -> int:
    """Write the file, or only compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    text = table()
    if parser.parse_args().check:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
