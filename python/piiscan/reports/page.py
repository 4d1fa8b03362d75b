"""One HTML file: no script, no link to anywhere, one style, named by the page's policy.

Every kind of report has a template of its own that fills the frame `page.html.j2`; tables, facts
and lines to sign are made by its macros, so that their rules (a caption, a scope for every head)
stand once. Templates escape everything that comes from an archive.
"""

import base64
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape

from piiscan.reports.names import CLOCKS, named
from piiscan.reports.reasons import reason_parts
from piiscan.reports.tables import LISTED, Cell, Column, Content
from piiscan.reports.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["render", "shown"]

NOTHING = "\N{EN DASH}"


def render(content: Content) -> str:
    """Return the page of a report."""
    style = _read("style.css")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        _templates(content.words.locale)
        .get_template(f"{content.kind}.html.j2")
        .render(
            facts=content.facts,
            tables=content.tables,
            charts=content.charts,
            title=content.title,
            whole=content.whole,
            say=partial(_cell, content.words, str(content.facts.get("notice_locale", "en"))),
            lang=content.words.locale,
            listed=LISTED,
            style=Markup(style),  # noqa: S704 - our own file; escaping would break its digest
            policy=f"default-src 'none'; style-src 'sha256-{digest}';"
            " base-uri 'none'; form-action 'none'",
        )
    )


def shown(words: Words, cell: Cell, column: Column) -> str:
    """Return a cell as people read it."""
    if cell is None or cell == "":
        return NOTHING
    forms: Mapping[str, Callable[..., str]] = {
        "number": words.number,
        "bytes": words.amount,
        "rate": words.rate,
        "time": words.time,
        "day": words.day,
        "period": words.period,
        "term": partial(named, words),
        "reason": lambda reason: "; ".join(part for part, _ in reason_parts(words, reason)),
        "clock": partial(named, words, names=CLOCKS),
    }
    return forms.get(column.kind, str)(cell) or NOTHING


def _cell(words: Words, said: str, cell: Cell, column: Column) -> Markup:
    """Return a cell with its markup; `said` is the language of the policy's texts."""
    text = escape(shown(words, cell, column))
    if cell is None or cell == "":
        return text
    if column.kind == "code":
        return Markup("<code>{}</code>").format(text)
    if column.kind == "reason":
        parts = reason_parts(words, str(cell))
        return Markup("; ").join(
            _in(words, "" if own else "en", escape(part)) for part, own in parts
        )
    languages = {"own": "en", "said": said}
    return _in(words, languages.get(column.kind, ""), text)


def _in(words: Words, language: str, text: Markup) -> Markup:
    if not language or language == words.locale:
        return text
    return Markup('<span lang="{}">{}</span>').format(language, text)


@cache
def _templates(locale: str) -> jinja2.Environment:
    words = Words(locale)
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: _read(f"templates/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        words.gettext, words.ngettext, newstyle=True
    )
    environment.filters.update(
        number=words.number,
        amount=words.amount,
        day=words.day,
        time=words.time,
        named=lambda term: named(words, term),
    )
    return environment


def _read(name: str) -> str:
    return resources.files("piiscan.reports").joinpath(name).read_text(encoding="utf-8")
