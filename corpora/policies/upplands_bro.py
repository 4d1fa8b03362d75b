"""The contact center of a municipality: chat, Facebook, telephone notes, mail and e-services.

Everything personal leaves a message after 30 days; in e-services 30 days after the case was closed.
The posts that everybody can read stay as they are.
"""

from collections.abc import Iterable
from html import escape

from archive import Desk
from chat import AGENTS, label
from mail import words

from policies.ages import Mix, Slot
from policies.files import address, jsonl, mail, mailbox, mojibake, pretty, table
from policies.ledger import Ledger, Planted, Row, Sheet
from policies.pen import Pen, bodies, shown

KEPT_FOR = "P30D"
KINDS = ("person-name", "email", "phone", "street-address", "health", "se-personnummer")
OFFICE = "kommun@norrvik.example"
PAGE = "Norrviks kommun"
HEADING = ("Ärendenummer", "Inkom", "Avslutat", "Kanal", "Status", "Namn", "Telefon", "E-post",
           "Rubrik", "Beskrivning")  # fmt: skip


def write(ledger: Ledger, desk: Desk) -> None:
    """Write the archive."""
    pen = Pen(desk, desk.scribe.languages["sv"], KINDS)
    chat(ledger, desk, pen)
    facebook(ledger, desk, pen)
    public_posts(ledger, desk, pen)
    notes(ledger, desk, pen)
    letters(ledger, desk, pen)
    questions(ledger, desk, pen)
    faults(ledger, desk, pen)


