"""Customer service of an agency over many channels, in Finnish and Swedish.

Cases go a year after they were closed, recorded calls a year after the call. Of what is erased the
times and the channel stay. A mailbox does not tell when a case was closed.
"""

import io
import zipfile

from archive import Desk
from chat import label
from containers import STAMP
from mail import words
from scribe import Passage

from policies.ages import Mix, Slot
from policies.files import address, jsonl, mail, mailbox, sound, subtitles, table
from policies.ledger import Ledger, Planted, Row, Sheet
from policies.pen import Pen, bodies

KEPT_FOR = "P1Y"
KINDS = ("person-name", "email", "phone", "street-address", "fi-hetu", "health")
OFFICE = "kirjaamo@virasto.example"
CALLS = ("Samtals-id", "Börjat", "Avslutat", "Kö", "Nummer", "Rådgivare", "Anteckning")
NOTES = ("Ärendenummer", "Inkom", "Avslutat", "Kanal", "Status", "Namn", "Telefon", "Rubrik",
         "Beskrivning", "Handläggare")  # fmt: skip
TEXTS = ("Viestin tunnus", "Lähetetty", "Suljettu", "Kanava", "Numero", "Teksti")
# Addresses as web pages write them, so that machines do not collect them; the last is what is left
# where a page has taken the address away.
STRIPPED = {
    "fi": "Sivulla lukee vain [email protected], joten en tiedä mihin kirjoittaisin.",
    "sv": "På sidan står bara [email protected], så jag vet inte vart jag ska skriva.",
}
OPEN = Slot("undetermined", None)


def write(ledger: Ledger, desk: Desk) -> None:
    """Write the archive."""
    pens = [Pen(desk, desk.scribe.languages[code], KINDS) for code in ("fi", "sv")]
    for pen in pens:
        chat(ledger, desk, pen)
        requests(ledger, desk, pen)
    calls(ledger, desk, pens)
    notes(ledger, desk, pens[1])
    texts(ledger, desk, pens[0], "sms/tekstiviestit.csv", said=True)
    texts(ledger, desk, pens[0], "sms/palaute.csv", said=False)
    inbox(ledger, desk, pens)
    attachments(ledger, desk, pens[0])
    internal(ledger, desk, pens[1])


def case(sheet: Sheet[Row], desk: Desk, slot: Slot, row: Row, planted: list[Planted]) -> None:
    """Add a line of a case: who wrote what. Of an erased one only times and channel are left."""
    opened = sheet.ledger.ages.before(slot, desk.dice, days=30)
    fixed: Row = {
        "sent": opened.iso(),
        "closed": slot.iso() or None,
        "channel": sheet.channel,
    }
    kept = {f"/{name}": str(value) for name, value in fixed.items() if value}
    if slot.state == "done":
        gone = dict.fromkeys(("id", *row), "")
        sheet.add(fixed | gone, slot, key="", statistics=kept, is_empty=True)
        return
    key = f"{sheet.channel}-{label(desk, 8)}"
    sheet.add(fixed | {"id": key} | row, slot, key=key, planted=planted, statistics=kept)
    if slot.state == "held":
        sheet.ledger.hold("audit", "Intern revision", case=key)


