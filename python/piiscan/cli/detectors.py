"""`piiscan detectors`: what can be found, and how."""

from dataclasses import dataclass
from difflib import get_close_matches

import click

from piiscan.cli.options import Common, common
from piiscan.cli.options import command as make
from piiscan.cli.results import opened

__all__ = ["command"]

INDENT = "\n" + 12 * " "  # of the second line of a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Show(Common):
    detector: str


@click.group("detectors", epilog="Example: piiscan detectors show se-personnummer")
def command() -> None:
    """Say what can be found, and how."""


@common
def _list(options: Common) -> int:
    """List every detector with its category and class."""
    from piiscan.scanning import detectors, optional_detectors

    rows = [("Detector", "Category", "Class", "Finds")]
    rows += [(row.id, row.category, row.legal_class, row.summary) for row in detectors()]
    rows += [
        (row.id, row.category, row.legal_class, f"{row.summary} (only where asked for by name)")
        for row in optional_detectors()
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    with opened(options) as stream:
        for row in rows:
            cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            stream.write(f"{cells}  {row[3]}".rstrip() + "\n")
    return 0


@click.argument("detector")
@common
def _show(options: _Show) -> int:
    """Show what one detector finds, its rule, its source, and examples."""
    from piiscan.scanning import detectors, optional_detectors

    found = {row.id: row for row in (*detectors(), *optional_detectors())}
    if options.detector not in found:
        near = get_close_matches(options.detector, found, n=1)
        hint = f"piiscan detectors show {near[0]}" if near else "piiscan detectors list"
        raise click.UsageError(f"no detector is called `{options.detector}`\n\nhint: {hint}")
    row = found[options.detector]
    with opened(options) as stream:
        stream.write(f"{row.id}\n  category  {row.category} ({row.legal_class})\n")
        for label, text in (("finds", row.summary), ("rule", row.rule)):
            if text:
                stream.write(f"  {label:<9} {text.replace(chr(10), INDENT)}\n")
        for number, example in enumerate(row.examples):
            stream.write(f"  {'' if number else 'examples':<9} {example}\n")
    return 0


command.add_command(make("list", Common, example="piiscan detectors list")(_list))
command.add_command(make("show", _Show, example="piiscan detectors show email")(_show))
