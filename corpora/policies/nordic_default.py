"""An archive without a notice: chats, tickets and cases, told apart by what the files say.

What is sensitive goes from messages after 30 days, everything personal after a year; from tickets
and cases a year after they were closed.
"""

from archive import Desk
from chat import label

from policies.ages import Mix
from policies.files import jsonl, pretty, table
from policies.ledger import Ledger, Row, Sheet
from policies.pen import Pen, bodies, shown

SOON, LATER = "P30D", "P1Y"
ORDINARY = ("person-name", "email", "phone", "street-address")
SENSITIVE = ("se-personnummer", "iban", "health")
HEADING = ("Id", "Created", "Solved", "Status", "Requester name", "Subject", "Description")


def write(ledger: Ledger, desk: Desk) -> None:
    """Write the archive."""
    language = desk.scribe.languages["sv"]
    never = () if ledger.ages.is_kept else ("payment-card",)
    ordinary, sensitive = Pen(desk, language, ORDINARY), Pen(desk, language, (*SENSITIVE, *never))
    # What is sensitive has gone from a chat that is kept, long before the rest has to.
    mix = Mix(due=10, overdue=7, done=10, held=1, undetermined=3)
    chat(ledger, desk, sensitive, ("export/kanslig.jsonl", SOON), mix)
    chat(ledger, desk, ordinary, ("export/chat.jsonl", LATER), mix)
    tickets(ledger, desk, ordinary)
    cases(ledger, desk, ordinary)


def chat(ledger: Ledger, desk: Desk, pen: Pen, place: tuple[str, str], mix: Mix) -> None:
    """Write a chat whose messages may stay for a period; nobody in it has a name of their own."""
    file, period = place
    sheet = Sheet[Row](ledger, file, "messages")
    for slot in ledger.ages.slots(desk.dice, mix, period):
        text, key = pen.some(personal=slot.personal), f"chat-{label(desk, 8)}"
        row: Row = {"id": key, "sent": slot.iso() or None, "text": text.text}
        kept = {"/sent": slot.iso()} if slot.iso() else {}
        sheet.add(row, slot, key=key, planted=bodies(text), statistics=kept)
        if slot.state == "held":
            ledger.hold("audit", "Granskning pågår", case=key)
    ledger.write(file, jsonl(sheet.rows))


def tickets(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write tickets of a help desk."""
    sheet = Sheet[list[str]](ledger, "export/tickets.csv", "tickets")
    mix = Mix(due=8, overdue=5, done=8, held=1, undetermined=4)
    for slot in ledger.ages.slots(desk.dice, mix, LATER):
        name, text, key = pen.name(), pen.some(personal=slot.personal), f"T-{label(desk, 6)}"
        opened = ledger.ages.before(slot, desk.dice).iso()
        status, subject = "closed" if slot.iso() else "open", desk.dice.pick(pen.language.subject)
        row = [key, opened, slot.iso(), status, shown(slot, name), subject, text.text]
        kept = {"Created": opened, "Solved": slot.iso(), "Status": status}
        planted = [("sender", name), *bodies(text)]
        sheet.add(row, slot, key=key, planted=planted, statistics=kept)
        if slot.state == "held":
            ledger.hold("legal-claim", "Överklagande", case=key)
    ledger.write(sheet.file, table(HEADING, sheet.rows))


def cases(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write errands of a municipality, a page of them."""
    sheet = Sheet[Row](ledger, "export/errands.json", "cases")
    mix = Mix(due=6, overdue=4, done=6, undetermined=2)
    for slot in ledger.ages.slots(desk.dice, mix, LATER):
        name, text, key = pen.name(), pen.some(personal=slot.personal), f"KC-{label(desk, 6)}"
        opened = ledger.ages.before(slot, desk.dice).iso()
        row: Row = {
            "errandNumber": key,
            "title": desk.dice.pick(pen.language.subject),
            "status": "SOLVED",
            "created": opened,
            "closed": slot.iso(),
            "description": text.text,
            "stakeholders": [{"firstName": shown(slot, name)}],
        }
        planted = [("sender", name), *bodies(text)]
        kept = {"/created": opened, "/closed": slot.iso(), "/status": "SOLVED"}
        sheet.add(row, slot, key=key, planted=planted, statistics=kept)
    ledger.write(sheet.file, pretty({"content": sheet.rows}))
