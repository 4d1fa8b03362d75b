"""`piiscan scan`: the findings of some files, or of the text on stdin. Nothing is stored."""

import secrets
import sys
from dataclasses import dataclass
from functools import partial

import click

from piiscan.cli.options import Scanning, scanning
from piiscan.cli.options import command as make

__all__ = ["command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan(Scanning):
    files: tuple[str, ...]
    context: int
    explain: bool


@click.argument("files", nargs=-1, metavar="[FILE|-]...")
@click.option(
    "--context",
    metavar="N",
    type=click.IntRange(0, 1000),
    default=0,
    help="Show N bytes on either side, masked.",
)
@click.option(
    "--explain", is_flag=True, help="Say of every finding what was seen and which rule it fits."
)
@scanning
def _scan(options: _Scan) -> int:
    """List what is in some files, or in the text on stdin.

    Files are read like those of a sweep: mailboxes, chat exports, tables, containers. Text on stdin
    is read as it is.
    """
    from piiscan.cli.context import Source
    from piiscan.cli.fail_on import parse
    from piiscan.cli.results import check_output, emit
    from piiscan.cli.running import facts, follow, judge, make_scanner, make_settings, shown
    from piiscan.outputs import Result
    from piiscan.scanning import detectors
    from piiscan.store import Store, load
    from piiscan.sweeping import find_roots, keep_outside, record_text, time_text, writer

    conditions = parse(options.fail_on)
    names = options.files or ("-",)
    if names == ("-",) and sys.stdin.isatty():
        raise click.UsageError(
            "nothing to scan\n\nhint: name files, or send text: piiscan scan < FILE"
        )
    roots = find_roots(tuple(name for name in names if name != "-"))
    check_output(options)
    if options.output is not None:
        keep_outside(roots, options.output)
    key = load(options.key_file) if options.key_file is not None else secrets.token_bytes(32)
    scanner = make_scanner(options, key=key, explain=options.explain)
    settings = make_settings(options, roots, full=True)
    texts: dict[int, bytes] = {}
    values: dict[int, list[str]] | None = {} if options.reveal else None
    source = Source(texts)
    into = writer(
        None,
        settings,
        scanner=scanner,
        key=key,
        key_file=options.key_file,
        started=time_text(options.now),
        info=facts(options),
    )
    with into:
        if "-" in names:
            keep = texts if options.context else None
            record_text(into, scanner, sys.stdin.buffer, keep=keep, values=values)
        totals = follow(options, into, settings, scanner=scanner, source=source, values=values)
        if totals.total == 0:
            raise click.UsageError(f"there is no file in `{' '.join(names)}`")
        code, failed = judge(totals, conditions)
        store = Store(into.database, None)
        emit(
            Result(
                store=store,
                sweep=store.last_sweep(),
                summary=totals,
                exit_code=code,
                failed=failed,
                coverage="all" if options.coverage == "all" else "issues",
                listing=True,
                locale=options.locale,
                bom=options.bom,
                value=None if values is None else shown(values),
                context=partial(source.context, store, width=options.context)
                if options.context
                else None,
                rules={row.id: row.rule for row in detectors()} if options.explain else None,
            ),
            options,
        )
    return code


command = make("scan", _Scan, example="piiscan scan inbox.mbox --context 20")(_scan)
