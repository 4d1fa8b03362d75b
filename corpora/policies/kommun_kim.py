"""A chatbot: numbers and what is sensitive go at once, the log after 21 days, statistics stay.

What is left of an erased message is when it came, on what and with what it was written.
"""

from archive import Desk
from chat import label

from policies.ages import Mix
from policies.files import jsonl
from policies.ledger import Ledger, Row, Sheet
from policies.pen import Pen, bodies
from policies.pen import label as blank

KEPT_FOR = "P21D"
KINDS = ("phone", "long-number", "se-personnummer", "health")
PLATFORMS = ("dator", "surfplatta", "mobiltelefon")
BROWSERS = ("Chrome 124.0", "Firefox 131.0", "Safari 17.4", "Edge 125.0")
BOT = "Kommun Kim"
SAYINGS = (
    ("sexual-orientation", "Som {} undrar jag om kommunen ordnar någon mötesplats.",
     ("lesbisk", "bög")),
    ("political-opinion", "Jag är medlem i {} och vill hyra en lokal av er.",
     ("Vänsterpartiet", "Centerpartiet")),
    ("political-opinion", "{} men hittar inte vallokalen på er karta.",
     ("Jag röstar på Socialdemokraterna", "Jag röstar på Miljöpartiet")),
    ("gender", "{} undrar vilka tider som gäller i simhallen.",
     ("Jag är kvinna och",)),
    ("gender", "{} känner mig otrygg vid den mörka gångvägen.",
     ("Jag är en man och",)),
)  # fmt: skip
THEMES = (  # of nobody in particular; they go all the same
    ("health", "Var hittar jag information om {} på er webbplats?", ("cancer", "diabetes")),
    ("sexual-orientation", "Finns det någon broschyr om {} hos er?",
     ("homosexualitet", "bisexualitet")),
    ("political-opinion", "Finns det information om {} på er webbplats?",
     ("Centerpartiet", "Vänsterpartiet")),
)  # fmt: skip


def write(ledger: Ledger, desk: Desk) -> None:
    """Write the log of each season; the last one holds most of what is still there."""
    pen = Pen(desk, desk.scribe.languages["sv"], KINDS)
    for detector, text, words in SAYINGS:
        pen.add(detector, text, words)
    for detector, text, words in THEMES:
        pen.add(detector, text, words, reading="topical")
    log(ledger, desk, pen, "chatt/logg-2026-1.jsonl", Mix(due=0, overdue=8, done=40))
    mix = Mix(due=44, overdue=16, done=30, held=3, undetermined=4)
    log(ledger, desk, pen, "chatt/logg-2026-2.jsonl", mix)


def log(ledger: Ledger, desk: Desk, pen: Pen, file: str, mix: Mix) -> None:
    """Write a log: a line for each question and one for its answer."""
    sheet = Sheet[Row](ledger, file, "chatt")
    kinds = list(pen.sentences)
    for number, slot in enumerate(ledger.ages.slots(desk.dice, mix, KEPT_FOR)):
        statistics = {
            "sent": slot.iso() or None,
            "platform": desk.dice.pick(PLATFORMS),
            "browser": desk.dice.pick(BROWSERS),
        }
        kept = {f"/{name}": value for name, value in statistics.items() if value}
        if slot.state == "done":
            gone: Row = {"conversation": "", "sender": "", "ip": "", "text": ""}
            sheet.add(statistics | gone, slot, key="", statistics=kept, is_empty=True)
            continue
        # Every other question says something that it may not, where anything is broken at all.
        said = [kinds[number // 2 % len(kinds)]] if number % 2 and slot.moment else []
        is_broken = not ledger.ages.is_kept or slot.state == "held"
        text = pen.body(said, personal=is_broken)
        ip = pen.value("ip-v4" if number % 4 else "ip-v6")
        in_clear = is_broken and number % 3 == 0 and slot.moment is not None
        key = f"samtal-{label(desk, 8)}"
        row: Row = {
            "conversation": key,
            "sender": "Besökare",
            "ip": ip.text if in_clear else blank("ip-address"),
            "text": text.text,
        }
        planted = [*bodies(text), *([("/ip", ip)] if in_clear else [])]
        sheet.add(statistics | row, slot, key=key, planted=planted, statistics=kept)
        answer: Row = {"conversation": key, "sender": BOT, "text": pen.answer()}
        is_held = slot.state == "held"
        sheet.add(statistics | answer, slot, key=key, statistics=kept, is_held=is_held)
        if is_held:
            ledger.hold("restriction", "Begränsning på begäran", case=key)
    ledger.write(file, jsonl(sheet.rows))
