"""Recorded calls: sound, what is known of a call, what was said, and a list of all calls.

A call goes three months after it took place, with all that belongs to it; serious threats stay
while a manager holds them. What is sound cannot be read: its time stands in the file beside it.
"""

from archive import Desk
from chat import label
from identity import Value
from scribe import Passage

from policies.ages import Mix, Slot
from policies.files import pretty, sound, subtitles, table
from policies.ledger import Ledger, Row, Sheet
from policies.pen import Pen, bodies

KEPT_FOR = "P3M"
KINDS = ("person-name", "email", "phone", "street-address", "health")
MIX = Mix(due=14, overdue=9, done=0, held=2, undetermined=4)
HEADING = ("Samtals-id", "Börjat", "Avslutat", "Kö", "Nummer", "Rådgivare", "Anteckning")
THREATS = {
    "sv": ("Den som ringde {} att {} om beslutet inte ändras.", ("hotade", "döda oss allihop")),
    "fi": ("Soittaja {} kaikki, jos päätöstä ei muuteta.", ("uhkasi tappaa meidät",)),
}


def write(ledger: Ledger, desk: Desk) -> None:
    """Write a folder for the calls of each language, and the list."""
    pens = [Pen(desk, desk.scribe.languages[code], KINDS) for code in ("sv", "fi")]
    calls = Sheet[list[str]](ledger, "samtal/samtalslista.csv", "samtal")
    slots = [slot for slot in ledger.ages.slots(desk.dice, MIX, KEPT_FOR) if slot.state != "done"]
    for number, slot in enumerate(slots):
        call(ledger, desk, pens[number % 2], slot, calls)
    ledger.write(calls.file, table(HEADING, calls.rows))


def call(ledger: Ledger, desk: Desk, pen: Pen, slot: Slot, calls: Sheet[list[str]]) -> None:
    """Write what belongs to one call."""
    key, folder = f"samtal-{label(desk, 6)}", f"samtal/{pen.language.code}"
    phone, name = pen.value("phone-fi-e164"), pen.name()
    note, said = pen.some(), pen.some()
    if slot.state == "held":
        text, words = THREATS[pen.language.code]
        threats = tuple(Value("threat", word) for word in words)
        note = note + " " + Passage(text.format(*words), threats)
        ledger.hold("threat", "Polisanmälan", case=key)
        ledger.hold("threat", "Polisanmälan", path=f"{folder}/{key}.*")
    began = ledger.ages.before(slot, desk.dice, days=0)
    row: Row = {
        "recording": f"{key}.wav",
        "call": key,
        "queue": "kundtjänst",
        "started": began.iso(),
        "ended": slot.iso() or None,
        "caller": {"number": phone.text, "name": name.text},
        "adviser": "kundtjänst",
        "note": note.text,
    }
    sheet = Sheet[Row](ledger, f"{folder}/{key}.json", "samtal")
    planted = [("sender", phone), ("sender", name), *bodies(note)]
    sheet.add(row, slot, key=key, planted=planted)
    ledger.write(sheet.file, pretty(row))

    title = " ".join(word for word in (key, slot.iso(), "kundtjänst") if word)
    lines = [("Rådgivare", pen.answer()), ("Kund", said.text), ("Rådgivare", pen.answer())]
    voices = Sheet[bytes](ledger, f"{folder}/{key}.vtt", "samtal")
    voices.add(subtitles(title, lines), slot, key=key, planted=bodies(said))
    ledger.write(voices.file, voices.rows[0])

    ledger.write(f"{folder}/{key}.wav", sound(desk.dice))
    ledger.opaque[f"{folder}/{key}.wav"] = slot.state
    cells = [key, began.wall(), slot.wall(), "kundtjänst", phone.text, "", ""]
    calls.add(cells, slot, key=key, planted=[("sender", phone)])