def chat(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write the chat: a line for each message of a visitor, at times one for the answer."""
    sheet = Sheet[Row](ledger, "chatt/webbchatt-2026.jsonl", "chatt")
    mix = Mix(due=12, overdue=9, done=14, held=2, undetermined=4)

    def add(row: Row, slot: Slot, planted: Iterable[Planted]) -> None:
        kept = {"/sent": slot.iso(), "/status": str(row["status"])}
        sheet.add(row, slot, key=str(row["id"]), planted=planted, statistics=kept)

    for slot in ledger.ages.slots(desk.dice, mix, KEPT_FOR):
        name, ip, text = pen.name(), pen.value("ip-v4"), pen.some(personal=slot.personal)
        row: Row = {
            "id": f"chat-{label(desk, 8)}",
            "conversation_id": f"c-{label(desk, 6)}",
            "sent": slot.iso() or None,
            "sender": shown(slot, name),
            "role": "visitor",
            "status": "besvarad",
            "text": text.text,
            "ip": shown(slot, ip),
            "user_agent": desk.dice.pick(AGENTS),
        }
        add(row, slot, [("sender", name), *bodies(text), ("/ip", ip)])
        if slot.state == "held":
            ledger.hold("public-access", "Begäran om allmän handling", case=str(row["id"]))
        if slot.moment and desk.dice.chance(0.5):
            said: Row = {"sender": "Kontaktcenter", "role": "agent", "text": pen.answer()}
            bare: Row = {"id": f"chat-{label(desk, 8)}", "ip": None, "user_agent": None}
            add(row | said | bare, slot.answered(), [])
    ledger.write(sheet.file, jsonl(sheet.rows))


def facebook(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write conversations with the page, as Facebook lets one download them.

    The second is on hold as a whole. Names of those who take part are gone, as they are once
    somebody has left Facebook; each message has its own.
    """
    public = Pen(desk, pen.language, (*KINDS, "profile-url"))
    mixes = (
        Mix(due=5, overdue=0, done=2),
        Mix(due=0, overdue=0, done=0, held=4),
        Mix(due=1, overdue=5, done=3, undetermined=1),
        Mix(due=0, overdue=0, done=6),
    )
    for mix in mixes:
        thread = f"trad_{label(desk, 6)}"
        file = f"facebook/meddelanden/{thread}/message_1.json"
        sheet = Sheet[Row](ledger, file, "facebook")
        for slot in ledger.ages.slots(desk.dice, mix, KEPT_FOR):
            name, text = public.name(), public.some(personal=slot.personal)
            row: Row = {
                "sender_name": mojibake(shown(slot, name)),
                "timestamp_ms": slot.millis(),
                "content": mojibake(text.text),
                "type": "Generic",
            }
            kept = {"/timestamp_ms": str(slot.millis())}
            planted = [("sender", name), *bodies(text)]
            sheet.add(row, slot, key="", planted=planted, statistics=kept)
        if mix.held:
            ledger.hold("legal-claim", "Anmälan till polisen", path=file)
        people = [{"name": "Facebook user"}, {"name": PAGE}]
        thread_path = f"inbox/{thread}"
        whole = {"participants": people, "messages": sheet.rows, "thread_path": thread_path}
        ledger.write(file, pretty(whole).replace(b"/", b"\\/"))


def public_posts(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write what anybody can read on the page, once as data and once as it is seen."""
    sheet = Sheet[Row](ledger, "facebook/inlagg/inlagg.json", "facebook-inlagg")
    for moment in ledger.ages.old(desk.dice, 6, KEPT_FOR):
        slot, name, text = Slot("public", moment), pen.name(), pen.body(["phone"])
        row: Row = {
            "id": f"post-{label(desk, 8)}",
            "date": slot.iso(),
            "from": name.text,
            "text": text.text,
        }
        sheet.add(row, slot, key=str(row["id"]), planted=[("sender", name), *bodies(text)])
    ledger.write(sheet.file, pretty({"messages": sheet.rows}))
    items = "".join(
        f"<article><h2>{escape(str(row['from']))}</h2><p>{escape(str(row['text']))}</p></article>\n"
        for row in sheet.rows
    )
    page = f"<!DOCTYPE html>\n<html lang='sv'><body>\n<h1>{PAGE}</h1>\n{items}</body></html>\n"
    ledger.write("facebook/inlagg/sida.html", page.encode())


def notes(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write what was noted while somebody was on the telephone."""
    mix = Mix(due=8, overdue=6, done=12, held=1, undetermined=3)
    rows(ledger, desk, pen, Sheet(ledger, "telefon/noteringar.csv", "telefon"), mix)


def faults(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write reports of faults from a form; their time runs from the day the case was closed."""
    mix = Mix(due=8, overdue=5, done=10, held=1, undetermined=4)
    sheet = Sheet[list[str]](ledger, "e-tjanster/felanmalan.csv", "e-tjanster")
    rows(ledger, desk, pen, sheet, mix, by_closing=True)


def rows(
    ledger: Ledger,
    desk: Desk,
    pen: Pen,
    sheet: Sheet[list[str]],
    mix: Mix,
    *,
    by_closing: bool = False,
) -> None:
    """Write a table of the case system, in the charset of an old spreadsheet."""
    for slot in ledger.ages.slots(desk.dice, mix, KEPT_FOR):
        name, phone, email = pen.name(), pen.value("phone-se-mobile"), pen.value("email-plain")
        text, key = pen.some(personal=slot.personal).fit("windows-1252"), label(desk, 8).upper()
        came = ledger.ages.before(slot, desk.dice) if by_closing else slot
        status = "Avslutat" if slot.wall() else "Pågår"
        row = [
            key,
            came.wall(),
            slot.wall() if by_closing else "",
            "Webb" if by_closing else "Telefon",
            status,
            shown(slot, name),
            shown(slot, phone),
            shown(slot, email),
            desk.dice.pick(pen.language.subject),
            text.text,
        ]
        planted = [("sender", name), ("/Telefon", phone), ("/E-post", email), *bodies(text)]
        kept = dict(zip(HEADING[1:5], row[1:5], strict=True))
        sheet.add(row, slot, key=key, planted=planted, statistics=kept)
        if slot.state == "held":
            ledger.hold("audit", "Granskning pågår", case=key)
    ledger.write(sheet.file, table(HEADING, sheet.rows, "windows-1252"))


def letters(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write the mailbox of the contact center."""
    sheet = Sheet[bytes](ledger, "e-post/kontaktcenter.mbox", "e-post")
    mix = Mix(due=9, overdue=7, done=11, held=1, undetermined=4)
    for slot in ledger.ages.slots(desk.dice, mix, KEPT_FOR):
        name, email, ip = pen.name(), pen.value("email-plain"), pen.value("ip-v4")
        text, key = pen.some(personal=slot.personal), f"<{label(desk, 16)}@mx>"
        headers = {
            "X-Originating-IP": shown(slot, ip),
            "From": address(name.text, email.text) if slot.personal else shown(slot, name),
            "To": OFFICE,
            "Subject": words(desk.dice.pick(pen.language.subject)),
            "Message-ID": key,
        }
        planted = [("/X-Originating-IP", ip), ("sender", name), ("sender", email), *bodies(text)]
        sheet.add(mail(desk.dice, headers, slot, text.text), slot, key=key, planted=planted)
        if slot.state == "held":
            ledger.hold("public-access", "Begäran om allmän handling", case=key)
    ledger.write(sheet.file, mailbox(sheet.rows))


def questions(ledger: Ledger, desk: Desk, pen: Pen) -> None:
    """Write questions from a form: a line a case, closed or still open."""
    sheet = Sheet[Row](ledger, "e-tjanster/fraga-oss.jsonl", "e-tjanster")
    mix = Mix(due=8, overdue=6, done=10, held=1, undetermined=5)
    for slot in ledger.ages.slots(desk.dice, mix, KEPT_FOR):
        name, email, text = pen.name(), pen.value("email-plain"), pen.some(personal=slot.personal)
        row: Row = {
            "id": f"arende-{label(desk, 7)}",
            "channel": "e-tjänst",
            "created_at": ledger.ages.before(slot, desk.dice).iso(),
            "closed_at": slot.iso() or None,
            "status": "avslutat" if slot.iso() else "öppet",
            "sender": shown(slot, name),
            "e_post": shown(slot, email),
            "text": text.text,
        }
        kept = {f"/{name}": str(row[name]) for name in ("channel", "created_at", "status")}
        planted = [("sender", name), ("/e_post", email), *bodies(text)]
        sheet.add(row, slot, key=str(row["id"]), planted=planted, statistics=kept)
        if slot.state == "held":
            ledger.hold("audit", "Granskning pågår", case=str(row["id"]))
    ledger.write(sheet.file, jsonl(sheet.rows))
