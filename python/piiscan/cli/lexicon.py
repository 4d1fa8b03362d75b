"""`piiscan lexicon`: why a word is a finding or none, and what is wrong in lexicon files.

Nothing here shows text: places are given as bytes of what the user gave.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piiscan.cli.options import Common, common, lexicon_files, lexicon_option
from piiscan.cli.options import command as make
from piiscan.cli.results import opened

if TYPE_CHECKING:
    from piiscan.scanning import Collision, Issue

__all__ = ["command"]

LANGS = ("sv", "fi", "en", "nb", "da", "mul")
WIDTH = 11  # of the labels of an explanation

_format_option = click.option(
    "--format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Form of the result.",
)
_lang_option = click.option("--lang", type=click.Choice(LANGS), help="Only terms of this language.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Explain(Common):
    words: tuple[str, ...]
    text: Path | None
    lexicon: tuple[Path, ...]
    lang: str | None
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lint(Common):
    files: tuple[Path, ...]
    words: Path | None
    top: int
    lang: str | None
    format: str


@click.group("lexicon", epilog="Example: piiscan lexicon explain Hon har diabetes.")
def command() -> None:
    """Explain and check the words of sensitive categories."""


@click.argument("words", nargs=-1, metavar="[TEXT|-]...")
@click.option(
    "--text",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the text from FILE.",
)
@lexicon_option
@_lang_option
@_format_option
@common
def _explain(options: _Explain) -> int:
    """Say why each word of a text is a sensitive finding, or none.

    For every place where a term of a lexicon stood: how it matched, the words around it that
    counted, the score, the reading; or what spoke against it. Places are bytes of the text, first
    and one past the last.
    """
    from piiscan.findings import LOW
    from piiscan.scanning import Scanner

    scanner = Scanner(minimum=LOW, lexicons=lexicon_files(options.lexicon))
    records = [
        record
        for record in scanner.explain(_text(options))
        if options.lang in {None, str(record["term"]).partition(".")[0]}
    ]
    with opened(options) as stream:
        if options.format == "json":
            stream.write(_json(records))
            return 0
        for record in records:
            stream.write("\n".join(_explained(record)) + "\n")
        found = sum("score" in record for record in records)
        stream.write(f"{_plural(len(records), 'place')} of terms, {_plural(found, 'finding')}\n")
    return 0


@click.argument(
    "files", nargs=-1, metavar="[FILE|DIR]...", type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--words",
    metavar="WORDLIST",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="List which of these words the stems hit: a word a line, with its count if known.",
)
@click.option(
    "--top",
    metavar="N",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Words shown of each term.",
)
@_lang_option
@_format_option
@common
def _lint(options: _Lint) -> int:
    """Check lexicon files: rules of terms, their sentences, doubles, dead terms.

    Without FILE the shipped lexicons are checked. Exit 1 if there is an error; warnings are for
    thought. With --words, the words that each term would hit follow, the most frequent first.
    """
    from piiscan.cli import exits
    from piiscan.scanning import collisions, lint, read_lexicons

    files = read_lexicons(lexicon_files(options.files))
    issues = [
        issue
        for issue in lint(files)
        if not issue.term or options.lang in {None, issue.term.partition(".")[0]}
    ]
    hits = []
    if options.words:
        words = options.words.read_text(encoding="utf-8", errors="replace")
        hits = [
            hit
            for hit in collisions(files, words)
            if options.lang in {None, hit.term.partition(".")[0]}
        ]
    with opened(options) as stream:
        if options.format == "json":
            stream.write(
                _json(
                    [
                        *({"type": "issue", **issue._asdict()} for issue in issues),
                        *({"type": "collision", **hit._asdict()} for hit in hits),
                    ]
                )
            )
        else:
            for line in (*_issues(issues), *_collisions(hits, options.top)):
                stream.write(line + "\n")
    return exits.FAILED if any(issue.error for issue in issues) else exits.COMPLETE


def _text(options: _Explain) -> str:
    """Return the text to explain.

    Args:
        options: Of the command.

    Raises:
        click.UsageError: There is none, or two.

    """
    given = " ".join(options.words)
    if options.text is not None:
        if given:
            raise click.UsageError("give a text or --text, not both")
        return options.text.read_text(encoding="utf-8", errors="replace")
    if given == "-" or (not given and not sys.stdin.isatty()):
        return sys.stdin.buffer.read().decode(errors="replace")
    if not given:
        raise click.UsageError(
            "nothing to explain\n\nhint: give a text, or - and send it: piiscan lexicon explain -"
        )
    return given


def _explained(record: dict[str, Any]) -> Iterator[str]:
    yield f"{record['term']}  {_span(record['span'])}  {record['mode']}"
    if "score" in record:
        said = [record["confidence"], f"score {record['score']}", record["reading"]]
        said += ["negated"] if record["negated"] else []
        said += [f"alert {record['alert']}"] if "alert" in record else []
        yield _labeled("finding", ", ".join(said))
    else:
        yield _labeled("no finding", record["reason"])
    yield _labeled("weight", str(record["weight"]))
    for context in record["contexts"]:
        points = f" +{context['points']}" if context["points"] else ""
        where = f" at {_span(context['span'])}" if "span" in context else " in the label"
        name = "" if context["name"] == context["role"] else f" {context['name']}"
        yield _labeled(context["role"], f"{name}{points}{where}".strip())


def _labeled(label: str, text: str) -> str:
    return f"  {label:<{WIDTH}} {text}"


def _span(span: Sequence[int]) -> str:
    return f"{span[0]}-{span[1]}"


def _issues(issues: Sequence["Issue"]) -> Iterator[str]:
    for issue in issues:
        place = f"{issue.file}:{issue.line}" if issue.line else issue.file
        level = "error" if issue.error else "warning"
        about = f"{issue.term}: " if issue.term else ""
        yield f"{place}  {level}  {about}{issue.what}"
    errors = sum(issue.error for issue in issues)
    yield f"{_plural(errors, 'error')}, {_plural(len(issues) - errors, 'warning')}"


def _collisions(hits: Iterable["Collision"], top: int) -> Iterator[str]:
    for term, group in groupby(hits, key=lambda hit: hit.term):
        members = list(group)
        total = sum(hit.frequency or 0 for hit in members)
        counted = f", {_number(total)} in all" if total else ""
        alone = sum(hit.alone for hit in members)
        yield f"{term}  {_plural(len(members), 'word')}{counted}, {alone:,} without a context"
        for hit in members[:top]:
            count = "" if hit.frequency is None else f"  {_number(hit.frequency)}"
            yield f"  {hit.mode:<13} {hit.word}{count}"
        if len(members) > top:
            yield f"  and {len(members) - top:,} more: --top {len(members)}"


def _number(count: float) -> str:
    return f"{count:,.0f}" if count == int(count) else f"{count:g}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _json(records: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(records), indent=2).decode() + "\n"


command.add_command(
    make("explain", _Explain, example="piiscan lexicon explain Hon har diabetes.")(_explain)
)
command.add_command(
    make("lint", _Lint, example="piiscan lexicon lint my.toml --words sv.txt")(_lint)
)
