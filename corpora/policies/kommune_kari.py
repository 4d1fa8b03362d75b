"""A Norwegian chatbot: numbers of more than five digits, names and addresses go at once."""

from archive import Desk
from chat import label
from scribe import Language

from policies.ages import Mix
from policies.files import jsonl
from policies.ledger import Ledger, Row, Sheet
from policies.pen import Pen, bodies

KEPT_FOR = "P60D"  # the log itself has no period: any age will do
KINDS = ("person-name", "email", "phone", "long-number")
PLATFORMS = ("pc", "nettbrett", "mobil")
BROWSERS = ("Chrome 124.0", "Firefox 131.0", "Safari 17.4")


def write(ledger: Ledger, desk: Desk) -> None:
    """Write the log of the chatbot; every third question says what it may not."""
    pen = Pen(desk, Language("nb"), KINDS)
    sheet = Sheet[Row](ledger, "chat/logg-2026.jsonl", "chat")
    mix = Mix(due=48, overdue=0, done=24, held=2)
    for number, slot in enumerate(ledger.ages.slots(desk.dice, mix, KEPT_FOR)):
        is_held = slot.state == "held"
        is_broken = is_held or not ledger.ages.is_kept
        kinds = [KINDS[number // 3 % len(KINDS)]] if is_held or number % 3 == 0 else []
        text = pen.body(kinds, personal=is_broken and slot.personal)
        key = f"samtale-{label(desk, 8)}"
        kept = {
            "sent": slot.iso(),
            "platform": desk.dice.pick(PLATFORMS),
            "browser": desk.dice.pick(BROWSERS),
        }
        statistics = {f"/{name}": value for name, value in kept.items()}
        asked: Row = {"conversation": key, "sender": "Besøkende", "text": text.text}
        sheet.add(kept | asked, slot, key=key, planted=bodies(text), statistics=statistics)
        answered: Row = {"conversation": key, "sender": "Kommune Kari", "text": pen.answer()}
        sheet.add(kept | answered, slot, key=key, statistics=statistics, is_held=is_held)
        if is_held:
            ledger.hold("public-access", "Innsynskrav", case=key)
    ledger.write(sheet.file, jsonl(sheet.rows))
