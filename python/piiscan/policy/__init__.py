"""Policies: what a controller has promised in its privacy notice, in a form that can be checked.

`load` gives a shipped policy by its name, or reads a file. A whole one, as a person writes it:

    [notice]                             # what the controller has published
    name = "example"
    title = "Personal data in our chat"
    controller = "The board"
    time_zone = "Europe/Stockholm"       # in which days begin and end
    locale = "sv-SE"                     # of labels and papers: en, sv-SE, sv-FI, fi

    [decision]                           # while `ref` is empty, no original is changed
    kind = "gallringsbeslut"             # informationsstyrningsplan, legal-obligation, ..
    ref = "Board 2026-03-02, section 4"
    body = "The board"
    date = 2026-03-02

    [scan]
    detectors = ["*", "gender"]          # as in `piiscan detectors list`; `*` leaves gender out
    locales = ["SE"]                     # countries whose numbers count without a word beside them
    min_digits = 7                       # of a long number

    [[channel]]                          # the first that matches a message is its channel
    name = "chat"
    match = { path = "**/chat/**" }      # also profile, format, channel
    keep = ["time", "/**/browser"]       # statistics: roles, and /paths of keys, columns, headers
    declared = ["person-name", "phone"]  # what the notice says is there

    [[promise]]
    id = "chat-30-days"
    clause = "Everything personal is gone from the chat after 30 days"
    section = "Chat"                     # of the notice
    channel = "chat"
    find = ["*"]                         # detectors and categories
    spare = ["case"]                     # but not these
    fields = ["*"]                       # roles and /paths
    readings = ["personal"]              # of sensitive words; topical: about nobody
    clock = "sent"                       # sent, closed, contact, contract_end
    within = "P30D"                      # days, months, years of the calendar; P0D is at once
    action = "anonymize"                 # or erase, encrypt; keep, never, manual have no clock

    [[promise]]
    id = "in-the-eu"
    clause = "Nothing leaves the EU"
    action = "manual"                    # no scan can tell

    [operators]                          # what comes in the place of a finding; the first that fits
    "ip-address" = { op = "generalize" }
    "email" = { op = "pseudonymize", domain = "chat" }
    "*" = { op = "label" }               # [namn], [telefon] ...; also drop, mask, encrypt, keep

    [[hold]]                             # beats every promise
    kind = "threat"                      # or public-access, legal-claim, restriction, audit
    scope = { channel = "chat", case = "2026-811" }  # also path, sender
    reason = "Reported to the police"
    owner = "Head of the contact center"
    review = 2027-01-31

    [register]                           # texts of the papers; `REGISTER` lists the keys
    purpose = "Answer questions"
    basis = "Task in the public interest"

Beside these, at the top: `mask` says how much a sensitive word takes with it (span, sentence,
message), `opaque` what happens to parts that cannot be read or rewritten (refuse, drop, keep),
`limits` raises limits of a sweep, `profiles` names a folder of further profiles. `allow`, under
`[scan]`, names the file of accepted findings: `accepted.py`.
"""

from piiscan.policy.loading import BUILTIN, LoadedPolicy, examine, load, parse, policy_text
from piiscan.policy.matching import (
    covers,
    field_fits,
    finds,
    name_fits,
    path_fits,
    place_fits,
    place_globs,
)
from piiscan.policy.model import (
    Channel,
    Decision,
    HoldRule,
    Match,
    Notice,
    Operator,
    Policy,
    Promise,
    Scan,
    Scope,
)
from piiscan.policy.register import REGISTER
from piiscan.policy.schema import json_schema

__all__ = [
    "BUILTIN",
    "REGISTER",
    "Channel",
    "Decision",
    "HoldRule",
    "LoadedPolicy",
    "Match",
    "Notice",
    "Operator",
    "Policy",
    "Promise",
    "Scan",
    "Scope",
    "covers",
    "examine",
    "field_fits",
    "finds",
    "json_schema",
    "load",
    "name_fits",
    "parse",
    "path_fits",
    "place_fits",
    "place_globs",
    "policy_text",
]
