"""Tables: the exports of a ticket system, as Nordic spreadsheets write them."""

import codecs
from dataclasses import dataclass, replace

from archive import Desk, Output
from clock import Clock
from scribe import Passage
from values import FORMS

ROW = 330  # bytes of a row on average, for the clock


@dataclass(frozen=True, slots=True)
class Layout:
    """How one ticket system writes its tables."""

    language: str
    comma: str
    charset: str
    moment: str
    heading: tuple[str, ...]
    channels: tuple[str, ...]
    states: tuple[str, ...]
    forms: tuple[str, ...]


# fmt: off
SWEDISH = Layout(
    "sv", ";", "windows-1252", "%Y-%m-%d %H:%M",
    ("Nummer", "Skapad", "Stängd", "Kanal", "Status", "Namn", "E-post", "Telefon", "Personnummer",
     "Beskrivning", "Kommentar"),
    ("Webb", "Besök", "Brev"), ("Öppen", "Stängd", "Vilande"),
    ("email-plain", "phone-se-mobile", "se-12-bare"),
)
FINNISH = Layout(
    "fi", "\t", "utf-16-le", "%d.%m.%Y %H.%M",
    ("Numero", "Luotu", "Suljettu", "Kanava", "Tila", "Nimi", "Sähköposti", "Puhelin",
     "Henkilötunnus", "Kuvaus", "Kommentti"),
    ("Verkko", "Käynti", "Kirje"), ("Avoin", "Suljettu", "Odottaa"),
    ("email-plain", "phone-fi", "fi-hetu"),
)
# fmt: on
SHARES = (0.3, 0.2, 0.1)  # of all rows: how many have an address, a telephone, a number


def write_csv(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write tickets with semicolons in windows-1252, cells in quotation marks where needed."""
    write_table(desk, out, SWEDISH, budget, export)


def write_tsv(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write tickets with tabs in UTF-16, as a spreadsheet saves "Unicode text"."""
    out.write(codecs.BOM_UTF16_LE)
    write_table(desk, out, FINNISH, budget, export)


def write_table(desk: Desk, out: Output, layout: Layout, budget: int, export: int) -> None:
    """Write a heading and rows until the budget is spent."""
    clock, record = Clock(desk.dice, export, budget // ROW), 0
    out.write((layout.comma.join(layout.heading) + "\r\n").encode(layout.charset))
    while out.size < budget:
        cells = [cell.fit(layout.charset) for cell in ticket(desk, layout, clock, record)]
        for cell in cells:
            out.plant(cell.values, "body", record)
        row = layout.comma.join(quoted(cell.text, layout.comma) for cell in cells)
        out.write((row + "\r\n").encode(layout.charset))
        record += 1


def ticket(desk: Desk, layout: Layout, clock: Clock, record: int) -> list[Passage]:
    """Return the cells of one row."""
    dice, scribe = desk.dice, desk.scribe
    language, opened = scribe.languages[layout.language], clock.tick()
    closed = f"{opened:%Y-%m-%d}" if dice.chance(0.5) else ""
    contact = [
        filled(desk, form) if dice.chance(share) else Passage("")
        for form, share in zip(layout.forms, SHARES, strict=True)
    ]
    text, note = scribe.sentences(language, dice.between(1, 4)), Passage("")
    if dice.chance(0.3):
        first, second = scribe.answer(language), scribe.sentences(language, 1)
        note = first + "\n" + second if dice.chance(0.5) else first + ' "' + second + '"'
    plain = (
        f"A{record % 100000:05}",
        opened.strftime(layout.moment),
        closed,
        dice.pick(layout.channels),
        dice.pick(layout.states),
    )
    name = scribe.name(language, said=True)
    return [*map(Passage, plain), Passage(name.text, (name,)), *contact, text, note]


def write_attachment(desk: Desk, out: Output, rows: int) -> None:
    """Write a short list of people with commas, as a web form mails it."""
    scribe = desk.scribe
    out.write(b"Namn,E-post,Telefon\n")
    for record in range(rows):
        email, phone = filled(desk, "email-plain"), filled(desk, "phone-se-mobile")
        name = scribe.name(scribe.languages["sv"], said=True)
        out.plant((name, *email.values, *phone.values), "body", record)
        out.write(f"{name.text},{email.text},{phone.text}\n".encode())


def filled(desk: Desk, form: str) -> Passage:
    """Return a cell that holds one value and nothing else."""
    value = replace(FORMS[form](desk.dice), confidence="medium")
    return Passage(value.text, (value,))


def quoted(cell: str, comma: str) -> str:
    """Return the cell as it stands in the file."""
    if comma in cell or '"' in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
