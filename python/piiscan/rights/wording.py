"""The words of letters and decisions: data files with a day of review and a disclaimer.

A text is a template: `{case}` and the like are filled in when it is used. Every locale has the same
texts; what the law calls things differs between them.
"""

from datetime import date
from functools import cache
from importlib import resources
from string import Formatter

import msgspec

from piiscan.errors import PolicyError
from piiscan.policy.model import PolicyLocale

__all__ = ["LOCALES", "Wording", "wording"]

LOCALES: tuple[PolicyLocale, ...] = ("en", "sv-SE", "sv-FI", "fi")


class Wording(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The words of one locale."""

    written: date
    review: date  # on which a lawyer should have read them again
    disclaimer: str
    authority: str
    day: str  # form of a date
    text: dict[str, str]

    def say(self, name: str, **values: object) -> str:
        """Return a text with its places filled in.

        Args:
            name: Of the text.
            **values: For its places; days come in the form of the locale.

        """
        shown = {
            place: self.show(value) if isinstance(value, date) else value
            for place, value in values.items()
        }
        return self.text[name].format(authority=self.authority, **shown).strip()

    def show(self, day: date) -> str:
        """Return a day as the locale writes it."""
        return self.day.format(year=day.year, month=day.month, day=day.day)

    def places(self, name: str) -> set[str]:
        """Return the places of a text."""
        return {place for _, place, _, _ in Formatter().parse(self.text[name]) if place}


@cache
def wording(locale: str) -> Wording:
    """Return the words of a locale.

    Args:
        locale: One of `LOCALES`.

    Raises:
        PolicyError: There are none.

    """
    if locale not in LOCALES:
        raise PolicyError(f"there are no texts in `{locale}`\n\nhint: {', '.join(LOCALES)}")
    file = resources.files("piiscan.rights") / "texts" / f"{locale}.toml"
    return msgspec.toml.decode(file.read_text(encoding="utf-8"), type=Wording)
