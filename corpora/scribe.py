"""Writes messages: ordinary sentences, now and then one that holds something to find.

Between two sentences that are of interest there is always an ordinary one, longer than the
window in which a scanner looks for words of context, so that no finding changes another.
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any, TypeAlias

from dice import Dice
from identity import Value
from values import FORMS

TEXT = Path(__file__).parent / "text"
LANGUAGES = ("sv",) * 60 + ("fi",) * 28 + ("en",) * 12  # in a hundred messages
WINDOW = 45  # characters; a scanner looks 40 to either side
PLANT_SHARE = 0.14  # of all places between sentences: a finding in 1-2 KB
TRAP_SHARE = 0.07
RARE_SHARE = 0.07  # of given names, and of family names
CLOSING_SHARE = 0.8
DASH, HYPHEN = "\N{EN DASH}", "\N{NON-BREAKING HYPHEN}"
# What old charsets lack, and what a careful writer puts in its place.
PLAIN = {
    "windows-1252": str.maketrans({HYPHEN: DASH}),
    "iso-8859-1": str.maketrans({HYPHEN: "-", DASH: "-"}),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """Text and what is planted in it, in order."""

    text: str
    values: tuple[Value, ...] = ()

    def fit(self, charset: str) -> "Passage":
        """Return this passage in characters that `charset` has."""
        table = PLAIN.get(charset)
        if table is None:
            return self
        values = tuple(replace(value, text=value.text.translate(table)) for value in self.values)
        return Passage(self.text.translate(table), values)

    def __add__(self, other: "Passage | str") -> "Passage":
        if isinstance(other, str):
            return Passage(self.text + other, self.values)
        return Passage(self.text + other.text, self.values + other.values)


@dataclass(frozen=True, slots=True)
class Plant:
    """Sentences with a gap, and what may stand in it."""

    texts: tuple[str, ...]
    make: Callable[[Dice], Value]

    def fill(self, dice: Dice) -> Passage:
        """Return one of the sentences with a new value."""
        value = self.make(dice)
        return Passage(dice.pick(self.texts).replace("{}", value.text), (value,))


Decks: TypeAlias = dict[str, list[Plant]]


class Language:
    """The sentences, names and subjects of one language."""

    def __init__(self, code: str) -> None:
        with (TEXT / f"{code}.toml").open("rb") as file:
            book = tomllib.load(file)
        self.code = code
        self.greeting: list[str] = book["greeting"]
        self.closing: list[str] = book["closing"]
        self.thanks: list[str] = book["thanks"]
        self.subject: list[str] = book["subject"]
        self.given: list[str] = book["given"]
        self.family: list[str] = book["family"]
        self.rare_given: list[str] = book["rare_given"]
        self.rare_family: list[str] = book["rare_family"]
        self.switchboard: str = book["switchboard"]
        slots: dict[str, list[str]] = book["slots"]
        self.clean = [text for line in book["clean"] for text in expand(line, slots)]
        self.agent = [text for line in book["agent"] for text in expand(line, slots)]
        self.trap = [tuple(expand(line, slots)) for line in book["trap"]]
        self.plants = [(entry["weight"], self.plant(entry)) for entry in book["plant"]]
        for text in self.clean + self.agent:
            if len(text) < WINDOW:
                message = f"`{code}.toml`: an ordinary sentence is shorter than {WINDOW}: {text}"
                raise ValueError(message)

    def plant(self, entry: dict[str, Any]) -> Plant:
        """Return what one `[[plant]]` table says."""
        form, confidence, duty = entry.get("form", ""), entry["confidence"], entry.get("duty", "")
        words, detector = entry.get("words", ()), entry.get("detector", "")

        def make(dice: Dice) -> Value:
            if form in {"name", "name-said"}:
                return replace(self.name(dice, said=form == "name-said"), confidence=confidence)
            if form == "name-lower":
                name = self.name(dice)
                return replace(name, text=name.text.lower(), confidence=confidence, duty=duty)
            if form == "given":
                return Value("person-name", dice.pick(self.given), confidence, duty=duty)
            if form:
                return replace(FORMS[form](dice), confidence=confidence, duty=duty)
            attributes = {"reading": "personal"} if detector == "health" else {}
            return Value(detector, dice.pick(words), confidence, attributes)

        return Plant(tuple(entry["text"]), make)

    def name(self, dice: Dice, *, said: bool = False) -> Value:
        """Return the name of someone who does not exist.

        One name in eight is in no list of names; only where something says that it is a name
        (`said`) does a scanner know.
        """
        rare_given, rare_family = dice.chance(RARE_SHARE), dice.chance(RARE_SHARE)
        given = dice.pick(self.rare_given if rare_given else self.given)
        family = dice.pick(self.rare_family if rare_family else self.family)
        duty = "hard" if (rare_given or rare_family) and not said else ""
        return Value("person-name", f"{given} {family}", "medium", duty=duty)


def expand(line: str, slots: dict[str, list[str]]) -> Iterator[str]:
    """Yield `line` with every choice for its named gaps; equal names choose alike."""
    names = sorted({name for _, name, _, _ in Formatter().parse(line) if name})
    for choice in product(*(slots[name] for name in names)):
        yield line.format(**dict(zip(names, choice, strict=True)))


class Scribe:
    """Writes passages in all languages, in an order that depends on the dice alone."""

    def __init__(self, dice: Dice, decks: Decks | None = None) -> None:
        self.dice = dice
        self.languages = {code: Language(code) for code in dict.fromkeys(LANGUAGES)}
        self.decks = {} if decks is None else decks

    def language(self) -> Language:
        """Return the language of the next message."""
        return self.languages[self.dice.pick(LANGUAGES)]

    def plant(self, language: Language) -> Passage:
        """Return the next sentence with something to find.

        Kinds are dealt from a deck, which the scribes of an archive share, so that each has its
        turn also in a small one.
        """
        deck = self.decks.setdefault(language.code, [])
        if not deck:
            once = [kind for _, kind in language.plants]
            more = [kind for weight, kind in language.plants for _ in range(weight - 1)]
            deck.extend(shuffled(more, self.dice) + shuffled(once, self.dice))
        return deck.pop().fill(self.dice)

    def answer(self, language: Language) -> Passage:
        """Return what an agent says: nothing to find."""
        return Passage(self.dice.pick(language.agent))

    def sentences(self, language: Language, count: int, *, ordinary: bool = True) -> Passage:
        """Return `count` sentences on one line.

        `ordinary` tells whether what stands before them holds nothing of interest.
        """
        dice = self.dice
        texts: list[str] = []
        values: tuple[Value, ...] = ()
        for _ in range(count):
            chance = dice.roll() if ordinary else 1.0
            if chance < PLANT_SHARE:
                planted = self.plant(language)
                texts.append(planted.text)
                values += planted.values
                ordinary = False
            elif chance < PLANT_SHARE + TRAP_SHARE:
                texts.append(dice.pick(dice.pick(language.trap)))
                ordinary = False
            else:
                texts.append(dice.pick(language.clean))
                ordinary = True
        return Passage(" ".join(texts), values)

    def letter(self, language: Language, paragraphs: int) -> Passage:
        """Return a greeting, paragraphs with an empty line between them, and a signature."""
        dice = self.dice
        letter = Passage(f"{dice.pick(language.greeting)}\n\n")
        for _ in range(paragraphs):
            letter += self.sentences(language, dice.between(2, 6), ordinary=False) + "\n\n"
        said = dice.chance(CLOSING_SHARE)  # thanks do not say that a name follows
        words = dice.pick(language.closing if said else language.thanks)
        name = self.name(language, said=said)
        return letter + Passage(f"{words}\n{name.text}\n", (name,))

    def name(self, language: Language, *, said: bool = False) -> Value:
        """Return the name of someone who does not exist."""
        return language.name(self.dice, said=said)

    def switchboard(self, language: Language) -> Passage:
        """Return the line of a signature with the number of the exchange."""
        value = FORMS["phone-se-landline"](self.dice)
        return Passage(f"\n{language.switchboard.format(value.text)}\n", (value,))


def shuffled(kinds: list[Plant], dice: Dice) -> list[Plant]:
    """Return `kinds` in an order of chance."""
    deck = list(kinds)
    for end in range(len(deck) - 1, 0, -1):
        other = dice.below(end + 1)
        deck[end], deck[other] = deck[other], deck[end]
    return deck
