"""Reports: pages for people about what a store holds.

No value ever; what was not scanned is said first.

One file and one line in `REPORTS` each.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from piiscan.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from piiscan.reports.page import Page

__all__ = ["REPORTS", "report"]

REPORTS: dict[str, str] = {
    "sweep": "what was found, where, and what was not scanned",
}


def report(kind: str, *, store: Store) -> "Page":
    """Return the report called `kind`.

    Args:
        kind: A key of `REPORTS`.
        store: What it is about.

    Raises:
        ValueError: There is no such report.

    """
    if kind not in REPORTS:
        raise ValueError(f"no report is called `{kind}`: {', '.join(REPORTS)}")
    render: Callable[[Store], Page] = import_module(f"piiscan.reports.{kind}_report").render
    return render(store)
