"""`piiscan report`: a page for people about what a store holds."""

from dataclasses import dataclass
from pathlib import Path

import click

from piiscan.cli.options import Common, common, store_option
from piiscan.cli.options import command as make
from piiscan.reports import REPORTS

__all__ = ["command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report(Common):
    kind: str
    store: Path


@click.argument("kind", metavar="KIND", type=click.Choice(list(REPORTS)))
@store_option
@common
def _report(options: _Report) -> int:
    """Write a report of what a store holds: one HTML file, no scripts, no values.

    KIND is `sweep`: what was found, where, and what was not scanned.
    """
    from piiscan.cli import exits
    from piiscan.cli.results import opened
    from piiscan.reports import report
    from piiscan.store import open_store

    with open_store(options.store) as store:
        page = report(options.kind, store=store)
        whole = store.summary().state == "complete"
        code = exits.COMPLETE if whole else exits.INCOMPLETE
    with opened(options) as stream:
        stream.write(page.html)
    return code


command = make("report", _Report, example="piiscan report sweep -o report.html")(_report)
