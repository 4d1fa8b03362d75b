"""`piiscan sweep`: an inventory of an archive, in a store."""

from dataclasses import dataclass
from pathlib import Path

import click

from piiscan.cli.options import Scanning, scanning, store_option
from piiscan.cli.options import command as make

__all__ = ["command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sweep(Scanning):
    paths: tuple[str, ...]
    store: Path
    full: bool
    policy: str | None


@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@store_option
@click.option(
    "--policy",
    metavar="NAME|FILE",
    envvar="PIISCAN_POLICY",
    help="Look for what this policy promises, so that `check` and `retain` need not read again.",
)
@click.option("--full", is_flag=True, help="Read and hash every file, even if it looks unchanged.")
@scanning
def _sweep(options: _Sweep) -> int:
    """Take an inventory of folders, files and containers into a store.

    Only what is new or has changed is read. A sweep that was stopped goes on where it was when it
    is started again. The archive itself is only read. Findings that the allow file of the policy
    accepts are stored and listed, and do not count for --fail-on.
    """
    from piiscan.cli.fail_on import parse
    from piiscan.cli.results import check_output, emit, say
    from piiscan.cli.running import judge, shown, sweep_into
    from piiscan.outputs import Result
    from piiscan.policy import load
    from piiscan.retention.accepting import count_accepted
    from piiscan.retention.brakes import local_day
    from piiscan.store import DEFAULT_STORE, open_store

    conditions = parse(options.fail_on)
    policy = load(options.policy) if options.policy else None
    check_output(options)
    values: dict[int, list[str]] | None = {} if options.reveal else None
    totals, run = sweep_into(
        options,
        options.store,
        options.paths,
        full=options.full or options.reveal,
        policy=policy,
        values=values,
    )
    flag = "" if options.store == DEFAULT_STORE else f" --store {options.store}"
    if totals.state == "interrupted":
        say(
            options,
            f"interrupted; the same command goes on: piiscan sweep {' '.join(options.paths)}{flag}",
        )
    with open_store(options.store) as store:
        accepted = None
        if policy is not None:
            today = local_day(options.now, policy.policy.notice.time_zone)
            accepted = count_accepted(store, policy, today=today)
        code, failed = judge(totals, conditions, accepted)
        emit(
            Result(
                store=store,
                sweep=next(each for each in store.sweeps() if each.id == run),
                summary=totals,
                exit_code=code,
                failed=failed,
                accepted=accepted,
                coverage="all" if options.coverage == "all" else "issues",
                next_step=f"Next: piiscan report sweep -o report.html{flag}",
                locale=options.locale,
                bom=options.bom,
                value=None if values is None else shown(values),
            ),
            options,
        )
    return code


command = make("sweep", _Sweep, example="piiscan sweep archive/")(_sweep)
