"""Web pages of mail: entities, links, numbers cut by markup and addresses hidden from robots."""

import html

from archive import Desk, Output
from clock import Clock
from identity import Value
from scribe import Passage
from values import FORMS

MESSAGE = 600  # bytes of a message on average, for the clock
NAMED = {
    "å": "&aring;",
    "ä": "&auml;",
    "ö": "&ouml;",
    "Å": "&Aring;",
    "Ä": "&Auml;",
    "Ö": "&Ouml;",
    "é": "&eacute;",
}
ESCAPES: tuple[dict[int, str], ...] = (
    {},
    str.maketrans(NAMED),
    str.maketrans({char: f"&#{ord(char)};" for char in NAMED}),
)
HEAD = """\
<!DOCTYPE html>
<html lang="sv">
<head>
<meta charset="{}">
<title>Inkorg {}</title>
<style>p {{ max-width: 60em }}</style>
</head>
<body>
"""
FOOT = """\
<script>var changed = "{0:%Y-%m-%d}";</script>
<footer>Senast ändrad {0:%Y-%m-%d %H:%M}</footer>
</body>
</html>
"""
ARTICLE = """\
<article>
<h2>{}</h2>
<time datetime="{:%Y-%m-%dT%H:%M}">{:%Y-%m-%d %H:%M}</time>
<p>{}</p>
{}</article>
"""


def write_page(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write an inbox that was saved as a page."""
    dice, scribe = desk.dice, desk.scribe
    clock = Clock(dice, export, budget // MESSAGE)
    charset = dice.pick(("utf-8", "utf-8", "iso-8859-1", "windows-1252"))
    escapes = dice.pick(ESCAPES)
    out.write(HEAD.format(charset, export).encode(charset))
    while out.size < budget:
        language = scribe.language()
        name, moment = scribe.name(language), clock.tick()
        said = (
            scribe.sentences(language, dice.between(2, 6), ordinary=False)
            + " "
            + scribe.answer(language)
        )
        text = said.fit(charset)
        passage = Passage(html.escape(text.text, quote=False).translate(escapes), text.values)
        extra = dice.pick(EXTRAS)(desk) if dice.chance(0.25) else Passage("")
        out.plant((name, *passage.values))
        out.plant(extra.values)
        heading = html.escape(name.text).translate(escapes)
        article = ARTICLE.format(heading, moment, moment, passage.text, extra.text)
        out.write(article.encode(charset))
    out.write(FOOT.format(clock.tick()).encode(charset))


def mail_link(desk: Desk) -> Passage:
    """Return a link that holds an address in its target and in its text."""
    email = FORMS["email-plain"](desk.dice)
    return Passage(
        f'<p>E-post: <a href="mailto:{email.text}">{email.text}</a></p>\n', (email, email)
    )


def phone_link(desk: Desk) -> Passage:
    """Return a link that dials one number and shows it in another form."""
    end = f"{desk.dice.between(5, 99):02}"
    called, shown = (
        Value("phone", f"+467017406{end}"),
        Value("phone", f"070-174 06 {end}", "medium"),
    )
    return Passage(
        f'<p>Telefon: <a href="tel:{called.text}">{shown.text}</a></p>\n', (called, shown)
    )


def hidden_address(desk: Desk) -> Passage:
    """Return an address as Cloudflare hides it: each byte XOR the first, in hexadecimal."""
    plain = FORMS["email-plain"](desk.dice).text
    key = desk.dice.between(1, 255)
    code = bytes([key, *(byte ^ key for byte in plain.encode())]).hex()
    place = f'class="__cf_email__" data-cfemail="{code}"'
    link = f'<a href="/cdn-cgi/l/email-protection" {place}>[email&#160;protected]</a>'
    text = f"<p>Kontakt: {link}</p>\n"
    return Passage(text, (Value("email", plain, attributes={"obfuscated": True}),))


def cut_number(desk: Desk) -> Passage:
    """Return a number that markup cuts in two."""
    number = FORMS["se-10"](desk.dice)
    text = f"<p>Personnummer: <b>{number.text[:6]}</b>{number.text[6:]}</p>\n"
    return Passage(text, (number,))


def wide_number(desk: Desk) -> Passage:
    """Return a number whose groups a no-break space holds together."""
    end = f"{desk.dice.between(5, 99):02}"
    text = f"<p>Telefon: 070-174&nbsp;06&nbsp;{end}</p>\n"
    return Passage(text, (Value("phone", f"070-174\N{NO-BREAK SPACE}06\N{NO-BREAK SPACE}{end}"),))


def comment(desk: Desk) -> Passage:
    """Return a remark that no reader of the page sees."""
    email = FORMS["email-plain"](desk.dice)
    return Passage(f"<!-- vidarebefordrat till {email.text} -->\n", (email,))


EXTRAS = (mail_link, phone_link, hidden_address, cut_number, wide_number, comment)
