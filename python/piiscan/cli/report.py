"""`piiscan report`: a paper for people about what a store holds."""

import re
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click

from piiscan.cli.options import LOCALES, Common, common, now_option, store_option
from piiscan.cli.options import command as make
from piiscan.reports import ALIASES, FORMS, PERIODIC, REPORTS

__all__ = ["command"]

Period = tuple[date, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report(Common):
    kind: str
    store: Path
    form: str | None
    locale: str
    policy: str | None
    period: Period | None
    now: datetime


def _period(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> Period | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", value)
    try:
        first, last = (date.fromisoformat(day) for day in (found.groups() if found else ()))
    except ValueError:
        raise click.BadParameter(f"`{value}` is not A..B, such as 2026-01-01..2026-06-30") from None
    if last < first:
        raise click.BadParameter(f"`{value}` ends before it begins")
    return first, last


@click.argument("kind", metavar="KIND", type=click.Choice([*REPORTS, *ALIASES]))
@store_option
@click.option(
    "--policy",
    metavar="NAME|FILE",
    envvar="PIISCAN_POLICY",
    help="What was promised; check, notice and ropa need it, sweep can use it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    help="Form of the report; that of the file's name if not given, else html.",
)
@click.option(
    "--locale",
    type=click.Choice(LOCALES),
    default="en",
    show_default=True,
    help="Language of the report.",
)
@click.option(
    "--period",
    metavar="A..B",
    callback=_period,
    help="First and last day, for disposal and rectification.",
)
@now_option
@common
def _report(options: _Report) -> int:
    from piiscan.cli import exits
    from piiscan.files import writable
    from piiscan.reports import report
    from piiscan.store import open_store

    if options.period and ALIASES.get(options.kind, options.kind) not in PERIODIC:
        raise click.UsageError(
            f"report `{options.kind}` is about what is there now: --period is for"
            f" {' and '.join(PERIODIC)}"
        )
    if options.output is not None:
        writable(options.output)
    with open_store(options.store) as store:
        made = report(
            options.kind,
            store=store,
            locale=options.locale,
            policy=options.policy,
            today=options.now,
            period=options.period,
        )
    if options.output is not None:
        made.save(options.output, form=options.form)
    else:
        sys.stdout.buffer.write(made.write(options.form or "html"))
    return exits.COMPLETE if made.content.whole else exits.INCOMPLETE


_report.__doc__ = "Write a report that shows no values. KIND is one of:\n\n\b\n" + "\n".join(
    f"{kind:<15}{text}" for kind, text in REPORTS.items()
)
command = make("report", _Report, example="piiscan report sweep -o report.html")(_report)
