"""Reasons of checks and of disposals in the language of a report.

Other rooms give their reasons in piiscan's own language, English, joined by semicolons. Those of a
known form are translated; any other is shown as it is, and marked as English.
"""

import re

from piiscan.reports.names import N_
from piiscan.reports.words import Words

__all__ = ["REASONS", "reason_parts"]

COUNT = r"(?P<count>[\d,]+)"
REASONS = (
    (
        rf"{COUNT} messages? ha(?:s|ve) no plausible time",
        N_("messages without a plausible time: %(count)s"),
    ),
    (rf"{COUNT} messages? on hold", N_("messages on hold: %(count)s")),
    (
        rf"{COUNT} findings? of low confidence not counted",
        N_("findings of low confidence, not counted: %(count)s"),
    ),
    (
        rf"{COUNT} findings? accepted by the allow file",
        N_("findings accepted by the allow file, not counted: %(count)s"),
    ),
    (r"no message of this channel is there", N_("no message of this channel is there")),
    (
        r"no message of this channel is there, so nothing shows what was kept",
        N_("no message of this channel is there, so nothing shows what was kept"),
    ),
    (
        r"no archive shows this: a person has to confirm it",
        N_("no archive shows this: a person has to confirm it"),
    ),
    (
        rf"{COUNT} messages? without the fields that were to stay",
        N_("messages without the fields that were to stay: %(count)s"),
    ),
    (r"no message has a field (?P<fields>.+)", N_("no message has a field %(fields)s")),
    (
        r"a store does not tell whether (?P<fields>.+) is there",
        N_("the store does not tell whether %(fields)s is there"),
    ),
    (
        r"not read as a whole: (?P<loc>.+) \((?P<status>\w+)\) and (?P<count>[\d,]+) more",
        N_("not read as a whole: %(loc)s (%(status)s), and %(count)s more"),
    ),
    (
        r"not read as a whole: (?P<loc>.+) \((?P<status>\w+)\)",
        N_("not read as a whole: %(loc)s (%(status)s)"),
    ),
    (r"the sweep was interrupted", N_("the sweep was interrupted")),
    (
        rf"{COUNT} objects? (?:was|were) read with other detectors or options",
        N_("objects read with other detectors or options: %(count)s"),
    ),
    (r"not looked for: (?P<names>.+)", N_("not looked for: %(names)s")),
    (
        r"swept with (?P<option>\w+) (?P<had>.+), the policy says (?P<wanted>.+)",
        N_("swept with %(option)s %(had)s, but the policy says %(wanted)s"),
    ),
    (
        r"nothing stands in clear, but that the key is destroyed is not recorded",
        N_("nothing stands in clear, but it is not recorded that the key is destroyed"),
    ),
    (
        r"nothing stands in clear, but a key was made after the last one was destroyed",
        N_("nothing stands in clear, but a key was made after the last one was destroyed"),
    ),
    (
        r"nothing stands in clear, but the audit log, which should tell of the key, is damaged",
        N_("nothing stands in clear, but the audit log, which should tell of the key, is damaged"),
    ),
    (
        r"clock `(?P<clock>\w+)` has no known time",
        N_("the time for the clock %(clock)s is not known"),
    ),
    (r"the file is not as it was swept", N_("the file is not as it was swept")),
    (r"it changed while the plan was carried out", N_("it changed while the plan was carried out")),
    (
        r"a recording with no file beside it that could have its time",
        N_("a recording with no file beside it that could have its time"),
    ),
    (
        r"a recording, and no file beside it has a known time",
        N_("a recording, and no file beside it has a known time"),
    ),
    (r"a recording inside a container", N_("a recording inside a container")),
    (
        rf"changed files were read and scanned again before they took place: {COUNT}",
        N_("changed files, read and scanned again before they took their place: %(count)s"),
    ),
    (rf"files are gone: {COUNT}", N_("files that are gone: %(count)s")),
    (
        rf"nobody knows the time of {COUNT} recordings?",
        N_("recordings whose time nobody knows: %(count)s"),
    ),
    (rf"{COUNT} recordings? overdue", N_("recordings overdue: %(count)s")),
    (rf"{COUNT} recordings? on hold", N_("recordings on hold: %(count)s")),
    (
        r"has other names, which lead to what it was",
        N_("the file has other names, which lead to what it was"),
    ),
)
_KNOWN = [(re.compile(pattern), message) for pattern, message in REASONS]


def reason_parts(words: Words, reason: str) -> list[tuple[str, bool]]:
    """Return the parts of a reason, and for each whether it is in the language of the report.

    Args:
        words: Of the report.
        reason: As a check gives it.

    """
    return [_translated(words, part) for part in reason.split("; ") if part]


def _translated(words: Words, part: str) -> tuple[str, bool]:
    for pattern, message in _KNOWN:
        if found := pattern.fullmatch(part):
            return words.text(message, **found.groupdict()), True
    return part, words.locale == "en"
