"""Chat exports: a line a message, Slack, Telegram and WhatsApp."""

import json
from dataclasses import replace

from archive import Desk, Output
from clock import Clock
from containers import Zip
from identity import Value
from scribe import Language, Passage
from values import FORMS

LINE = 420  # bytes of a message on average, for the clock
LETTERS = "bcdfghjklmnpqrstvwxz"
ESCAPED_SHARE = 0.3  # of all lines: exporters that write \uXXXX
ESCAPED = json.JSONEncoder().encode
PLAIN = json.JSONEncoder(ensure_ascii=False).encode
ENTRY_MAX = 400_000  # bytes of one day of a channel
EMOJI = ("", "", "", "", "", "", "", " 😊", " 👍", " 🙏🏽")
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/124.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {IPHONE}",
    f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/125.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
)


def label(desk: Desk, length: int) -> str:
    """Return an id without digits."""
    return "".join(desk.dice.pick(LETTERS) for _ in range(length))


def turn(desk: Desk, language: Language) -> Passage:
    """Return one chat message of a visitor."""
    passage = desk.scribe.sentences(language, desk.dice.between(1, 5))
    return passage + desk.dice.pick(EMOJI)


def write_jsonl(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write the export of a chat service: one message a line."""
    dice, scribe = desk.dice, desk.scribe
    clock, record = Clock(dice, export, budget // LINE), 0
    while out.size < budget:
        language = scribe.language()
        conversation, agent = f"c-{label(desk, 6)}", dice.pick(AGENTS)
        visitor, clerk = scribe.name(language, said=True), scribe.name(language, said=True)
        address = FORMS["ip-v4" if dice.chance(0.8) else "ip-v6"](dice)
        for place in range(dice.between(2, 9)):
            asks = place % 2 == 0
            passage = turn(desk, language) if asks else scribe.answer(language)
            line = {
                "id": f"msg_{export:02}{record:08}",
                "conversation": conversation,
                "sent": clock.tick().isoformat(),
                "sender": (visitor if asks else clerk).text,
                "role": "visitor" if asks else "agent",
                "text": passage.text,
                "ip": address.text if asks else None,
                "user_agent": agent if asks else None,
            }
            text = (ESCAPED if dice.chance(ESCAPED_SHARE) else PLAIN)(line)
            out.plant((visitor if asks else clerk,), "sender", record)
            out.plant(passage.values, "body", record)
            if asks:
                out.plant((address,), "meta", record)
            out.write(text.encode() + b"\n")
            record += 1


def write_slack(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write the zip file that a Slack workspace exports."""
    dice, scribe = desk.dice, desk.scribe
    zip_file = Zip(out)
    people = [
        (f"U0{label(desk, 6).upper()}", scribe.name(scribe.language(), said=True)) for _ in range(6)
    ]

    def users(entry: Output) -> None:
        rows = []
        for record, (user, name) in enumerate(people):
            email, phone = FORMS["email-plain"](dice), FORMS["phone-se-e164"](dice)
            profile = {"real_name": name.text, "email": email.text, "phone": phone.text}
            entry.plant((name, email, replace(phone, confidence="medium")), "meta", record)
            rows.append({"id": user, "name": name.text.split()[0].lower(), "profile": profile})
        entry.write(slack_json(rows))

    zip_file.add("users.json", users)
    channels = ("kundtjanst", "felanmalan", "asiakaspalvelu")
    listing = [{"id": f"C0{label(desk, 6).upper()}", "name": name} for name in channels]
    zip_file.add("channels.json", lambda entry: entry.write(slack_json(listing)))
    clock = Clock(dice, export, budget // 60)  # the file is compressed
    while out.size < budget:
        for channel in channels:

            def day(entry: Output) -> None:
                rows: list[dict[str, str]] = []
                size = 0
                while size < min(budget, ENTRY_MAX):
                    user, _ = dice.pick(people)
                    passage = linked(turn(desk, scribe.language()))
                    moment = clock.tick().timestamp()
                    ts = f"{moment:.0f}.{dice.below(10**6):06}"
                    entry.plant(passage.values, "body", len(rows))
                    entry.plant((unix_time(ts.partition(".")[0]),), "time", len(rows))
                    rows.append({"type": "message", "user": user, "text": passage.text, "ts": ts})
                    size += len(passage.text) + 100
                entry.write(slack_json(rows))

            zip_file.add(f"{channel}/{clock.now:%Y-%m-%d}.json", day)
        clock.sleep()
    zip_file.close()


def unix_time(seconds: str) -> Value:
    """Return a number of the exporting system: to report it is neither right nor wrong."""
    return Value("long-number", seconds, duty="optional")


def slack_json(rows: object) -> bytes:
    """Return JSON as PHP writes it: slashes and everything beyond ASCII are escaped."""
    return json.dumps(rows, indent=4).replace("/", "\\/").encode()


def linked(passage: Passage) -> Passage:
    """Return the passage with addresses as links, which hold them twice."""
    text, values = passage.text, []
    for value in passage.values:
        values.append(value)
        if value.detector == "email" and not value.attributes.get("obfuscated"):
            text = text.replace(value.text, f"<mailto:{value.text}|{value.text}>", 1)
            values.append(value)
    return Passage(text, tuple(values))


def write_telegram(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write the result.json of a Telegram chat: texts are strings or arrays of pieces."""
    dice, scribe = desk.dice, desk.scribe
    clock, record = Clock(dice, export, budget // LINE), 0
    head = {"name": "Norrvik felanmälan", "type": "private_group", "id": 482913}
    out.write(json.dumps(head, ensure_ascii=False, indent=1)[:-2].encode() + b',\n "messages": [\n')
    while out.size < budget:
        language, moment = scribe.language(), clock.tick()
        passage = turn(desk, language)
        unix, name = f"{moment.timestamp():.0f}", scribe.name(language, said=True)
        row = {
            "id": record + 1,
            "type": "message",
            "date": f"{moment:%Y-%m-%dT%H:%M:%S}",
            "date_unixtime": unix,
            "from": name.text,
            "from_id": f"user{dice.between(10**8, 10**9)}",
            "text": pieces(passage),
        }
        out.plant(passage.values, "body", record)
        out.plant((name,), "sender", record)
        out.plant((unix_time(unix),), "time", record)
        comma = ",\n" if record else ""
        out.write(f"{comma}{json.dumps(row, ensure_ascii=False, indent=1)}".encode())
        record += 1
    out.write(b"\n ]\n}\n")


def pieces(passage: Passage) -> str | list[str | dict[str, str]]:
    """Return the text as Telegram stores it: addresses and telephone numbers are pieces."""
    parts: list[str | dict[str, str]] = []
    rest = passage.text
    for value in passage.values:
        if value.detector in {"phone", "email"} and "obfuscated" not in value.attributes:
            before, _, rest = rest.partition(value.text)
            parts += [before, {"type": value.detector, "text": value.text}]
    return [*parts, rest] if parts else rest


def write_whatsapp(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write the `_chat.txt` of a group: some members are known by their number only."""
    dice, scribe = desk.dice, desk.scribe
    clock, record = Clock(dice, export, budget // LINE), 0
    names = [scribe.name(scribe.language(), said=True) for _ in range(6)]
    group = [Passage(name.text, (name,)) for name in names]
    for _ in range(2):
        value = Value("phone", f"+46 70 174 06 {dice.between(10, 99)}")
        group.append(Passage(value.text, (value,)))
    while out.size < budget:
        sender, passage = dice.pick(group), turn(desk, scribe.language())
        text = passage.text if passage.values else passage.text.replace(". ", ".\n", 1)
        out.plant(sender.values, "sender", record)
        out.plant(passage.values, "body", record)
        out.write(f"[{clock.tick():%Y-%m-%d, %H:%M:%S}] {sender.text}: {text}\n".encode())
        record += 1
