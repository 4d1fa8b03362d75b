"""What a search program needs to look for the same things: seven patterns and the words.

The patterns find candidates only. They know no check digits, no context and no overlaps, they see
raw bytes, and words that only count in context hit everywhere, so the peers have less to do.
"""

import re
import tomllib
from pathlib import Path

LEXICONS = Path(__file__).parents[1] / "rust" / "piiscan" / "data" / "lexicon"
B = r"(?-u:\b)"  # a border of ASCII words; that of Unicode makes ripgrep a hundred times slower
SHORT = 3  # letters; such a stem counts as a whole word only
NUMBERS = (
    r"[A-Za-z0-9._%+-]+(?:@| ?[\[({](?:at|ät)[\])}] ?)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    r"[0-9](?:[ ./:-]?[0-9]){6,}",
    rf"{B}(?:18|19|20)?[0-9]{{2}}[01][0-9][0-9]{{2}}[-+ ]?[0-9TRSUWXJKLMN][0-9]{{3}}{B}",
    rf"{B}[0-3][0-9][01][0-9]{{3}}[-+A-FU-Y][0-9]{{3}}[0-9A-FHJ-NPR-Y]{B}",
    r"(?:(?:\+|00)[0-9]{1,3}|\(?0[0-9]{1,3}\)?)(?:[ /.-]{0,3}(?:\(0\))?[0-9]{2,4}){2,5}",
    rf"{B}(?:(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}|[0-9a-f]{{1,4}}(?::[0-9a-f]{{0,4}}){{3,7}}){B}",
    rf"{B}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{2,4}}){{3,8}}{B}",
)


def stems(folder: Path = LEXICONS) -> list[str]:
    """Return every stem and spelling of the lexicons, once each."""
    found: dict[str, None] = {}
    for path in sorted(folder.glob("*/*.toml")):
        for term in tomllib.loads(path.read_text(encoding="utf-8")).get("term", ()):
            first = (term["stem"],) if "stem" in term else ()
            for stem in (*first, *term.get("stems", ()), *term.get("alias", ())):
                found[stem.casefold()] = None
    return list(found)


def patterns() -> list[str]:
    """Return the patterns in the syntax of ripgrep."""
    escaped = (re.sub(r"([^\w ])", r"\\\1", stem) for stem in stems())
    words = "|".join(stem if len(stem) > SHORT else stem + B for stem in escaped)
    return [*NUMBERS, f"(?i){B}(?:{words})"]


def compiled() -> "list[re.Pattern[str]]":
    """Return the patterns for Python, where a border of words has another spelling."""
    return [re.compile(pattern.replace(B, r"\b")) for pattern in patterns()]
