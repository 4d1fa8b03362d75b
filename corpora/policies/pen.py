"""Words of messages: sentences that hold a value, and the same with a label in its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive import Desk
from dice import Dice
from identity import Value
from scribe import Language, Passage, Plant
from values import FORMS

from policies.ages import Slot
from policies.ledger import Planted

# What stands where something was: ASCII, no digits, no sign of a mail address.
LABELS = {
    "person-name": "namn",
    "email": "e-post",
    "phone": "telefon",
    "sexual-orientation": "laggning",
    "ip-address": "ip-adress",
    "street-address": "adress",
    "profile-url": "profil",
    "long-number": "nummer",
    "se-personnummer": "personnummer",
    "fi-hetu": "henkilotunnus",
}
OFFICES = ("Besöksadress", "Käyntiosoite")  # before an address that is nobody's own
SAMPLES = 8  # values that tell what a maker makes


def label(detector: str) -> str:
    """Return what stands in the place of a value."""
    return f"[{LABELS.get(detector, detector)}]"


def shown(slot: Slot, value: Value) -> str:
    """Return what stands in the field of a value."""
    return value.text if slot.personal else label(value.detector)


def bodies(passage: Passage) -> list[Planted]:
    """Return what is planted in a text."""
    return [("body", value) for value in passage.values]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Sentences around one kind of value, or about something that is one."""

    detector: str
    plant: Plant

    def said(self, dice: Dice) -> Passage:
        """Return a sentence with a value that a scanner has to find."""
        passage = self.plant.fill(dice)
        while any(value.duty for value in passage.values):
            passage = self.plant.fill(dice)
        return passage

    def blank(self, dice: Dice) -> Passage:
        """Return a sentence in which a label stands for the value."""
        return Passage(dice.pick(self.plant.texts).replace("{}", label(self.detector)))


class Pen:
    """Writes the messages of one language, with values of some kinds only."""

    def __init__(self, desk: Desk, language: Language, kinds: Sequence[str]) -> None:
        self.desk = desk
        self.language = language
        self.sentences: dict[str, list[Sentence]] = {kind: [] for kind in kinds}
        for _, whole in language.plants:
            texts = tuple(text for text in whole.texts if not text.startswith(OFFICES))
            if not texts:
                continue
            plant = Plant(texts, whole.make)
            values = [plant.make(Dice(f"sample {number}")) for number in range(SAMPLES)]
            kind = values[0].detector
            is_sure = all(value.confidence != "low" for value in values)
            if kind in self.sentences and is_sure and not all(value.duty for value in values):
                self.sentences[kind].append(Sentence(kind, plant))

    def add(
        self, detector: str, text: str, words: Iterable[str], *, reading: str = "personal"
    ) -> None:
        """Teach it one more sentence, whose gap takes one of these words."""
        options = tuple(words)
        attributes = {"reading": reading} if reading != "personal" else {}

        def make(dice: Dice) -> Value:
            return Value(detector, dice.pick(options), attributes=attributes)

        self.sentences.setdefault(detector, []).append(Sentence(detector, Plant((text,), make)))

    def name(self) -> Value:
        """Return the name of somebody who does not exist."""
        return self.desk.scribe.name(self.language, said=True)

    def value(self, form: str) -> Value:
        """Return a value by the name of its maker."""
        return FORMS[form](self.desk.dice)

    def ordinary(self) -> str:
        """Return a sentence with nothing to find, longer than the reach of a word of context."""
        return self.desk.dice.pick(self.language.clean)

    def answer(self) -> str:
        """Return what a clerk says: nothing to find."""
        return self.desk.dice.pick(self.language.agent)

    def body(self, kinds: Sequence[str], *, personal: bool = True) -> Passage:
        """Return sentences with one value of each of `kinds`, or with labels instead."""
        dice = self.desk.dice
        passage = Passage(self.ordinary())
        for kind in kinds:
            sentence = dice.pick(self.sentences[kind])
            said = sentence.said(dice) if personal else sentence.blank(dice)
            passage = passage + " " + said + " " + self.ordinary()
        return passage

    def some(self, *, personal: bool = True) -> Passage:
        """Return a body with values of one or two kinds that this pen knows."""
        dice = self.desk.dice
        kinds = [dice.pick(list(self.sentences)) for _ in range(dice.between(1, 2))]
        return self.body(list(dict.fromkeys(kinds)), personal=personal)
