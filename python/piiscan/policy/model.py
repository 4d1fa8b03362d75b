"""The form of a policy: what a controller has promised, in TOML, checked by msgspec.

Names, paths and periods only: a policy is data, nothing in it is executed. What a type cannot say
(that a detector exists, that a period parses) is checked in `checks`.
"""

from datetime import date as Date  # noqa: N812 - a field is called `date`
from typing import Literal, TypeAlias

import msgspec

__all__ = [
    "Action",
    "Channel",
    "Clock",
    "Decision",
    "DecisionKind",
    "HoldKind",
    "HoldRule",
    "Mask",
    "Match",
    "Notice",
    "Opaque",
    "Operator",
    "OperatorName",
    "Policy",
    "PolicyLocale",
    "Promise",
    "Reading",
    "Scan",
    "Scope",
]

Clock: TypeAlias = Literal["sent", "closed", "contact", "contract_end"]
Action: TypeAlias = Literal["anonymize", "erase", "encrypt", "keep", "never", "manual"]
Reading: TypeAlias = Literal["personal", "topical"]
Mask: TypeAlias = Literal["span", "sentence", "message"]
Opaque: TypeAlias = Literal["refuse", "drop", "keep"]
PolicyLocale: TypeAlias = Literal["en", "sv-SE", "sv-FI", "fi"]
HoldKind: TypeAlias = Literal["public-access", "legal-claim", "threat", "restriction", "audit"]
DecisionKind: TypeAlias = Literal[
    "gallringsbeslut", "informationsstyrningsplan", "legal-obligation", "working-copy"
]
OperatorName: TypeAlias = Literal[
    "keep", "drop", "label", "mask", "generalize", "shift_date", "pseudonymize", "encrypt"
]


class Notice(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the controller has published."""

    name: str
    title: str
    controller: str
    time_zone: str = "Europe/Stockholm"
    locale: PolicyLocale = "sv-SE"  # of labels and papers
    source: str = ""  # where the notice can be read


class Decision(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What allows originals to be changed; without a reference nothing is."""

    kind: DecisionKind = "gallringsbeslut"
    ref: str = ""
    body: str = ""
    date: Date | None = None
    expires: Date | None = None


class Scan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How the archive is scanned."""

    detectors: list[str] = msgspec.field(default_factory=lambda: ["*"])
    locales: list[str] = msgspec.field(default_factory=lambda: ["SE", "FI"])
    min_digits: int = 7
    strict: bool = False
    grouped: bool = True
    allow: str = ""  # file of accepted findings


class Match(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which messages: every given glob must fit."""

    path: str = "**"  # of the file below its root, with `/`
    profile: str = "*"
    format: str = "*"
    channel: str = "*"  # what the message says of its channel, else what its profile says


class Channel(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A way in which messages come. The first channel that matches a message is its channel."""

    name: str
    match: Match = msgspec.field(default_factory=Match)
    keep: list[str] = []  # roles and `/paths` of fields that are never changed: statistics
    declared: list[str] | None = None  # categories that the notice names; None for no statement
    grounds: dict[str, str] = {}  # special category -> legal ground


class Promise(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One sentence of the notice that the archive can be held against."""

    id: str
    clause: str  # in own words
    section: str = ""  # of the notice
    channel: str = "*"  # name of a channel, or a glob over them
    # globs over detectors and categories; a lone `*` leaves `gender` out
    find: list[str] = msgspec.field(default_factory=lambda: ["*"])
    spare: list[str] = []  # globs over those that `find` names and that stay all the same
    offices: bool = False  # also addresses and numbers of offices, such as info@
    readings: list[Reading] = msgspec.field(default_factory=lambda: ["personal"])
    # globs over roles, and over `/paths` of fields
    fields: list[str] = msgspec.field(default_factory=lambda: ["*"])
    clock: Clock = "sent"
    within: str = "P0D"  # calendar days, months or years in the time zone; P0D is at once
    action: Action


class Operator(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What comes in the place of a finding."""

    op: OperatorName
    label: str = ""  # of `label`; the type's name in the policy's language if empty
    domain: str = ""  # of `pseudonymize` and `shift_date`: tokens of two domains cannot be joined


class Scope(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a hold covers: every given part must fit."""

    path: str = ""  # a file below its root, or a glob over them
    channel: str = ""
    case: str = ""  # case id, Message-ID or other stable key of a message
    sender: str = ""


class HoldRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why something stays, whatever the promises say."""

    kind: HoldKind
    scope: Scope
    reason: str
    owner: str
    since: Date | None = None
    review: Date | None = None


class Policy(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A privacy notice as a machine can hold an archive against it."""

    notice: Notice
    decision: Decision = msgspec.field(default_factory=Decision)
    scan: Scan = msgspec.field(default_factory=Scan)
    channel: list[Channel] = []
    promise: list[Promise] = []
    operators: dict[str, Operator] = {}  # glob over detectors and categories; the first match wins
    hold: list[HoldRule] = []
    mask: Mask = "span"  # how much a sensitive word takes with it
    opaque: Opaque = "refuse"  # parts that cannot be read or rewritten
    limits: dict[str, int] = {}
    profiles: str = ""  # folder of further profiles
    register: dict[str, str | list[str]] = {}  # texts of the register description and of Art. 30
