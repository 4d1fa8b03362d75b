"""`piiscan policy`: start, check and show what a privacy notice promises."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from piiscan.cli.options import Common, common
from piiscan.cli.options import command as make
from piiscan.cli.results import opened

if TYPE_CHECKING:
    from piiscan.policy import LoadedPolicy
    from piiscan.policy.model import Match, Promise

__all__ = ["command"]

WIDTH = 11  # of the labels of what is shown

_format_option = click.option(
    "--format",
    type=click.Choice(["table", "json", "toml"]),
    default="table",
    show_default=True,
    help="Form of the result; toml is the file as written.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Init(Common):
    name: str | None
    preset: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check(Common):
    policy: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Show(Common):
    policy: str
    format: str


@click.group("policy", epilog="Example: piiscan policy show upplands-bro")
def command() -> None:
    """Start, check and show a policy: what a notice promises."""


@common
def _list(options: Common) -> int:
    """List the policies that ship."""
    from piiscan.policy import BUILTIN

    with opened(options) as stream:
        stream.writelines(f"{line}\n" for line in _table(["Policy", "About"], BUILTIN.items()))
    return 0


@click.argument("name", required=False)
@click.option("--preset", metavar="NAME", help="The same as NAME.")
@common
def _init(options: _Init) -> int:
    """Start a policy of your own: copy one that ships, with its comments.

    Without NAME it is `nordic-default`. A file that exists is never written over.
    """
    from piiscan.errors import RefusedError
    from piiscan.policy import BUILTIN, policy_text

    if options.name and options.preset and options.name != options.preset:
        raise click.UsageError("give NAME or --preset, not two names")
    name = options.name or options.preset or "nordic-default"
    if name not in BUILTIN:
        hint = f"one of: {', '.join(BUILTIN)}"
        raise click.UsageError(f"no policy that ships is called `{name}`\n\nhint: {hint}")
    if options.output is not None and options.output.exists():
        raise RefusedError(f"`{options.output}` exists\n\nhint: name a new file with -o")
    with opened(options) as stream:
        stream.write(policy_text(name)[0])
    return 0


@click.argument("policy", metavar="FILE|NAME")
@click.option(
    "--format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Form of the result.",
)
@common
def _check(options: _Check) -> int:
    """Check a policy: say everything that is wrong, where, and what to do.

    Exit 2 if something is wrong.
    """
    from piiscan.cli import exits
    from piiscan.findings import printable
    from piiscan.policy import examine, parse, policy_text

    text, folder = policy_text(options.policy)
    policy, found = examine(text, folder)
    with opened(options) as stream:
        if options.format == "json":
            stream.write(_json([problem._asdict() for problem in found]))
        elif policy is None or found:
            for problem in found:
                stream.write(printable(f"{problem.path}  {problem.what}") + "\n")
                if problem.hint:
                    stream.write(printable(f"  hint: {problem.hint}") + "\n")
            count = f"{len(found)} problem" if len(found) == 1 else f"{len(found)} problems"
            stream.write(f"{options.policy}: {count}\n")
        else:
            loaded = parse(text, name=options.policy, folder=folder)
            parts = f"channels {len(policy.channel)}, promises {len(policy.promise)}"
            stream.write(f"{options.policy}: {_title(loaded)}, {parts}, nothing wrong\n")
            if not policy.promise:
                stream.write("note: it promises nothing, so nothing can be checked\n")
            if not policy.decision.ref:
                stream.write("note: without a decision (`ref`) no original is changed\n")
    return exits.USAGE if found else exits.COMPLETE


@click.argument("policy", metavar="FILE|NAME")
@_format_option
@common
def _show(options: _Show) -> int:
    """Show a policy with all that it says by default: channels, promises, operators, digest."""
    from piiscan.findings import printable
    from piiscan.policy import parse, policy_text

    text, folder = policy_text(options.policy)
    loaded = parse(text, name=options.policy, folder=folder)
    with opened(options) as stream:
        if options.format == "toml":
            stream.write(text)
        elif options.format == "json":
            record = {"name": loaded.name, "digest": loaded.digest, "policy": loaded.policy}
            stream.write(_json(record))
        else:
            stream.writelines(f"{printable(line)}\n" for line in _shown(loaded))
    return 0


@common
def _schema(options: Common) -> int:
    """Write the JSON Schema of policies, for editors that complete and check TOML."""
    from piiscan.policy import json_schema

    with opened(options) as stream:
        stream.write(_json(json_schema()))
    return 0


def _shown(loaded: "LoadedPolicy") -> Iterator[str]:
    policy = loaded.policy
    notice, decision, scan = policy.notice, policy.decision, policy.scan
    yield _title(loaded)
    yield _labeled("notice", notice.title)
    yield _labeled("controller", notice.controller)
    yield _labeled("days of", f"{notice.time_zone}, papers in {notice.locale}")
    until = f" until {decision.expires}" if decision.expires else ""
    made = f"{decision.ref}, {decision.body or 'nobody named'}, {decision.date or 'no date'}{until}"
    yield _labeled(
        "decision",
        f"{decision.kind}: {made if decision.ref else 'none yet, so no original is changed'}",
    )
    strict = ", strictly" if scan.strict else ""
    yield _labeled(
        "scan",
        f"{' '.join(scan.detectors)} in {' '.join(scan.locales)},"
        f" numbers from {scan.min_digits} digits on{strict}",
    )
    yield _labeled("mask", f"{policy.mask} of a sensitive word")
    if policy.operators:
        said = (
            f"{glob} {operator.op}{f' {operator.label}' if operator.label else ''}"
            for glob, operator in policy.operators.items()
        )
        yield _labeled("operators", ", ".join(said))
    for hold in policy.hold:
        yield _labeled("hold", f"{hold.kind}, review {hold.review or 'without a date'}")
    yield ""
    heads = ["Channel", "Messages", "Stays"]
    rows = ((part.name, _matched(part.match), " ".join(part.keep)) for part in policy.channel)
    yield from _table(heads, rows)
    yield ""
    heads = ["Promise", "Channel", "Action", "Of", "When", "Clause"]
    yield from _table(heads, map(_promised, policy.promise))


def _promised(promise: "Promise") -> Sequence[str]:
    from piiscan.policy.checks import TIMELESS

    when = "at once" if promise.within == "P0D" else f"{promise.within} {promise.clock}"
    section = f" ({promise.section})" if promise.section else ""
    return (
        promise.id,
        promise.channel,
        promise.action,
        "-" if promise.action in {"keep", "manual"} else _sought(promise),
        "-" if promise.action in TIMELESS else when,
        promise.clause + section,
    )


def _sought(promise: "Promise") -> str:
    first, *others = promise.find
    more = f" and {len(others)} more" if len(others) > 1 else "".join(f" {glob}" for glob in others)
    spared = f" but {' '.join(promise.spare)}" if promise.spare else ""
    return first + more + spared


def _matched(match: "Match") -> str:
    from msgspec.structs import asdict

    given = {key: glob for key, glob in asdict(match).items() if glob not in {"*", "**"}}
    if set(given) == {"path"}:
        return str(given["path"])
    return ", ".join(f"{key} {glob}" for key, glob in given.items()) or "all others"


def _title(loaded: "LoadedPolicy") -> str:
    return f"{loaded.name} ({loaded.digest[:8]})"


def _labeled(label: str, text: str) -> str:
    return f"{label:<{WIDTH}} {text}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    table = [heads, *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(heads))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _json(record: Any) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n"


command.add_command(
    make("init", _Init, example="piiscan policy init upplands-bro -o notice.toml")(_init)
)
command.add_command(make("check", _Check, example="piiscan policy check notice.toml")(_check))
command.add_command(make("show", _Show, example="piiscan policy show upplands-bro")(_show))
command.add_command(make("list", Common, example="piiscan policy list")(_list))
command.add_command(make("schema", Common, example="piiscan policy schema -o policy.json")(_schema))
