"""Lexicons: which ran, what is wrong in one, and which words its stems hit."""

from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple, TypeAlias

from piiscan import _core
from piiscan.errors import PolicyError

__all__ = ["Collision", "Issue", "Lexicon", "LexiconSource", "collisions", "lint", "read_lexicons"]

LexiconSource: TypeAlias = str | PathLike[str] | tuple[str, str]  # a file, or a name and its TOML


class Lexicon(NamedTuple):
    """A list of words that a scanner runs with."""

    name: str
    version: str
    digest: str
    own: bool  # the user's, not shipped


class Issue(NamedTuple):
    """Something that is wrong in a lexicon; line 0 and an empty term mean the whole file."""

    file: str
    line: int
    term: str
    error: bool
    what: str


class Collision(NamedTuple):
    """A word of a list that a term hits; `alone` if the word is a finding without a context."""

    term: str
    mode: str
    alone: bool
    word: str
    frequency: float | None


def lint(files: Iterable[LexiconSource] = ()) -> list[Issue]:
    """Return what is wrong in lexicon files, in the shipped ones if there are none.

    Args:
        files: Paths, or pairs of name and TOML text.

    """
    return [Issue(*row) for row in _core.lint(read_lexicons(files))]


def collisions(files: Iterable[LexiconSource], words: str) -> list[Collision]:
    """Return the words of a list that the stems of lexicons hit, by term, the most frequent first.

    Args:
        files: As for `lint`.
        words: A word a line, with its count before or after it if it has one.

    """
    return [Collision(*row) for row in _core.collisions(read_lexicons(files), words)]


def read_lexicons(files: Iterable[LexiconSource]) -> list[tuple[str, str]]:
    """Return name and text of lexicon files.

    Args:
        files: Paths, or pairs of name and TOML text, which are returned as they are.

    Raises:
        PolicyError: A file is not UTF-8.

    """
    read = []
    for file in files:
        if isinstance(file, tuple):
            read.append(file)
            continue
        try:
            read.append((fspath(file), Path(file).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            raise PolicyError(f"lexicon `{fspath(file)}` is not UTF-8") from None
    return read
