"""Papers for a data subject: one HTML file each, no script, no link, in a folder of their own."""

import base64
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup

from piiscan.errors import RefusedError
from piiscan.files import replacing
from piiscan.rights.wording import Wording

__all__ = ["Block", "Paper", "check_folder", "render", "write_folder"]

FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a paper: paragraphs, a table, or the fields of a message."""

    heading: str = ""
    paragraphs: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default=(), repr=False)
    texts: Sequence[tuple[str, str]] = field(default=(), repr=False)  # name of a field, its text


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper."""

    title: str
    blocks: Sequence[Block]
    lines: Sequence[str] = ()  # where somebody signs


def render(paper: Paper, words: Wording, *, locale: str) -> str:
    """Return a paper as HTML.

    Args:
        paper: What it says.
        words: With the disclaimer, which stands at its foot.
        locale: Its language.

    """
    style = _read("templates/paper.css")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        _template()
        .get_template("paper.html.j2")
        .render(
            paper=paper,
            lang=locale,
            disclaimer=words.disclaimer,
            review=words.say("paper.review", review=words.review),
            style=Markup(style),  # noqa: S704 - our own file; escaping would break its digest
            policy=f"default-src 'none'; style-src 'sha256-{digest}';"
            " base-uri 'none'; form-action 'none'",
        )
    )


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a new folder, all or none; only the owner can read them.

    Args:
        folder: Must not exist, or be empty.
        files: Name -> text.

    Raises:
        FileNotFoundError: There is no folder to put it in.
        RefusedError: Something is there already.

    """
    check_folder(folder)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    temporary.mkdir(mode=FOLDER)
    try:
        temporary.chmod(FOLDER)  # a mask of 0777 would otherwise lock the owner out
        for name, text in files.items():
            with replacing(temporary / name) as stream:
                stream.write(text)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def check_folder(folder: Path) -> None:
    """Refuse before the work a folder that cannot be written after it.

    Args:
        folder: Where the papers will be.

    Raises:
        FileNotFoundError: There is no folder to put it in.
        PermissionError: The folder it lies in cannot be written to.
        RefusedError: Something is there already.

    """
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"the folder of `{folder}` does not exist")
    if os.path.lexists(folder) and (
        folder.is_symlink() or not folder.is_dir() or any(folder.iterdir())
    ):
        raise RefusedError(f"`{folder}` is there already\n\nhint: name a new folder with -o")
    if not os.access(folder.parent, os.W_OK):
        raise PermissionError(f"the folder of `{folder}` cannot be written to")


@cache
def _template() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: _read(f"templates/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _read(name: str) -> str:
    return resources.files("piiscan.rights").joinpath(name).read_text(encoding="utf-8")
