"""`piiscan store`: what is in a store, its findings for other programs, and its audit log."""

from dataclasses import dataclass
from pathlib import Path

import click

from piiscan.cli.options import Common, Output, common, output, store_option
from piiscan.cli.options import command as make
from piiscan.cli.results import emit, opened

__all__ = ["command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Info(Common):
    store: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verify(Common):
    store: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export(Output):
    store: Path


@click.group("store", epilog="Example: piiscan store info")
def command() -> None:
    """Look after a store."""


@store_option
@common
def _info(options: _Info) -> int:
    """Show the sweeps of a store, its key and its totals."""
    from piiscan.outputs.table_output import amount
    from piiscan.store import named, open_store

    with open_store(options.store) as store, opened(options) as stream:
        totals = store.summary()
        stream.write(f"store     {options.store} ({amount(options.store.stat().st_size)})\n")
        stream.write(f"key       {store.key_id}\n")
        stream.write(f"objects   {totals.total:,} ({amount(totals.size)})\n")
        stream.write(f"findings  {totals.findings:,}\n")
        if totals.alerts:
            stream.write(f"alerts    {totals.alerts:,}\n")
        if store.restricted:
            stream.write(f"hidden    messages of {len(store.restricted):,} restricted values\n")
        run = store.last_sweep()
        digest = str(run.info.get("lexicons_digest", ""))
        stream.write(f"lexicons  {digest[:16]}  {named(run.lexicons) or 'versions not known'}\n")
        for run in store.sweeps():
            stream.write(
                f"sweep {run.id:<3} {run.started or '-'}  {run.state}  {' '.join(run.roots)}\n"
            )
    return 0


@store_option
@output
def _export(options: _Export) -> int:
    """Write what a store holds, in the form that the sweep would have written."""
    from piiscan.cli import exits
    from piiscan.outputs import Result
    from piiscan.store import open_store

    with open_store(options.store) as store:
        totals = store.summary()
        whole = totals.state == "complete"
        code = exits.COMPLETE if whole else exits.INCOMPLETE
        emit(
            Result(
                store=store,
                sweep=store.last_sweep(),
                summary=totals,
                exit_code=code,
                coverage="all" if options.coverage == "all" else "issues",
                locale=options.locale,
                bom=options.bom,
            ),
            options,
        )
    return code


@store_option
@common
def _verify(options: _Verify) -> int:
    """Say whether the audit log of a store is as it was written.

    Compares every line with the line before it, the last one with the head file beside the log, and
    both with the store. Exit code 1 if something was changed, removed, added or cut off.
    """
    from piiscan.cli import exits
    from piiscan.store import open_store
    from piiscan.store.audit_log import AuditLog, default_log

    open_store(options.store).close()
    log = AuditLog(default_log(options.store), store=options.store)
    wrong = log.verify()
    with opened(options) as stream:
        stream.write(f"audit log  {log.path.name}  {log.count:,} entries, head {log.head[:16]}\n")
        for problem in wrong:
            stream.write(f"wrong      {problem}\n")
        if not wrong:
            stream.write("right      nothing was changed, removed or added\n")
    return exits.FAILED if wrong else exits.COMPLETE


command.add_command(make("info", _Info, example="piiscan store info")(_info))
command.add_command(
    make("verify", _Verify, example="piiscan store verify --store .piiscan/store.db")(_verify)
)
command.add_command(
    make("export", _Export, example="piiscan store export --format jsonl -o findings.jsonl")(
        _export
    )
)
