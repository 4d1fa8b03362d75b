"""`piiscan check`: an archive held against what a notice promises."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from piiscan.cli.options import Scanning, policy_option, reading, store_option
from piiscan.cli.options import command as make

if TYPE_CHECKING:
    from piiscan.holds import Hold
    from piiscan.policy import LoadedPolicy
    from piiscan.promises.checking import Check
    from piiscan.store import Store

__all__ = ["command"]

FORMATS = ("table", "json", "jsonl", "csv", "html")
COLUMNS = (
    "id", "verdict", "reason", "clause", "section", "channel", "action", "messages", "failing",
    "findings", "people", "held", "undetermined", "soon", "low", "oldest", "overdue_since",
)  # fmt: skip
HEADS = (" Beyond",)
ALARMS = (" Alerts", " broken", " Not scanned", " Interrupted")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check(Scanning):
    paths: tuple[str, ...]
    policy: str
    store: Path
    promise: tuple[str, ...]
    # A policy decides these.
    detectors: tuple[str, ...] = ()
    exclude_detectors: tuple[str, ...] = ()
    reveal: bool = False
    fail_on: tuple[str, ...] = ()
    coverage: str = "issues"


@click.argument("paths", nargs=-1, metavar="[PATH]...")
@policy_option
@store_option
@click.option("--promise", metavar="ID", multiple=True, help="Only this promise.")
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="Form of the result.",
)
@click.option(
    "--locale",
    type=click.Choice(["en", "sv-SE", "sv-FI", "fi"]),
    default="en",
    show_default=True,
    help="Language of html; decides the separator of CSV.",
)
@click.option("--bom", is_flag=True, help="Start CSV with a byte order mark, for spreadsheets.")
@reading
def _check(options: _Check) -> int:
    """Hold an archive against the promises of a policy.

    Each promise is kept, broken (how many messages, the oldest, overdue since) or undecidable
    (why). PATH is swept first, as the policy says; without it the store is taken as it is. All
    that the store holds is judged, and nothing is changed. The exit code is 1 if a promise is
    broken, 3 if something could not be read.
    """
    from piiscan.cli import exits
    from piiscan.cli.results import opened, say
    from piiscan.cli.running import lasting_holds, sweep_into
    from piiscan.files import writable
    from piiscan.policy import load
    from piiscan.promises.checking import check
    from piiscan.retention import CLOCKED
    from piiscan.store import open_store

    policy = load(options.policy)
    if options.output is not None:
        writable(options.output)
    if options.paths:
        totals, _ = sweep_into(options, options.store, options.paths, policy=policy)
        if totals.state == "interrupted":
            say(options, "interrupted; the same command goes on")
            return exits.INTERRUPTED
    with open_store(options.store) as store:
        holds = lasting_holds(options, options.store, policy, store)
        found = check(
            store, policy=policy, today=options.now, promises=options.promise, holds=holds
        )
        page = _page(options, store, policy, holds) if options.format == "html" else ""
    code = exits.exit_code(
        exits.FAILED if found.broken else exits.COMPLETE,
        exits.COMPLETE if found.complete else exits.INCOMPLETE,
    )
    with opened(options, newline=None if options.format == "csv" else "\n") as stream:
        if page:
            stream.write(page)
        else:
            _write(found, code, options, stream)
    if options.format == "csv" and found.survey.unread:
        say(options, f"not scanned: {len(found.survey.unread)} objects (--format jsonl lists them)")
    if options.format == "table" and any(
        verdict.promise.action in CLOCKED for verdict in found.broken
    ):
        say(options, f"Next: piiscan retain --policy {options.policy}{_stored(options.store)}")
    return code


def _page(options: _Check, store: "Store", policy: "LoadedPolicy", holds: "list[Hold]") -> str:
    """Return the report on the same check: `piiscan report check`."""
    from piiscan.reports import report

    made = report(
        "check",
        store=store,
        locale=options.locale,
        policy=policy,
        today=options.now,
        holds=holds,
        promises=options.promise,
    )
    return made.html


def _write(found: "Check", code: int, options: _Check, stream: IO[str]) -> None:
    from piiscan.cli.results import painted
    from piiscan.outputs.check_records import check_records, promise_record
    from piiscan.outputs.check_table import check_lines
    from piiscan.outputs.csv_output import SafeTable
    from piiscan.outputs.records import line

    if options.format == "csv":
        table = SafeTable(stream, COLUMNS, locale=options.locale, bom=options.bom)
        for verdict in found.verdicts:
            record = promise_record(found, verdict)
            table.row(record.get(column, "") for column in COLUMNS)
        return
    if options.format == "table":
        into = painted(stream, options, heads=HEADS, alarms=ALARMS)
        into.writelines(f"{text}\n" for text in check_lines(found))
        return
    lines = map(line, check_records(found, exit_code=code))
    if options.format == "jsonl":
        stream.writelines(f"{text}\n" for text in lines)
    else:
        stream.write("[\n" + ",\n".join(lines) + "\n]\n")


def _stored(store: Path) -> str:
    from piiscan.store import DEFAULT_STORE

    return "" if store == DEFAULT_STORE else f" --store {store}"


command = make("check", _Check, example="piiscan check archive/ --policy upplands-bro")(_check)
