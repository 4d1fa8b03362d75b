"""Customers of power and city networks: kept during the contract and as long as the law demands.

A contract without an end still runs, so no time of its customer is known, nor of one who writes a
mail. Mailings say nothing sensitive of anybody.
"""

from archive import Desk
from chat import label
from mail import words

from policies.ages import Mix, Slot
from policies.files import address, jsonl, mail, mailbox, table
from policies.ledger import Ledger, Row, Sheet
from policies.pen import Pen, bodies, shown

KEPT_FOR = "P8Y"
KINDS = ("person-name", "email", "phone", "street-address", "se-personnummer")
SENSITIVE = ("health", "political-opinion")
OFFICE = "kundservice@norrvik.example"
HEADING = ("Kundnummer", "Namn", "Personnummer", "Adress", "E-post", "Telefon", "Nät", "Avtal från",
           "Avtal till", "Status", "Anteckning")  # fmt: skip
RUNNING = Slot("undetermined", None)


def write(ledger: Ledger, desk: Desk) -> None:
    """Write the archive."""
    pen = Pen(desk, desk.scribe.languages["sv"], KINDS)
    customers(ledger, desk, pen)
    cases(ledger, desk, pen)
    letters(ledger, desk, pen)
    mailings(ledger, desk, Pen(desk, pen.language, (*KINDS, "health")))


def customers(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write the register: a row for each contract."""
    sheet = Sheet[list[str]](ledger, "kunder/kundregister.csv", "kunder")
    mix = Mix(due=14, overdue=10, done=12, held=2, undetermined=4)
    slots = [*ledger.ages.slots(desk.dice, mix, KEPT_FOR), *[RUNNING] * 24]
    for slot in slots:
        key, name, number = f"K-{label(desk, 7)}", pen.name(), pen.value("se-12")
        street, email = pen.value("street-sv"), pen.value("email-plain")
        phone = pen.value("phone-se-mobile")
        note = pen.body(["phone"] if desk.dice.chance(0.3) else [], personal=slot.personal)
        row = [
            key,
            *(shown(slot, value) for value in (name, number, street, email, phone)),
            desk.dice.pick(("elnät", "stadsnät")),
            f"{ledger.ages.before(slot, desk.dice, days=2000).wall():.10}",
            slot.iso(),
            "avslutat" if slot.moment else "pågår",
            note.text,
        ]
        fields = ("sender", "/Personnummer", "/Adress", "/E-post", "/Telefon")
        values = (name, number, street, email, phone)
        planted = [*zip(fields, values, strict=True), *bodies(note)]
        sheet.add(row, slot, key=key, planted=planted)
        if slot.state == "held":
            ledger.hold("legal-claim", "Tvist om faktura", case=key)
    ledger.write(sheet.file, table(HEADING, sheet.rows))


def cases(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write reports and questions; each says when the contract of its customer ended."""
    sheet = Sheet[Row](ledger, "arenden/arenden.jsonl", "arenden")
    mix = Mix(due=12, overdue=9, done=12, held=2, undetermined=4)
    for slot in ledger.ages.slots(desk.dice, mix, KEPT_FOR):
        name, text = pen.name(), pen.some(personal=slot.personal)
        row: Row = {
            "id": f"arende-{label(desk, 7)}",
            "sent": ledger.ages.before(slot, desk.dice, days=900).iso(),
            "closed": slot.iso() or None,
            "channel": "webb",
            "status": "besvarat",
            "sender": shown(slot, name),
            "text": text.text,
        }
        kept = {f"/{name}": str(row[name]) for name in ("sent", "channel", "status")}
        planted = [("sender", name), *bodies(text)]
        sheet.add(row, slot, key=str(row["id"]), planted=planted, statistics=kept)
        if slot.state == "held":
            ledger.hold("restriction", "Uppgifterna kontrolleras", case=str(row["id"]))
    ledger.write(sheet.file, jsonl(sheet.rows))


def letters(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write mail of customers, which does not tell of contracts."""
    sheet = Sheet[bytes](ledger, "arenden/inkorg.mbox", "arenden")
    for came in ledger.ages.slots(desk.dice, Mix(due=8, overdue=0, done=0), "P60D"):
        name, email, text = pen.name(), pen.value("email-plain"), pen.some()
        key = f"<{label(desk, 16)}@mx>"
        headers = {
            "From": address(name.text, email.text),
            "To": OFFICE,
            "Subject": words(desk.dice.pick(pen.language.subject)),
            "Message-ID": key,
        }
        planted = [("sender", name), ("sender", email), *bodies(text)]
        sheet.add(mail(desk.dice, headers, came, text.text), RUNNING, key=key, planted=planted)
    ledger.write(sheet.file, mailbox(sheet.rows))


def mailings(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write mailings to customers; a few say what they may not."""
    pen.add("political-opinion", "Som medlem i {} får du en särskild rabatt.", ("Centerpartiet",))
    sheet = Sheet[bytes](ledger, "utskick/utskick.mbox", "utskick")
    slots = ledger.ages.slots(desk.dice, Mix(due=12, overdue=0, done=0), "P60D")
    for number, slot in enumerate(slots):
        name, email = pen.name(), pen.value("email-plain")
        says_too_much = number % 4 == 1 and not ledger.ages.is_kept
        text = pen.body([SENSITIVE[number // 4 % 2]] if says_too_much else [])
        key = f"<{label(desk, 16)}@mx>"
        headers = {
            "From": OFFICE,
            "To": address(name.text, email.text),
            "Subject": "Nytt om ditt elavtal",
            "Message-ID": key,
        }
        planted = [("recipient", name), ("recipient", email), *bodies(text)]
        sheet.add(mail(desk.dice, headers, slot, text.text), slot, key=key, planted=planted)
    ledger.write(sheet.file, mailbox(sheet.rows))
