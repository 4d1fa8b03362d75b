"""What a search program needs to find the same: patterns that hit wherever piiscan finds something.

They say only that something may be there: no check digits, no context, no overlaps, no reading. So
the peers have less to do. But they must miss nothing, or the comparison would reward finding less:
`compare.py` counts how much of what piiscan finds they hit. A search program sees raw bytes, so
the letters beyond ASCII, dashes and spaces stand also in the escapes of JSON.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

DATA = Path(__file__).parents[1] / "rust" / "piiscan" / "data"
LEXICONS = DATA / "lexicon"
NAMES = DATA / "name"
B = r"(?-u:\b)"  # a border of ASCII words; that of Unicode makes ripgrep a hundred times slower
SHORT = 3  # letters; such a stem counts as a whole word only

SPACE = r"(?:[ \u00a0\u2007\u2009\u202f]|\\u(?:00a0|2007|2009|202f))"
DASH = r"(?:[-\u00ad\u2010-\u2015\u2212]|\\u(?:00ad|201[0-5]|2212))"
DIGIT = r"(?:[0-9\uff10-\uff19]|\\uff1[0-9])"
GAP = rf"(?:[./:()+]|{SPACE}|{DASH})"
LETTER = r"(?:[A-Za-zÅÄÖÆØåäöæøéüÉÜÁÐÍÓÚÝÞáðíóúýþ]|\\u00[c-f][0-9a-f])"
CAPITAL = r"(?:[A-ZÅÄÖÆØÉÜÁÐÍÓÚÝÞ]|\\u00[cd][0-9a-f])"
AT = "at|a|ät|\\\\u00e4t|@"
BARE_AT = "@|at|snabel-?a|miukumauku|at-merkki|kr(?:ø|\\\\u00f8)llalfa|alfakr(?:ø|\\\\u00f8)ll"
DOTS = "dot|punkt|piste|prikk|punktum"
SIGN = (
    rf"(?:[@\uff20]|\\uff20|{SPACE}?[\[({{<](?:{AT})[\])}}>]{SPACE}?|_at_|"
    rf"{SPACE}(?:{BARE_AT}){SPACE})"
)
DOT = rf"(?:\.|{SPACE}?[\[({{](?:{DOTS})[\])}}]{SPACE}?|{SPACE}(?:{DOTS}){SPACE})"
STREETS = (
    r"gatan|v(?:ä|\\u00e4)gen|gr(?:ä|\\u00e4)nd(?:en)?|stig(?:en)?|torg(?:et)?|all(?:é|\\u00e9)n?|backen|plan|platsen|leden|"
    r"str(?:å|\\u00e5)ket|kajen|esplanaden|ringen|kroken|slingan|brinken|gata|v(?:ä|\\u00e4)g|katu|tie|kuja|polku|tori|"
    r"v(?:ä|\\u00e4)yl(?:ä|\\u00e4)|raitti|ranta|kaari|rinne|penger|bulevardi|esplanadi|aukio|taival|puistikko|puistotie|gate|"
    r"veien|vei|plass|gade|vej|v(?:æ|\\u00e6)nget|str(?:æ|\\u00e6)de|plads"
)
SHAPES = {
    "email": rf"(?i)[A-Za-z0-9._%+-]+{SIGN}[A-Za-z0-9-]+(?:{DOT}[A-Za-z0-9-]+)+",
    "harvesters": r"email(?:&#160;|\s)protected|data-cfemail|email-protection#",
    "numbers": rf"{DIGIT}(?:{GAP}{{0,3}}{DIGIT}){{6,}}",
    "identity": rf"{DIGIT}{{6}}(?:{DASH}|[+A-Za-z]|{SPACE})?[0-9A-Za-z]{DIGIT}{{2}}[0-9A-Za-z]",
    "addresses": (
        rf"(?:(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}|"
        rf"(?:[0-9a-fA-F]{{1,4}}:){{3,7}}[0-9a-fA-F]{{1,4}}|"
        rf"[0-9a-fA-F:]*::[0-9a-fA-F:]*){B}"
    ),
    "hardware": r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}",
    "accounts": rf"{B}[A-Za-z]{{2}}{SPACE}?[0-9]{{2}}(?:{SPACE}?[A-Za-z0-9]{{2,4}}){{2,8}}{B}",
    "documents": (
        rf"{B}[A-Z]{{3}}(?:{SPACE}|-)?[0-9]{{2,3}}[A-Z]?{B}|{B}[A-Z]{{2}}(?:{SPACE}|"
        rf"-)?[0-9]{{5,8}}{B}"
    ),
    "cases": (
        rf"{CAPITAL}{{2,6}}[ /-]?(?:19|20)[0-9]{{2}}[/:-][0-9]|{CAPITAL}{{2,6}}/[0-9]+/|"
        rf"[0-9]{{4}}-K[0-9]+-|{B}{CAPITAL} ?[0-9]{{1,5}}-[0-9]{{2}}{B}"
    ),
    "properties": rf"{LETTER} (?:S:|GA:)?[0-9]{{1,4}}:[0-9]{{1,4}}",
    "profiles": r"(?i)(?:facebook|fb|instagram|twitter|x|linkedin|tiktok)\.com/|m\.me/|facebookid",
    "births": (
        rf"(?i){B}(?:f(?:ö|\\u00f6|ø|\\u00f8|o)d[a-z]*|[fs]\.|f\.d\.|born|dob|synt[a-z.]*|"
        rf"date of birth):?(?:{SPACE}{LETTER}+)?{SPACE}?[0-9]"
    ),
    "ages": (
        rf"(?i)[0-9]{{1,3}}(?:{DASH}|{SPACE})?(?:år|\\u00e5r|vuot|year|aar)|(?:årskurs|"
        rf"\\u00e5rskurs|åk) [0-9]"
    ),
    "tails": (
        rf"(?i)(?:sista|fyra|four|viimeis|neljä|nelj\\u00e4|"
        rf"siste)\W+(?:{LETTER}+\W+){{0,3}}[0-9]{{4}}"
    ),
    "streets": (
        rf"{CAPITAL}{LETTER}*(?:{STREETS}){SPACE}[0-9]|"
        rf"{CAPITAL}{LETTER}+{SPACE}(?i:{STREETS}){SPACE}[0-9]"
    ),
    "cities": (
        rf"(?:[0-9]{{3}} ?[0-9]{{2}}|[0-9]{{4}}) {CAPITAL}{LETTER}|(?i:box|pb|pl|"
        rf"postbo[xk]s?|p\.o\. box) [0-9]"
    ),
}
BETWEEN = r"(?:[ \t.,:;!?/()\u00a0-]|\\[nrt]|\\u00a0)+"  # what may stand between two words
FOLDS = {"å": ("a", "aa"), "ä": ("a", "ae"), "ö": ("o", "oe"), "ø": ("o", "oe"), "æ": ("a", "ae")}


def spelled(word: str, folds: tuple[str, ...] = ()) -> str:
    """Return a pattern of a word in every spelling that the scan knows."""
    return "".join(_letter(letter, folds) for letter in word)


def _letter(letter: str, folds: tuple[str, ...]) -> str:
    if letter.isascii():
        return re.sub(r"([^\w ])", r"\\\1", letter)
    forms = [letter, rf"\\u{ord(letter):04x}", rf"\\u{ord(letter.upper()):04x}"]
    dotless, doubled = FOLDS.get(letter, ("", ""))
    if "dotless" in folds and dotless:
        forms.append(dotless)
    if "aeoe" in folds and doubled:
        forms.append(doubled)
    if "mojibake" in folds:
        forms.append(letter.encode().decode("latin-1"))
    return f"(?:{'|'.join(forms)})"


def terms() -> Iterator[tuple[str, bool]]:
    """Yield the pattern of every form of every term, and whether it may stand within a word."""
    for path in sorted(LEXICONS.glob("*/*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        defaults = document.get("defaults", {})
        for term in document.get("term", ()):
            yield from _forms({**defaults, **term})


def _forms(term: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    folds = tuple(map(str, _list(term.get("fold"))))
    if pattern := term.get("pattern"):
        yield _sequence(str(pattern), folds), False
        return
    within = any("compound" in str(mode) for mode in _list(term.get("match")))
    for stem in (term.get("stem"), *_list(term.get("stems")), *_list(term.get("alias"))):
        if stem:
            word = spelled(str(stem).casefold(), folds)
            yield (word if len(str(stem)) > SHORT else word + B), within


def _sequence(pattern: str, folds: tuple[str, ...]) -> str:
    """Write a pattern of tokens: words, choices, gaps of tokens, prefixes, ends of clauses."""
    found, between = "", ""
    for element in re.findall(r"\([^)]*\)|\{[^}]*\}|\S+", pattern):
        if element.startswith("{"):
            found += f"{BETWEEN}(?:{LETTER}+{BETWEEN}){element}"
            between = ""
            continue
        choices = element.strip("()").split("|")
        forms = [_token(choice.casefold(), folds) for choice in choices if choice != "$"]
        if forms and len(forms) == len(choices):
            found += f"{between}(?:{'|'.join(forms)})"
            between = BETWEEN
        else:
            break  # the end of a clause, maybe: what stands before it is enough to be seen
    return found


def _token(word: str, folds: tuple[str, ...]) -> str:
    return spelled(word.rstrip("*"), folds) + (f"{LETTER}*" if word.endswith("*") else "")


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def names() -> Iterator[str]:
    """Yield every name of the lists of people's names."""
    for path in sorted(NAMES.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                yield spelled(line.split("\t")[1])


def words() -> int:
    """Return how many words the patterns hold."""
    return len({form for form, _ in terms()}) + len(set(names()))


def patterns() -> list[str]:
    """Return the patterns in the syntax of ripgrep."""
    forms = dict(terms())
    whole = "|".join(form for form, within in forms.items() if not within)
    parts = "|".join(form for form, within in forms.items() if within)
    people = "|".join(dict.fromkeys(names()))
    found = [*map(_literal, SHAPES.values()), f"(?i){B}(?:{whole})", f"(?i)(?:{parts})"]
    return [*found, *([f"{B}(?:{people})"] if people else ())]


def _literal(pattern: str) -> str:
    """Write the characters that a raw string names: ripgrep would read them as they are."""
    name = re.compile(r"(?<!\\)\\u([0-9a-f]{4})")
    return name.sub(lambda found: chr(int(found[1], 16)), pattern)


def compiled() -> "list[re.Pattern[str]]":
    """Return the patterns for Python, where a border of words has another spelling."""
    return [re.compile(pattern.replace(B, r"\b")) for pattern in patterns()]
