"""Languages: every message has a translation; numbers and dates look as the country writes them.

`UPDATE_CASES=1` brings new messages into the catalogs, without a translation, and takes old ones
out.
"""

import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from samples import UPDATE

import piiscan
from piiscan.reports.words import LOCALES, Words

PACKAGE = Path(piiscan.__file__).parent
TRANSLATED = tuple(locale.replace("-", "_") for locale in LOCALES if locale != "en")
METHODS = [("reports/**.py", "python"), ("reports/templates/**.j2", "jinja2.ext:babel_extract")]
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "text": None,
    "ngettext": (1, 2),
    "plural": (1, 2),
}

Key = str | tuple[str, ...] | list[str]


@cache
def messages() -> tuple[str | tuple[str, ...], ...]:
    """Every message that code and templates hold, in the order of their places."""
    found = extract_from_dir(
        PACKAGE, METHODS, {"reports/templates/**.j2": {"silent": "false"}}, KEYWORDS
    )
    keys = [tuple(key) if isinstance(key, list | tuple) else key for _, _, key, _, _ in found]
    return tuple(dict.fromkeys(keys))


def path(name: str) -> Path:
    return PACKAGE / "locale" / name / "LC_MESSAGES" / "piiscan.po"


def catalog(name: str) -> Catalog:
    with path(name).open("rb") as stream:
        return read_po(stream, locale=name)


def strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string),)


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def renewed(name: str) -> Catalog:
    """The catalog with exactly the messages there are, and the translations it had."""
    old = catalog(name) if path(name).exists() else Catalog(locale=name)
    new = Catalog(locale=name, fuzzy=False)
    for key in messages():
        head = key if isinstance(key, str) else key[0]
        known = old.get(head)
        new.add(key, known.string if known and (isinstance(key, str) or known.pluralizable) else "")
    return new


def store(name: str, made: Catalog) -> None:
    """Write a catalog in one form, with a head that says nothing but its language."""
    with path(name).open("wb") as stream:
        stream.write(
            f'msgid ""\nmsgstr ""\n"Language: {name}\\n"\n'
            '"Content-Type: text/plain; charset=utf-8\\n"\n'
            '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'.encode()
        )
        write_po(stream, made, omit_header=True, width=100, sort_output=True)


@pytest.fixture(scope="session", autouse=True)
def _catalogs() -> None:
    if UPDATE:
        for name in TRANSLATED:
            store(name, renewed(name))


def test_messages_are_found_in_code_and_in_templates() -> None:
    assert {"Skip to the content", "Objects with the most findings", "identity numbers"} <= set(
        messages()
    )


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_catalog_holds_every_message_and_no_other(name: str) -> None:
    held = {message.id for message in catalog(name) if message.id}
    assert held == set(messages())


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_message_is_translated(name: str) -> None:
    missing = [
        message.id
        for message in catalog(name)
        if message.id and (message.fuzzy or not all(strings(message)))
    ]
    assert not missing


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_the_gaps_of_its_message(name: str) -> None:
    for message in catalog(name):
        if message.id:
            gaps = [sorted(set(re.findall(r"%\(\w+\)s|%%", text))) for text in ids(message)]
            for text in strings(message):
                assert sorted(set(re.findall(r"%\(\w+\)s|%%", text))) in gaps, message.id
                assert not re.search(r"%(?!\(\w+\)s|%)", text), message.id


def test_swedish_of_sweden_and_of_finland_name_their_own_authorities_and_acts() -> None:
    sweden, finland = (path(name).read_text() for name in ("sv_SE", "sv_FI"))
    for word in ("Integritetsskyddsmyndigheten", "gallring", "informationshanteringsplan"):
        assert word in sweden.lower() or word in sweden, word
        assert word not in finland, word
    for word in ("dataombudsmannens byrå", "förstöring", "informationsstyrningsplan"):
        assert word in finland.lower(), word
        assert word not in sweden.lower(), word


def test_an_unknown_message_stays_english() -> None:
    assert Words("fi").text("%(n)s dogs", n=3) == "3 dogs"


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ValueError, match="xx"):
        Words("xx")


@pytest.mark.parametrize(
    ("locale", "day", "time", "numbers"),
    [
        ("en", "2026-03-09", "2026-03-09 08:05 UTC", "1,234.5; 38.4 GB; 99.9%"),
        ("sv-SE", "2026-03-09", "2026-03-09 08:05 UTC", "1 234,5; 38,4 GB; 99,9 %"),
        ("sv-FI", "9.3.2026", "9.3.2026 8.05 UTC", "1 234,5; 38,4 GB; 99,9 %"),
        ("fi", "9.3.2026", "9.3.2026 8.05 UTC", "1 234,5; 38,4 GB; 99,9 %"),
    ],
)
def test_numbers_and_dates_look_as_the_country_writes_them(
    locale: str, day: str, time: str, numbers: str
) -> None:
    words = Words(locale)
    assert words.day(date(2026, 3, 9)) == words.day("2026-03-09T08:05:00Z") == day
    assert words.time(datetime(2026, 3, 9, 8, 5, tzinfo=UTC)) == time
    assert words.time("2026-03-09T08:05:00Z") == time
    shown = [words.number(1234.5), words.amount(38_400_000_000), words.share(9999, 10000)]
    assert "; ".join(shown).replace("\xa0", " ") == numbers


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert Words().share(999_999, 1_000_000) == "99.9%"
    assert Words().share(0, 0) == "100%"


def test_a_plural_follows_the_count() -> None:
    for locale in LOCALES:
        words = Words(locale)
        one, many = "in %(count)s category", "in %(count)s categories"
        assert words.ngettext(one, many, 1) != words.ngettext(one, many, 2)
