"""What is spoken and what machines note: transcripts, subtitles and logs."""

from dataclasses import replace

from archive import Desk, Output
from chat import AGENTS, label
from clock import Clock, access_log
from scribe import Passage
from values import FORMS

LINE = 140  # bytes of a line on average, for the clock
PATHS = (
    "/",
    "/bygga-och-bo",
    "/e-tjanster/felanmalan/steg-2",
    "/sok?q=bygglov",
    "/nyheter/2025/03/04/snorojning",
    "/static/app.js?v=10.4.0.2",
)
CLERK, CALLER = "Handläggare", "Inringare"


def write_transcript(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write calls as text: who speaks, then what is said."""
    dice, scribe = desk.dice, desk.scribe
    clock = Clock(dice, export, budget // (10 * LINE))
    while out.size < budget:
        language = scribe.language()
        moment = clock.tick()
        out.write(f"Samtal {moment:%Y-%m-%d %H:%M:%S}\nKö: kontaktcenter\n\n".encode())
        for _ in range(dice.between(4, 12)):
            answer, spoken = scribe.answer(language), scribe.sentences(language, dice.between(1, 4))
            out.plant(spoken.values)
            out.write(f"{CLERK}: {answer.text}\n{CALLER}: {spoken.text}\n".encode())
        out.write(b"\n")


def write_vtt(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write a recorded call as subtitles (WebVTT) with voices."""
    dice, scribe = desk.dice, desk.scribe
    language, seconds = scribe.language(), export % 7
    # To a reader that knows no subtitles a voice is nothing but text.
    caller, clerk = scribe.name(language), scribe.name(language)
    out.write(b"WEBVTT\n\nNOTE Inspelat i kontaktcentret\n")
    while out.size < budget:
        answer, spoken = scribe.answer(language), scribe.sentences(language, dice.between(1, 2))
        for name, passage in ((clerk, answer), (caller, spoken)):
            begin, seconds = seconds, seconds + dice.between(3, 9)
            out.plant((name,), "sender")
            out.plant(passage.values)
            cue = (
                f"\n{cue_time(begin)} --> {cue_time(seconds)}\n<v {name.text}>{passage.text}</v>\n"
            )
            out.write(cue.encode())


def cue_time(seconds: int) -> str:
    """Return a moment of a recording."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


def write_access_log(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write the log of a web server; every line begins with an address."""
    dice = desk.dice
    clock = Clock(dice, export, budget // LINE)
    while out.size < budget:
        address = FORMS["ip-v4" if dice.chance(0.8) else "ip-v6"](dice)
        out.plant((replace(address, confidence="medium"),))
        request, size = f"GET {dice.pick(PATHS)} HTTP/1.1", dice.between(10000, 99999)
        head = f"{address.text} - - [{access_log(clock.tick())}]"
        line = f'{head} "{request}" 200 {size} "-" "{dice.pick(AGENTS)}"\n'
        out.write(line.encode())


def write_service_log(desk: Desk, out: Output, budget: int, export: int = 0) -> None:
    """Write the log of a service: mostly nothing, at times the address of a user."""
    dice = desk.dice
    clock = Clock(dice, export, budget // LINE)
    while out.size < budget:
        stamp = f"{clock.tick():%Y-%m-%d %H:%M:%S},{dice.below(1000):03}"
        waiting, minutes = dice.below(40), dice.below(15)
        event = Passage(f"INFO  {waiting} i kö, väntetid {minutes} min, tråd {label(desk, 4)}")
        if dice.chance(0.1):
            email = FORMS["email-plain"](dice)
            event = Passage(
                f"WARN  inloggning misslyckades user={email.text} försök={dice.between(1, 5)}",
                (email,),
            )
        elif dice.chance(0.1):
            address = FORMS["ip-v4"](dice)
            event = Passage(f"DEBUG session {label(desk, 8)} ip={address.text} ok", (address,))
        out.plant(event.values)
        out.write(f"{stamp} {event.text}\n".encode())
