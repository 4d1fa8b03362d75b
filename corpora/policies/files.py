"""Files of messages, each in the way that some system exports them."""

import binascii
import json
import re
import wave
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from clock import DAYS, MONTHS
from dice import Dice
from mail import FROM_LINE, words
from tables import quoted

from policies.ages import Slot

RATE = 8000  # samples a second, as on a telephone
ENCODE = json.JSONEncoder(ensure_ascii=False).encode
CHARSETS = (("utf-8", "8bit"), ("utf-8", "quoted-printable"), ("iso-8859-1", "quoted-printable"))


def jsonl(rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return one object a line; what is None is left out."""
    lines = [
        ENCODE({key: value for key, value in row.items() if value is not None}) for row in rows
    ]
    return "".join(line + "\n" for line in lines).encode()


def pretty(value: object) -> bytes:
    """Return JSON on many lines."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def mojibake(text: str) -> str:
    """Return text as Facebook writes it: each byte of its UTF-8 as a character."""
    return text.encode().decode("latin-1")


def table(heading: Sequence[str], rows: Iterable[Sequence[str]], charset: str = "utf-8") -> bytes:
    """Return a table with semicolons, as a Nordic spreadsheet saves it."""
    lines = [heading, *rows]
    text = "".join(";".join(quoted(cell, ";") for cell in line) + "\r\n" for line in lines)
    return text.encode(charset)


def mail_date(slot: Slot) -> str:
    """Return the line of a mail that tells when it was sent; empty if there is none."""
    if slot.moment:
        at = slot.moment
        day = f"{DAYS[at.weekday()]}, {at:%d} {MONTHS[at.month - 1]} {at:%Y %H:%M:%S %z}"
        return f"Date: {day}\n"
    if not slot.bad_time:
        return ""
    year, month, day, clock = re.split("[-TZ]", slot.bad_time)[:4]
    return f"Date: {day} {MONTHS[int(month) - 1]} {year} {clock} +0000\n"


def mail(dice: Dice, headers: Mapping[str, str], slot: Slot, text: str) -> bytes:
    """Return a mail of one part in a charset of chance; `headers` in their order."""
    charset, encoding = dice.pick(CHARSETS)
    head = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
    try:
        data = text.encode(charset)
    except UnicodeEncodeError:  # a dash that old charsets lack
        charset, data = "utf-8", text.encode()
    body = binascii.b2a_qp(data, istext=True) if encoding == "quoted-printable" else data
    kind = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n"
    return (head + mail_date(slot) + "MIME-Version: 1.0\n" + kind + "\n").encode() + body + b"\n"


def mailbox(mails: Iterable[bytes]) -> bytes:
    """Return mails in one file (mboxrd); the lines between them tell no time."""
    return b"".join(
        b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n" + FROM_LINE.sub(rb">\1", one) + b"\n"
        for one in mails
    )


def address(name: str, email: str) -> str:
    """Return who sends or gets a mail."""
    return f"{words(name)} <{email}>"


def subtitles(title: str, lines: Iterable[tuple[str, str]]) -> bytes:
    """Return a call as subtitles (WebVTT): a title beside the signature, then who says what."""
    text, seconds = f"WEBVTT {title}\n", 0
    for speaker, said in lines:
        begin, seconds = seconds, seconds + 3 + len(said) // 20
        times = " --> ".join(f"00:{at // 60:02}:{at % 60:02}.000" for at in (begin, seconds))
        text += f"\n{times}\n<v {speaker}>{said}</v>\n"
    return text.encode()


def sound(dice: Dice, samples: int = 80) -> bytes:
    """Return a recording of a moment of noise, too short to hear."""
    stream = BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(bytes(dice.between(126, 130) for _ in range(samples)))
    return stream.getvalue()
