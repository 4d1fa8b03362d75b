"""Access (Art. 15): letter, registers, a copy with others masked, what is withheld, decision.

The case officer fills in the legal ground of what is withheld and decides; nothing is sent.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from piiscan.policy import LoadedPolicy
from piiscan.retention.clocks import Period, find_zone, last_keep_day, local_day
from piiscan.rights.copying import CopiedField, Copy
from piiscan.rights.finding import NO_CHANNEL, channel_name
from piiscan.rights.paper import Block, Paper, render
from piiscan.rights.wording import Wording, wording

__all__ = ["Request", "due_day", "papers", "refusal", "text_of"]

ANSWER = Period.parse("P1M")  # Art. 12(3)
STATED = (
    "controller",
    "contact",
    "dpo",
    "purpose",
    "basis",
    "content",
    "sources",
    "recipients",
    "transfers",
    "retention",
    "automated",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a data subject asked for, and how they proved who they are."""

    right: str
    case: str
    received: date
    verified: str
    locale: str

    @property
    def due(self) -> date:
        """Last day for the answer."""
        return due_day(self.received)


def due_day(received: date) -> date:
    """Return the last day for an answer: one month after the request.

    Args:
        received: Day of the request.

    """
    return last_keep_day(received, ANSWER)


def papers(
    request: Request,
    copies: Sequence[Copy],
    *,
    policy: LoadedPolicy | None,
    incomplete: bool,
) -> dict[str, str]:
    """Return the files of an answer: name -> HTML.

    Args:
        request: What was asked.
        copies: The messages, others masked.
        policy: With the texts of the register and the channels.
        incomplete: Something could not be read.

    """
    words = wording(request.locale)
    made = {
        "letter.html": _letter(request, copies, words, policy, incomplete=incomplete),
        "registers.html": _registers(copies, words, policy),
        "messages.html": _copy(copies, words, policy),
        "withheld.html": _withheld(copies, words),
        "decision.html": _decision(request, words, policy),
    }
    return {name: render(paper, words, locale=request.locale) for name, paper in made.items()}


def refusal(request: Request, *, reason: str, decided: date, policy: LoadedPolicy | None) -> str:
    """Return the certificate that a refused person gets, as HTML.

    Args:
        request: What was asked.
        reason: Why it is refused.
        decided: When.
        policy: Names the controller.

    """
    words = wording(request.locale)
    right = words.say(f"right.{request.right}")
    paper = Paper(
        words.say("refusal.title"),
        [
            Block(
                paragraphs=[
                    words.say("decision.case", case=request.case or words.say("case.none")),
                    words.say(
                        "refusal.text",
                        controller=_controller(policy, words),
                        received=request.received,
                        right=right,
                        decided=decided,
                    ),
                    words.say("refusal.reason", reason=reason),
                    words.say("refusal.appeal"),
                ]
            )
        ],
        lines=[words.say("decision.sign")],
    )
    return render(paper, words, locale=request.locale)


def text_of(milliseconds: int | None, words: Wording, zone: ZoneInfo) -> str:
    """Return the day of an instant, or that it is unknown."""
    try:
        known = milliseconds is not None and words.show(local_day(milliseconds, zone))
    except OverflowError:
        known = ""
    return known or words.say("copy.unknown")


def _letter(
    request: Request,
    copies: Sequence[Copy],
    words: Wording,
    policy: LoadedPolicy | None,
    *,
    incomplete: bool,
) -> Paper:
    masked = sum(row.count for copy in copies for row in copy.withheld)
    found = (
        words.say(
            "letter.found",
            messages=len(copies),
            objects=len({(copy.message.root, copy.message.object) for copy in copies}),
            registers=len({_channel(copy, policy) for copy in copies}),
        )
        if copies
        else words.say("letter.nothing")
    )
    paragraphs = [
        words.say(
            "letter.intro",
            controller=_controller(policy, words),
            received=request.received,
            verified=request.verified,
        ),
        found,
        *([words.say("letter.masked", values=masked)] if masked else []),
        words.say("letter.searched"),
        *([words.say("letter.incomplete")] if incomplete else []),
        words.say("letter.due", due=request.due),
        words.say("letter.free"),
        words.say("letter.rights"),
        words.say("letter.files"),
    ]
    return Paper(words.say("letter.title"), [Block(paragraphs=paragraphs)])


