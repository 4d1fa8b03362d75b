"""Mail: mailboxes and single messages in the charsets and encodings that are met in practice."""

import base64
import binascii
import datetime as dt
import html
import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from archive import Desk, Output
from chat import label
from clock import MONTH_NAMES, Clock, asctime, rfc5322
from containers import Zip
from identity import Value
from scribe import Language, Passage
from tables import write_attachment
from values import FORMS

LETTER = 2400  # bytes of a mail on average, for the clock
FROM_LINE = re.compile(rb"(?m)^(>*From )")
OFFICES = ("registrator", "info", "kirjaamo", "kundtjanst")
PARTS = (
    ("utf-8", "8bit"),
    ("utf-8", "quoted-printable"),
    ("utf-8", "quoted-printable"),
    ("iso-8859-1", "quoted-printable"),
    ("windows-1252", "quoted-printable"),
    ("windows-1252", "8bit"),
    ("iso-8859-1", "8bit"),
    ("utf-8", "base64"),
)
SENT = {
    "sv": "Från: {} <{}>\nSkickat: den {} {} {} {}\nTill: {}\nÄmne: {}\n",
    "fi": "Lähettäjä: {} <{}>\nLähetetty: {}. {} {} {}\nVastaanottaja: {}\nAihe: {}\n",
    "en": "From: {} <{}>\nSent: {} {} {} {}\nTo: {}\nSubject: {}\n",
}


