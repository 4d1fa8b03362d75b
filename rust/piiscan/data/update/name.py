"""Write `data/name/<lang>.tsv` from the name lists of Faker.

Run with the package `faker` installed: `python data/update/name.py [--check]`. With `--check`
nothing is written; the exit status is 1 if a file differs. A row is `first` or `last`, the name,
and what else it may be: `word` for an ordinary word of a Nordic language or of English, `opener`
for one that often begins a sentence. Which names those are was decided by hand, below.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

LOCALES = {"sv": "sv_SE", "fi": "fi_FI", "no": "no_NO", "da": "da_DK", "is": "is_IS"}
NAME = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]{2,})?")

# Particles and words that nobody would take for a name.
LEFT_OUT = frozenset("Bil Del Hall Kort Styr Van Ver Von".split())

OPENERS = frozenset(
    """
    Aina Alla Andra Dag Dina Eli Else Even Finna Hans Inga Juni Kalla Lilla Magna Maj Mars Matta
    Max Mina My Ole Per Tala Tim Tors Unna Ville
    """.split()
)

WORDS = frozenset(
    """
    Aalto Aamu Aarre Aatos Aho Alba Alm Alva Angel Anna Armas Armi Arvo Ask Asp Aura Aurora Autio
    Bach Bakken Bang Bech Beck Ben Berg Beta Bill Birk Björk Björn Blad Blom Bo Borg Brandt Brink
    Bror Bäck Christian Dahl Dam Dan Dean Due Duva Eide Ek Eldar Elva Engen Eron Ester Falk Flink
    Fors Frank Fred Frid Frisk Gade Geir Glad Grace Gran Green Gren Gro Gull Gun Haapa Hagen Halla
    Halme Harju Haug Hauge Haugen Heaven Hed Heino Hella Helmi Hilla Hirvi Hjelm Hjort Holm Honka
    Huhta Hult Hämäläinen Hök Hörn Ilo Ilta Impi Into Jack Jan Joki Josef Joy Juhl Järvi Kai Kaino
    Kaisla Kaj Kallio Kanerva Kangas Karhu Kari Karjalainen Kataja Kauko Keto Ketola Kielo Kim Kivi
    Kjær Klara Koch Koivu Korpi Koski Kotka Krog Krona Kruse Kukka Kulta Kurki Kuusisto Kvist Kärki
    Laakso Lahja Lahti Laine Lampi Lappalainen Lax Lehti Lehto Leino Lempi Leppä Li Lie Lien Lilja
    Lilly Lind Linde Linna Lintu Liv Love Lucia Lumi Lund Lunde Luoma Luoto Lång Mar Marina Marja
    Mark Martti May Melker Meri Metsä Modig Moe Moen Munk Mäki Mänty Mörk Niemi Niitty Nord Norrman
    Nova Nurmi Odd Oiva Oja Onni Orka Orvokki Otso Otti Paju Palm Palo Pelto Pilvi Pohjola Puro
    Päivi Rakel Ranta Rask Rauha Rauta Ravn Repo Rinne Rita Ritva Roos Ros Rosa Rose Routa Roy
    Ruotsalainen Rut Ruusu Saari Saga Said Salmi Salo Sand Satu Savolainen Seppä Seppälä Sille Siv
    Sjö Skog Skov Skuld Sky Sköld Smith Sol Solberg Stark Stella Sten Stig Storm Strand Strid Ström
    Sue Sulo Suomalainen Suomi Suvi Svala Sven Svärd Säde Taika Taimi Taipale Taisto Tall Talvi
    Tapio Tapper Tikka Toft Toivo Tor Tran Tuomi Ture Tuuli Tyyni Tähti Unto Urho Usko Uuno Vainio
    Vall Valo Varis Veli Venäläinen Vera Vide Vieno Vik Vilda Vilja Villa Viola Virolainen Virta
    Voitto Vuokko Vuori Wall Wester Will Winter Winther Wolf Åke Årud Örn
    """.split()
)

FOLDER = Path(__file__).parent.parent / "name"
HEADER = """\
# Names, locale {locale}. Written by data/update/name.py: do not edit.
# Derived from Faker {version}, https://github.com/joke2k/faker. Copyright (c) 2012 Daniele
# Faraglia. MIT License: see LICENSE in this folder. Changed: sorted, some left out, ambiguous
# ones marked.
# kind, name, what else it may be
"""


def people(locale: str) -> dict[str, set[str]]:
    """Return the first and last names of a locale."""
    provider: Any = import_module(f"faker.providers.person.{locale}").Provider
    first = {*provider.first_names_female, *provider.first_names_male}
    # Icelanders have patronymics instead of surnames; they are known by their endings.
    last = set(getattr(provider, "last_names", ()))
    return {"first": first, "last": last}


def row(kind: str, name: str) -> str:
    """Return the line of one name."""
    if name in OPENERS:
        return f"{kind}\t{name}\topener"
    return f"{kind}\t{name}\tword" if name in WORDS else f"{kind}\t{name}"


def table(lang: str) -> str:
    """Return the file of one language."""
    locale = LOCALES[lang]
    lines = []
    for kind, names in people(locale).items():
        kept = sorted(name for name in names - LEFT_OUT if NAME.fullmatch(name))
        lines += [row(kind, name) for name in kept]
    return HEADER.format(locale=locale, version=version("faker")) + "\n".join(lines) + "\n"


def main() -> int:
    """Write the files, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file differs"
    )
    check = parser.parse_args().check
    stale = 0
    for lang in LOCALES:
        path = FOLDER / f"{lang}.tsv"
        text = table(lang)
        if check:
            stale += not path.exists() or path.read_text(encoding="utf-8") != text
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    return int(stale > 0)


if __name__ == "__main__":
    sys.exit(main())