def _registers(copies: Sequence[Copy], words: Wording, policy: LoadedPolicy | None) -> Paper:
    stated = dict(policy.policy.register) if policy else {}
    if policy:
        stated.setdefault("controller", policy.policy.notice.controller)
    rows = [(words.say(f"registers.{key}"), _joined(stated.get(key), words)) for key in STATED]
    title = str(stated.get("name") or (policy.policy.notice.title if policy else "")) or words.say(
        "registers.register"
    )
    by_channel: dict[str, list[Copy]] = {}
    for copy in copies:
        by_channel.setdefault(_channel(copy, policy), []).append(copy)
    table = [_register_row(name, mine, words, policy) for name, mine in sorted(by_channel.items())]
    head = ("register", "messages", "period", "found", "first", "last")
    intro = words.say("registers.intro", controller=_controller(policy, words))
    return Paper(
        words.say("registers.title"),
        [
            Block(heading=title, paragraphs=[intro], rows=rows),
            Block(
                heading=words.say("registers.register"),
                head=[words.say(f"registers.{key}") for key in head],
                rows=table,
            ),
        ],
    )


def _register_row(
    name: str, copies: Sequence[Copy], words: Wording, policy: LoadedPolicy | None
) -> tuple[str, ...]:
    channel, zone = None, _zone(policy)
    if policy:
        channel = next((one for one in policy.policy.channel if one.name == name), None)
    periods = {
        f"{_period(promise.within, words)} {words.say(f'clock.{promise.clock}')}"
        for promise in (policy.promises_of(channel) if policy and channel else ())
        if promise.within != "P0D"
    }
    kinds = Counter(
        found.category for copy in copies for one in copy.message.fields for found in one.findings
    )
    sent = [copy.message.sent for copy in copies if copy.message.sent is not None]
    return (
        words.say("registers.none") if name == NO_CHANNEL else name,
        str(len(copies)),
        "; ".join(sorted(periods)) or words.say("registers.unstated"),
        ", ".join(sorted(words.say(f"kind.{kind}") for kind in kinds)),
        text_of(min(sent, default=None), words, zone),
        text_of(max(sent, default=None), words, zone),
    )


def _copy(copies: Sequence[Copy], words: Wording, policy: LoadedPolicy | None) -> Paper:
    blocks = [Block(paragraphs=[words.say("copy.intro")])]
    for number, copy in enumerate(copies, start=1):
        facts = [
            (words.say("copy.place"), copy.message.place),
            (words.say("registers.register"), _channel(copy, policy)),
            (words.say("copy.sent"), text_of(copy.message.sent, words, _zone(policy))),
        ]
        if copy.message.attached:
            facts.append((words.say("copy.attached"), copy.message.attached))
        texts = [(_heading(one, words), one.text) for one in copy.fields]
        blocks.append(Block(heading=str(number), rows=facts, texts=texts))
    return Paper(words.say("copy.title"), blocks)


def _withheld(copies: Sequence[Copy], words: Wording) -> Paper:
    rows = [
        (
            row.place,
            words.say(f"role.{row.role}"),
            words.say(f"kind.{row.category}"),
            str(row.count),
            "",
        )
        for copy in copies
        for row in copy.withheld
    ]
    head = [words.say(f"withheld.{key}") for key in ("place", "field", "kind", "count", "ground")]
    text = words.say("withheld.intro") if rows else words.say("withheld.none")
    return Paper(words.say("withheld.title"), [Block(paragraphs=[text], head=head, rows=rows)])


def _decision(request: Request, words: Wording, policy: LoadedPolicy | None) -> Paper:
    controller = _controller(policy, words)
    paragraphs = [
        words.say("decision.case", case=request.case or words.say("case.none")),
        words.say("decision.text", controller=controller, received=request.received),
        words.say("decision.appeal"),
    ]
    return Paper(
        words.say("decision.title"),
        [Block(paragraphs=paragraphs)],
        lines=[words.say("decision.sign")],
    )


def _channel(copy: Copy, policy: LoadedPolicy | None) -> str:
    message = copy.message
    return channel_name(policy, message.paths, message.profile, message.format, message.channel)


def _period(text: str, words: Wording) -> str:
    period = Period.parse(text)
    years, months = divmod(period.months, 12)
    amounts = (("years", years), ("months", months), ("days", period.days))
    return ", ".join(words.say(f"period.{unit}", count=count) for unit, count in amounts if count)


def _heading(one: CopiedField, words: Wording) -> str:
    role = words.say(f"role.{one.role}")
    return f"{role} ({one.path})" if one.path else role


def _zone(policy: LoadedPolicy | None) -> ZoneInfo:
    return find_zone(policy.policy.notice.time_zone if policy else "UTC")


def _controller(policy: LoadedPolicy | None, words: Wording) -> str:
    return policy.policy.notice.controller if policy else words.say("registers.controller")


def _joined(stated: object, words: Wording) -> str:
    if isinstance(stated, list):
        return "; ".join(map(str, stated)) or words.say("registers.unstated")
    return str(stated or "") or words.say("registers.unstated")