def write_mbox(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write a mailbox (mboxrd: a line of a message that begins with `From ` is quoted)."""
    clock, record = Clock(desk.dice, export, budget // LETTER), 0
    while out.size < budget:
        moment = clock.tick()
        message = FROM_LINE.sub(rb">\1", mail(desk, out, moment, record))
        out.write(f"From - {asctime(moment)}\n".encode() + message + b"\n")
        record += 1


def write_eml(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write one message with the line ends of the network."""
    moment = Clock(desk.dice, export, budget // LETTER).tick()
    out.write(mail(desk, out, moment, None).replace(b"\n", b"\r\n"))


def mail(desk: Desk, out: Output, moment: dt.datetime, record: int | None) -> bytes:
    """Return one message and note what is in it."""
    dice, scribe = desk.dice, desk.scribe
    language = scribe.language()
    sender, relay = FORMS["email-plain"](dice), FORMS["ip-v4"](dice)
    office, name = office_address(desk), scribe.name(language, said=True)
    subject = Passage(dice.pick(language.subject))
    if dice.chance(0.06):
        number = FORMS["se-10"](dice)
        subject += Passage(
            f" {number.text}", (Value(number.detector, number.text, "medium", number.attributes),)
        )
    out.plant((relay,), "meta", record)
    out.plant((name, sender), "sender", record)
    out.plant((office,), "recipient", record)
    out.plant(subject.values, "subject", record)
    head = (
        f"Received: from [{relay.text}] (helo=mail.example.org)\n"
        f"\tby mx.norrvik.example with esmtps id {label(desk, 9)};\n"
        f"\t{rfc5322(moment)}\n"
        f"From: {words(name.text)} <{sender.text}>\n"
        f"To: {office.text}\n"
        f"Subject: {words(subject.text)}\n"
        f"Date: {rfc5322(moment)}\n"
        f"Message-ID: <{label(desk, 16)}@mx>\n"
        "MIME-Version: 1.0\n"
    )
    letter = scribe.letter(language, dice.between(1, 4))
    if dice.chance(0.4):
        letter += scribe.switchboard(language)
    if dice.chance(0.25):
        letter += quoted(desk, language, moment, subject.text)
    shape = dice.roll()
    if shape < 0.2:  # noqa: PLR2004
        return head.encode() + alternative(desk, out, letter, record)
    if shape < 0.32:  # noqa: PLR2004
        return head.encode() + mixed(desk, out, letter, record)
    return head.encode() + text_part(desk, out, letter, record)


def office_address(desk: Desk) -> Value:
    """Return the address of an office of the municipality."""
    return Value(
        "email", f"{desk.dice.pick(OFFICES)}@norrvik.example", attributes={"role_mailbox": True}
    )


def words(text: str) -> str:
    """Return a header value, in words of RFC 2047 when it is not plain ASCII."""
    if text.isascii():
        return text
    pieces = [text[start : start + 20] for start in range(0, len(text), 20)]
    return "\n ".join(
        f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces
    )


def quoted(desk: Desk, language: Language, moment: dt.datetime, subject: str) -> Passage:
    """Return the mail that is answered, as Outlook puts it below."""
    dice, scribe = desk.dice, desk.scribe
    earlier = moment - dt.timedelta(hours=dice.between(2, 200))
    sender, office = FORMS["email-plain"](dice), office_address(desk)
    name = scribe.name(language)
    month = MONTH_NAMES[language.code][earlier.month - 1]
    plain = re.sub(r" \d{6}-\d{4}$", "", subject)
    head = SENT[language.code].format(
        name.text,
        sender.text,
        earlier.day,
        month,
        earlier.year,
        f"{earlier:%H:%M}",
        office.text,
        plain,
    )
    return Passage("\n" + head + "\n", (name, sender, office)) + scribe.letter(language, 1)


def encoded(text: str, charset: str, encoding: str) -> bytes:
    """Return the headers and the body of one text part."""
    data = text.encode(charset)
    if encoding == "quoted-printable":
        body = binascii.b2a_qp(data, istext=True)
    elif encoding == "base64":
        body = base64.encodebytes(data)
    else:
        body = data
    kind = "html" if text.startswith("<") else "plain"
    head = (
        f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + body


def text_part(desk: Desk, out: Output, letter: Passage, record: int | None) -> bytes:
    """Return the letter as one part."""
    charset, encoding = desk.dice.pick(PARTS)
    passage = letter.fit(charset)
    out.plant(passage.values, "body", record)
    return encoded(passage.text, charset, encoding)


def html_part(desk: Desk, out: Output, letter: Passage, record: int | None) -> bytes:
    """Return the letter as a page."""
    charset, encoding = desk.dice.pick(PARTS)
    passage = letter.fit(charset)
    out.plant(passage.values, "body", record)
    paragraphs = html.escape(passage.text.strip(), quote=False).split("\n\n")
    body = "\n".join("<p>" + paragraph.replace("\n", "<br>\n") + "</p>" for paragraph in paragraphs)
    return encoded(f"<html>\n<body>\n{body}\n</body>\n</html>\n", charset, encoding)


def parts(desk: Desk, kind: str, bodies: list[bytes]) -> bytes:
    """Return the headers and the body of a message of several parts."""
    boundary = f"----=_{label(desk, 12)}"
    lines = [f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()]
    for body in bodies:
        end = b"" if body.endswith(b"\n") else b"\n"
        lines.append(f"--{boundary}\n".encode() + body + end)
    return b"".join(lines) + f"--{boundary}--\n".encode()


def alternative(desk: Desk, out: Output, letter: Passage, record: int | None) -> bytes:
    """Return the letter twice: as text and as a page."""
    bodies = [text_part(desk, out, letter, record), html_part(desk, out, letter, record)]
    return parts(desk, "alternative", bodies)


def mixed(desk: Desk, out: Output, letter: Passage, record: int | None) -> bytes:
    """Return the letter with a file attached."""
    name, kind, write = desk.dice.pick(ATTACHMENTS)
    stream = BytesIO()
    if write:
        write(desk, out.inner(name, stream, record))
    else:  # plain text is a part of the mail, attached or not
        attach_text(desk, Output(out.name, stream, out.truth), record)
    head = (
        f"Content-Type: {kind}\n"
        "Content-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="{name}"\n\n'
    )
    attachment = head.encode() + base64.encodebytes(stream.getvalue())
    return parts(desk, "mixed", [text_part(desk, out, letter, record), attachment])


def attach_table(desk: Desk, out: Output) -> None:
    """Write a table of people who have signed up for something."""
    write_attachment(desk, out, 6)


def attach_text(desk: Desk, out: Output, record: int | None = None) -> None:
    """Write a letter in a file of its own."""
    letter = desk.scribe.letter(desk.scribe.language(), 2)
    out.plant(letter.values, "body", record)
    out.write(letter.text.encode())


def attach_zip(desk: Desk, out: Output) -> None:
    """Write a zip file with a letter and a table; stored, so that any zlib gives these bytes."""
    file = Zip(out, zipfile.ZIP_STORED)
    file.add("brev.txt", lambda entry: attach_text(desk, entry))
    file.add("lista.csv", lambda entry: attach_table(desk, entry))
    file.close()


ATTACHMENTS: tuple[tuple[str, str, Callable[[Desk, Output], None] | None], ...] = (
    ("lista.csv", "text/csv", attach_table),
    ("brev.txt", "text/plain; charset=utf-8", None),
    ("bilagor.zip", "application/zip", attach_zip),
)
