"""`piiscan filter`: text in, anonymized text out, line by line."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from piiscan.cli.options import Common, common, policy_option
from piiscan.cli.options import command as make

if TYPE_CHECKING:
    from piiscan.anonymize import Anonymizer

__all__ = ["command"]

LINE_MAX = 1 << 20  # characters that are treated as one text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filter(Common):
    file: str
    policy: str
    jsonl: tuple[str, ...]
    channel: str
    token_key_file: Path | None


@click.argument("file", default="-", metavar="[-]")
@policy_option
@click.option(
    "--jsonl",
    metavar="FIELD",
    multiple=True,
    help="Lines are JSON objects; only these fields are treated: text, or user/name.",
)
@click.option("--channel", metavar="NAME", default="", help="What the messages say of theirs.")
@click.option(
    "--token-key-file",
    metavar="FILE",
    envvar="PIISCAN_TOKEN_KEY_FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Key of tokens. Without one, they can be traced by nobody.",
)
@common
def _filter(options: _Filter) -> int:
    """Replace what a policy promises to remove, in text that flows by.

    Each line is written before the next one is read: a chat service can put it before its log. A
    finding that a person has to see, such as a threat, is left as it is.
    """
    from piiscan.anonymize import Anonymizer
    from piiscan.anonymize.keys import fleeting, open_key
    from piiscan.cli import exits
    from piiscan.errors import PolicyError

    if options.file != "-":
        raise click.UsageError("filter reads stdin\n\nhint: piiscan filter --policy NAME < FILE")
    if options.output is not None:
        raise click.UsageError("filter writes to stdout\n\nhint: piiscan filter ... > FILE")
    key = open_key(options.token_key_file, outside=()) if options.token_key_file else fleeting()
    today = datetime.now().astimezone().date()
    anonymizer = Anonymizer(options.policy, key=key, reference_date=today)
    stream = sys.stdin.buffer
    while data := stream.readline(LINE_MAX):
        text = data.decode(errors="replace")
        body = text.rstrip("\r\n")
        if options.jsonl:
            try:
                done = _object(options, anonymizer, body)
            except ValueError:
                raise PolicyError("a line of stdin is no JSON object") from None
        else:
            done = anonymizer.text(body, channel=options.channel).text
        sys.stdout.write(done + text[len(body) :])
        sys.stdout.flush()
    return exits.COMPLETE


def _object(options: _Filter, anonymizer: "Anonymizer", line: str) -> str:
    import json

    if not line.strip():
        return line
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - both are no JSON object
    for field in options.jsonl:
        _treat(options, anonymizer, value, field.strip("/").split("/"))
    return json.dumps(value, ensure_ascii=False)


def _treat(options: _Filter, anonymizer: "Anonymizer", value: object, steps: list[str]) -> None:
    """Treat a field below a value, if it is there."""
    for step in steps[:-1]:
        value = value.get(step) if isinstance(value, dict) else None
    last = steps[-1]
    if isinstance(value, dict) and isinstance(value.get(last), str):
        value[last] = anonymizer.text(value[last], channel=options.channel).text


command = make("filter", _Filter, example="piiscan filter --policy kommun-kim < chat.txt")(_filter)
