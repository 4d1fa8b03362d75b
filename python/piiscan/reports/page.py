"""One HTML file: no script, no link to anywhere, one style, named by the page's policy.

Templates escape everything that comes from an archive.
"""

import base64
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

import jinja2
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from piiscan.files import replacing

__all__ = ["Page", "amount", "render"]

LOCALE = "en"


@dataclass(frozen=True, slots=True)
class Page:
    """A finished report."""

    html: str

    def save(self, path: str | Path) -> None:
        """Write the page to `path`, readable by its owner only; an older page is replaced.

        Args:
            path: The file.

        """
        with replacing(Path(path)) as stream:
            stream.write(self.html)

    def __repr__(self) -> str:
        return f"<Page: {len(self.html):,} characters>"


def render(template: str, values: dict[str, object]) -> Page:
    """Return a page.

    Args:
        template: Its file in `templates/`.
        values: What the template shows.

    """
    style = _read("style.css")
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    html = (
        _templates()
        .get_template(template)
        .render(
            **values,
            lang=LOCALE,
            style=Markup(style),  # noqa: S704 - our own file; escaping would break its digest
            policy=f"default-src 'none'; style-src 'sha256-{digest}';"
            " base-uri 'none'; form-action 'none'",
        )
    )
    return Page(html)


def amount(size: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - decimal units
            return f"{number(size)} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def number(value: float) -> str:
    """Return a number with the separators of the language."""
    return str(format_decimal(value, locale=LOCALE))


def share(part: float, whole: float) -> str:
    """Return a share in percent, never rounded up to all of it."""
    if not whole:
        return "100%"
    return str(format_percent(int(part / whole * 1000) / 1000, format="#,##0.#%", locale=LOCALE))


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: _read(f"templates/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, amount=amount)
    return environment


def _read(name: str) -> str:
    return resources.files("piiscan.reports").joinpath(name).read_text(encoding="utf-8")
