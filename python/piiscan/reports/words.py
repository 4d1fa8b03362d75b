"""The words of a report in one language: messages from the catalogs, numbers and dates by Babel.

English stands in the code. A message without a translation stays English; a test finds it. The
catalogs are read as they are written (`locale/<language>/LC_MESSAGES/piiscan.po`), once a process.
Swedish of Sweden and Swedish of Finland are two catalogs: the authorities and the acts have other
names.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from types import MappingProxyType

from babel.dates import format_date, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

__all__ = ["LOCALES", "Words"]

DAYS = MappingProxyType(
    {"en": "y-MM-dd", "sv-SE": "y-MM-dd", "sv-FI": "d.M.y", "fi": "d.M.y"}
)  # Sweden writes dates as ISO 8601 does
HOURS = MappingProxyType({"en": "HH:mm", "sv-SE": "HH:mm", "sv-FI": "H.mm", "fi": "H.mm"})
LOCALES = tuple(DAYS)
UNITS = ("B", "kB", "MB", "GB", "TB")
SOURCE = "en"
PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", re.ASCII)

Catalog = Mapping[str, tuple[str, ...]]


class Words:
    """What a report says, in one language.

    Args:
        locale: One of `LOCALES`.

    Raises:
        ValueError: There is no such language.

    """

    __slots__ = ("_babel", "_catalog", "locale")

    def __init__(self, locale: str = SOURCE) -> None:
        if locale not in LOCALES:
            raise ValueError(f"no report is written in `{locale}`: {', '.join(LOCALES)}")
        self.locale = locale
        self._babel = locale.replace("-", "_")
        self._catalog: Catalog = {} if locale == SOURCE else _catalog(self._babel)

    def __repr__(self) -> str:
        return f"<Words: {self.locale}>"

    def gettext(self, message: str) -> str:
        """Return a message in this language, its `%(..)s` as they are."""
        return self._catalog.get(message, (message,))[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return a message for a count, its `%(..)s` as they are."""
        forms = self._catalog.get(one, (one, many))
        return forms[0 if count == 1 else -1]  # the rule of all four languages

    def text(self, message: str, **values: object) -> str:
        """Return a message with its values."""
        return self.gettext(message) % values

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """Return a message for a count, which is its `%(count)s`, with its other values."""
        return self.ngettext(one, many, count) % {"count": self.number(count), **values}

    def number(self, value: float) -> str:
        """Return a number with the separators of the language."""
        return str(format_decimal(value, locale=self._babel))

    def amount(self, size: float) -> str:
        """Return a number of bytes."""
        unit = UNITS[0]
        for unit in UNITS:
            if size < 1000 or unit == UNITS[-1]:  # noqa: PLR2004 - decimal units
                break
            size /= 1000
        form = "#,##0" if unit == UNITS[0] else "#,##0.0"
        return f"{format_decimal(size, format=form, locale=self._babel)} {unit}"

    def share(self, part: float, whole: float) -> str:
        """Return a share in percent, never rounded up to all of it."""
        share = int(part / whole * 1000) / 1000 if whole else 1
        return str(format_percent(share, format=self._percent(), locale=self._babel))

    def _percent(self) -> str:
        return "#,##0.#%" if self.locale == SOURCE else "#,##0.#\xa0%"

    def rate(self, value: float) -> str:
        """Return a rate between 0 and 1 with three decimals."""
        return str(format_decimal(value, format="0.000", locale=self._babel))

    def day(self, value: date | str) -> str:
        """Return a date as the language's country writes it; text is RFC 3339, its day in UTC."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value).astimezone(UTC).date()
        return str(format_date(value, DAYS[self.locale], locale=self._babel))

    def period(self, value: str) -> str:
        """Return a period of ISO 8601 in words: `30 days`; one that is none is shown as it is."""
        found = PERIOD.fullmatch(value)
        if not found or not any(found.groups()):
            return value
        years, months, weeks, days = (int(number or 0) for number in found.groups())
        parts = (
            (years, self.plural("%(count)s year", "%(count)s years", years)),
            (months, self.plural("%(count)s month", "%(count)s months", months)),
            (weeks, self.plural("%(count)s week", "%(count)s weeks", weeks)),
            (days, self.plural("%(count)s day", "%(count)s days", days)),
        )
        said = [text for count, text in parts if count]
        return ", ".join(said) or self.gettext("at once")

    def time(self, value: datetime | str) -> str:
        """Return an instant in UTC; text is RFC 3339."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        value = value.astimezone(UTC)
        hour = format_time(value, HOURS[self.locale], locale=self._babel)
        return f"{self.day(value.date())} {hour} UTC"


@cache
def _catalog(name: str) -> Catalog:
    """Return the messages of a catalog that have a translation, with their plural forms."""
    file = resources.files("piiscan").joinpath("locale", name, "LC_MESSAGES", "piiscan.po")
    with file.open("rb") as stream:
        messages = read_po(stream, locale=name)
    found: dict[str, tuple[str, ...]] = {}
    for message in messages:
        forms = message.string if isinstance(message.string, tuple) else (str(message.string),)
        key = message.id if isinstance(message.id, str) else message.id[0]
        if key and all(forms) and not message.fuzzy:
            found[key] = forms
    return found
