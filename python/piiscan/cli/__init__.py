"""The command `piiscan`: one file a command, one line in `COMMANDS`.

Only this room reads the clock, prints, asks and ends the process. A command is imported when it
runs.
"""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from piiscan.cli.exits import COMPLETE, USAGE, complain

__all__ = ["COMMANDS", "main", "run"]

COMMANDS: dict[str, str] = {
    "sweep": "Take an inventory of an archive into a store.",
    "scan": "List what is in some files, or in the text on stdin.",
    "check": "Hold an archive against the promises of a policy.",
    "retain": "Say what has stayed too long; carry its disposal out.",
    "anonymize": "Write a copy in which what a policy names is gone.",
    "verify": "Prove that nothing is left in a copy.",
    "filter": "Anonymize text line by line, on a pipe.",
    "report": "Write a report of what a store holds.",
    "subject": "Carry out the rights of one person over the whole archive.",
    "store": "Look after a store: info, export, verify.",
    "policy": "Start, check and show a policy: what a notice promises.",
    "detectors": "Say what can be found, and how.",
    "lexicon": "Explain and check the words of sensitive categories.",
}


class _Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"piiscan.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = get_close_matches(name, COMMANDS, n=1)
            similar = f"\n\nhint: did you mean `piiscan {near[0]}`?" if near else ""
            raise click.UsageError(f"no command is called `{name}`{similar}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's form
    if value and not context.resilient_parsing:
        from piiscan import __version__

        click.echo(f"piiscan {__version__}")
        context.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: piiscan sweep ARCHIVE",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version.",
)
def piiscan() -> None:
    """Say what personal data is in message archives, and where."""


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: What stands after `piiscan`.

    """
    try:
        code = _invoke(list(arguments))
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every error becomes a line and a code
        return complain(error, verbose=_verbosity(arguments))
    return code if isinstance(code, int) else COMPLETE


def _invoke(arguments: list[str]) -> object:
    """Run a command as click does, but for a closed pipe, which click answers with code 1."""
    try:
        with piiscan.make_context("piiscan", arguments) as context:
            return piiscan.invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.message, err=True)
        return USAGE
    except click.exceptions.Exit as ended:
        return ended.exit_code


def main() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal that lacks a letter shows its number
    sys.exit(run(sys.argv[1:]))


def _verbosity(arguments: Sequence[str]) -> int:
    return sum(
        argument.count("v")
        for argument in arguments
        if argument.startswith("-v") and argument.strip("-v") == ""
    )