def chat(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write the anonymous chat: nobody has a name there, but some write one."""
    sheet = Sheet[Row](ledger, f"chatt/{pen.language.code}-2026.jsonl", "chatt")
    for slot in ledger.ages.slots(desk.dice, Mix(8, 6, 6, held=1, undetermined=2), KEPT_FOR):
        text = pen.some() if desk.dice.chance(0.6) else Passage(pen.ordinary())
        case(sheet, desk, slot, {"sender": "Asiakas", "text": text.text}, bodies(text))
    ledger.write(sheet.file, jsonl(sheet.rows))


def requests(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write cases that came by mail."""
    sheet = Sheet[Row](ledger, f"e-post/{pen.language.code}-arenden.jsonl", "e-post")
    slots = ledger.ages.slots(desk.dice, Mix(8, 6, 6, held=1, undetermined=2), KEPT_FOR)
    for number, slot in enumerate(slots):
        name, email, text = pen.name(), pen.value("email-bracketed"), pen.some()
        if number % 5 == 0:
            text = text + " " + STRIPPED[pen.language.code]
        subject = desk.dice.pick(pen.language.subject)
        row: Row = {"sender": name.text, "reply": email.text, "subject": subject, "text": text.text}
        planted = [("sender", name), ("/reply", email), *bodies(text)]
        case(sheet, desk, slot, row, planted)
    ledger.write(sheet.file, jsonl(sheet.rows))


def calls(ledger: Ledger, desk: Desk, pens: list[Pen]) -> None:
    """Write the list of recorded calls, what was said in them, and the recordings."""
    sheet = Sheet[list[str]](ledger, "inspelningar/samtal.csv", "inspelningar")
    slots = ledger.ages.slots(desk.dice, Mix(8, 6, 6, held=1, undetermined=3), KEPT_FOR)
    for number, slot in enumerate(slots):
        pen, key = pens[number % 2], f"samtal-{label(desk, 6)}"
        began = ledger.ages.before(slot, desk.dice, days=0).iso()
        kept = {"Avslutat": slot.iso(), "Kö": pen.language.code}
        if slot.state == "done":
            row = ["", "", slot.iso(), pen.language.code, "", "", ""]
            sheet.add(row, slot, key="", statistics=kept, is_empty=True)
            continue
        phone, official, said = pen.value("phone-fi"), pen.name(), pen.some()
        row = [key, began, slot.iso(), pen.language.code, phone.text, official.text, ""]
        planted = [("sender", phone), ("recipient", official)]
        sheet.add(row, slot, key=key, planted=planted, statistics=kept)
        voices = Sheet[bytes](ledger, f"inspelningar/{key}.vtt", "inspelningar")
        title = " ".join(word for word in (key, slot.iso(), pen.language.code) if word)
        voices.add(subtitles(title, [("Kund", said.text)]), slot, key=key, planted=bodies(said))
        ledger.write(voices.file, voices.rows[0])
        ledger.write(f"inspelningar/{key}.wav", sound(desk.dice))
        ledger.opaque[f"inspelningar/{key}.wav"] = slot.state
        if slot.state == "held":
            ledger.hold("legal-claim", "Reklamation", case=key)
            ledger.hold("legal-claim", "Reklamation", path=f"inspelningar/{key}.*")
    ledger.write(sheet.file, table(CALLS, sheet.rows))


def notes(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write what officials noted while somebody was on the telephone, with their own names."""
    sheet = Sheet[list[str]](ledger, "telefon/anteckningar.csv", "telefon")
    for slot in ledger.ages.slots(desk.dice, Mix(8, 6, 6, undetermined=2), KEPT_FOR):
        came = ledger.ages.before(slot, desk.dice).iso()
        kept = {"Inkom": came, "Avslutat": slot.iso(), "Kanal": "telefon"}
        if slot.state == "done":
            row = ["", came, slot.iso(), "telefon", *[""] * (len(NOTES) - 4)]
            sheet.add(row, slot, key="", statistics=kept, is_empty=True)
            continue
        name, official, phone = pen.name(), pen.name(), pen.value("phone-fi")
        text, key, subject = (
            pen.some(),
            label(desk, 8).upper(),
            desk.dice.pick(pen.language.subject),
        )
        row = [key, came, slot.iso(), "telefon", "klart", name.text, phone.text, subject, text.text,
               official.text]  # fmt: skip
        planted = [("sender", name), ("/Telefon", phone), ("recipient", official), *bodies(text)]
        sheet.add(row, slot, key=key, planted=planted, statistics=kept)
    ledger.write(sheet.file, table(NOTES, sheet.rows))


def texts(ledger: Ledger, desk: Desk, pen: Pen, file: str, *, said: bool) -> None:
    """Write text messages; those that answer how it went (`said` is false) hold a number only."""
    sheet = Sheet[list[str]](ledger, file, "sms")
    for slot in ledger.ages.slots(desk.dice, Mix(6, 4, 5, held=1, undetermined=2), KEPT_FOR):
        sent = ledger.ages.before(slot, desk.dice, days=20).iso()
        kept = {"Lähetetty": sent, "Suljettu": slot.iso(), "Kanava": "sms"}
        if slot.state == "done":
            row = ["", sent, slot.iso(), "sms", "", ""]
            sheet.add(row, slot, key="", statistics=kept, is_empty=True)
            continue
        phone, key = pen.value("phone-fi"), f"sms-{label(desk, 7)}"
        text = (
            pen.some() if said else Passage(f"Arvosana {desk.dice.between(1, 5)}. Kiitos avusta!")
        )
        row = [key, sent, slot.iso(), "sms", phone.text, text.text]
        planted = [("sender", phone), *bodies(text)]
        sheet.add(row, slot, key=key, planted=planted, statistics=kept)
        if slot.state == "held":
            ledger.hold("restriction", "Rajoitus pyynnöstä", case=key)
    ledger.write(sheet.file, table(TEXTS, sheet.rows))


def inbox(ledger: Ledger, desk: Desk, pens: list[Pen]) -> None:
    """Write the mailbox: nothing in it tells when a case was closed."""
    sheet = Sheet[bytes](ledger, "e-post/kirjaamo.mbox", "e-post")
    for number, came in enumerate(ledger.ages.slots(desk.dice, Mix(6, 0, 0), "P60D")):
        pen = pens[number % 2]
        name, email, text = pen.name(), pen.value("email-plain"), pen.some()
        key = f"<{label(desk, 16)}@mx>"
        headers = {
            "From": address(name.text, email.text),
            "To": OFFICE,
            "Subject": words(desk.dice.pick(pen.language.subject)),
            "Message-ID": key,
        }
        planted = [("sender", name), ("sender", email), *bodies(text)]
        row = mail(desk.dice, headers, came, text.text)
        sheet.add(row, OPEN, key=key, planted=planted, statistics={"Date": came.iso()})
    ledger.write(sheet.file, mailbox(sheet.rows))


def attachments(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write the texts of attachments, in a zip file, with the times of their cases."""
    sheet = Sheet[Row](ledger, "e-post/bilagor.zip!/liitteet.jsonl", "e-post")
    for slot in ledger.ages.slots(desk.dice, Mix(4, 3, 3), KEPT_FOR):
        text = pen.some()
        case(sheet, desk, slot, {"text": text.text}, bodies(text))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as file:
        info = zipfile.ZipInfo("liitteet.jsonl", STAMP)
        info.create_system = 3
        info.external_attr = 0o644 << 16
        file.writestr(info, jsonl(sheet.rows))
    ledger.write("e-post/bilagor.zip", stream.getvalue())


def internal(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write requests of one official to another: names, roles and where they work."""
    sheet = Sheet[Row](ledger, "interna/forfragningar.jsonl", "interna")
    for slot in ledger.ages.slots(desk.dice, Mix(6, 4, 5, undetermined=2), KEPT_FOR):
        sender, recipient, text = pen.name(), pen.name(), pen.some()
        row: Row = {
            "sender": sender.text,
            "recipient": recipient.text,
            "role": desk.dice.pick(("användare", "huvudanvändare")),
            "title": "Kundrådgivare",
            "organisation": "Personkundtjänsten",
            "text": text.text,
        }
        planted = [("sender", sender), ("recipient", recipient), *bodies(text)]
        case(sheet, desk, slot, row, planted)
    ledger.write(sheet.file, jsonl(sheet.rows))
