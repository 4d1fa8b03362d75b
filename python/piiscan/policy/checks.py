"""What no type can say of a policy: that names exist, that periods parse, that parts agree."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from piiscan.policy.accepted import allow_problems
from piiscan.policy.form import Problem
from piiscan.policy.labels import CATEGORIES, LABELS, fits_everywhere
from piiscan.policy.matching import name_fits
from piiscan.policy.model import Channel, Match, Policy, Promise
from piiscan.policy.register import REGISTER

__all__ = ["PERIOD", "ROLES", "TIMELESS", "problems"]

ROLES = (
    "body", "subject", "sender", "recipient", "time", "closed", "channel", "attachment-name",
    "entry-name", "meta", "opaque",
)  # fmt: skip
TIMELESS = frozenset({"keep", "never", "manual"})  # actions without a clock

PERIOD = re.compile(r"P(?=[0-9])([0-9]{1,3}Y)?([0-9]{1,3}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?")

_NAMES = (*LABELS, *CATEGORIES)
_COUNTRY = re.compile(r"[A-Z]{2}")
_FEWEST, _MOST = 5, 30  # digits of a long number: fewer are years and prices


def problems(
    policy: Policy, document: Mapping[str, Any], folder: Path | None = None
) -> Iterator[Problem]:
    """Yield what is wrong in a policy of the right form.

    Args:
        policy: To check.
        document: What it was read from; says which keys were written.
        folder: What its relative paths count from; None if they cannot be followed.

    """
    yield from _files(policy, folder)
    yield from _zone(policy)
    yield from _decision(policy)
    yield from _scan(policy)
    names = [channel.name for channel in policy.channel]
    yield from _twice("channel", "name", names)
    yield from _twice("promise", "id", [promise.id for promise in policy.promise])
    for number, channel in enumerate(policy.channel):
        yield from _channel(f"$.channel[{number}]", channel, policy.channel[:number])
    written = document.get("promise", [])
    for number, promise in enumerate(policy.promise):
        keys = written[number] if number < len(written) else {}
        yield from _promise(f"$.promise[{number}]", promise, names, keys)
    yield from _operators(policy)
    yield from _holds(policy, names)
    for key in policy.register:
        if key not in REGISTER:
            yield Problem(f"$.register.{key}", f"unknown key `{key}`", _similar(key, REGISTER))


def _files(policy: Policy, folder: Path | None) -> Iterator[Problem]:
    named = {"$.profiles": policy.profiles, "$.scan.allow": policy.scan.allow}
    for at, name in named.items():
        if name and folder is not None and not (folder / name).exists():
            hint = "relative paths count from the policy's folder"
            yield Problem(at, f"`{name}` is not there", hint)
        elif name and folder is not None and at == "$.scan.allow":
            yield from allow_problems(folder / name)


def _zone(policy: Policy) -> Iterator[Problem]:
    name = policy.notice.time_zone
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        near = get_close_matches(name, available_timezones(), n=1)
        hint = f"did you mean `{near[0]}`?" if near else "such as Europe/Stockholm"
        yield Problem("$.notice.time_zone", f"no time zone is called `{name}`", hint)


def _decision(policy: Policy) -> Iterator[Problem]:
    made, end = policy.decision.date, policy.decision.expires
    if made and end and end < made:
        yield Problem("$.decision.expires", "the decision expires before its date")


def _scan(policy: Policy) -> Iterator[Problem]:
    scan = policy.scan
    yield from _known("$.scan.detectors", scan.detectors)
    for number, country in enumerate(scan.locales):
        if not _COUNTRY.fullmatch(country):
            hint = "two capital letters: SE, FI, NO, DK, IS"
            yield Problem(f"$.scan.locales[{number}]", f"no country is called `{country}`", hint)
    if not _FEWEST <= scan.min_digits <= _MOST:
        what = f"a long number has {_FEWEST} to {_MOST} digits or more, not {scan.min_digits}"
        yield Problem("$.scan.min_digits", what)


def _channel(at: str, channel: Channel, earlier: Sequence[Channel]) -> Iterator[Problem]:
    if not channel.name:
        yield Problem(f"{at}.name", "a channel needs a name")
    yield from _path_glob(f"{at}.match.path", channel.match.path)
    for other in earlier:
        if other.match in (channel.match, Match()):
            what = (
                f"channel `{channel.name}` is never reached: `{other.name}` takes all its messages"
            )
            yield Problem(f"{at}.match", what, "the first channel that matches counts")
            break
    yield from _fields(f"{at}.keep", channel.keep)
    yield from _known(f"{at}.declared", channel.declared or [])
    yield from _known(f"{at}.grounds", channel.grounds)


def _promise(
    at: str, promise: Promise, channels: Sequence[str], keys: Mapping[str, Any]
) -> Iterator[Problem]:
    for key in ("id", "clause"):
        if not getattr(promise, key):
            yield Problem(f"{at}.{key}", f"a promise needs `{key}`")
    if promise.channel != "*" and not any(name_fits(promise.channel, name) for name in channels):
        what = f"no channel is called `{promise.channel}`"
        yield Problem(f"{at}.channel", what, _similar(promise.channel, channels))
    yield from _sought(at, promise)
    if not PERIOD.fullmatch(promise.within):
        hint = "days, months or years: P30D, P3M, P1Y; P0D is at once"
        yield Problem(f"{at}.within", f"`{promise.within}` is no period", hint)
    if promise.action in TIMELESS:
        for key in ("clock", "within"):
            if key in keys:
                what = f"action `{promise.action}` has no `{key}`"
                yield Problem(f"{at}.{key}", what, f"leave `{key}` out")


def _sought(at: str, promise: Promise) -> Iterator[Problem]:
    yield from _known(f"{at}.find", promise.find)
    yield from _known(f"{at}.spare", promise.spare)
    yield from _fields(f"{at}.fields", promise.fields)
    for key in ("find", "fields"):
        if not getattr(promise, key):
            yield Problem(f"{at}.{key}", "nothing is looked for", f'all: {key} = ["*"]')
    if not promise.readings:
        yield Problem(f"{at}.readings", "no reading is left", "personal, topical or both")


def _operators(policy: Policy) -> Iterator[Problem]:
    for glob, operator in policy.operators.items():
        at = f"$.operators.{glob}" if re.fullmatch(r"[\w-]+", glob) else f'$.operators."{glob}"'
        yield from _known(at, [glob])
        if operator.label and operator.op != "label":
            yield Problem(f"{at}.label", f"operator `{operator.op}` writes no label")
        elif operator.label and not fits_everywhere(operator.label):
            what = "a label is a word of ASCII letters, in brackets if you like"
            yield Problem(f"{at}.label", what, "such as [nummer]; no digit, quote, comma or @")
        if operator.domain and operator.op not in {"pseudonymize", "shift_date"}:
            yield Problem(f"{at}.domain", f"operator `{operator.op}` has no domain")


def _holds(policy: Policy, channels: Sequence[str]) -> Iterator[Problem]:
    for number, hold in enumerate(policy.hold):
        at = f"$.hold[{number}]"
        scope = hold.scope
        if not (scope.path or scope.channel or scope.case or scope.sender):
            yield Problem(f"{at}.scope", "a hold says what it covers", 'all: { path = "**" }')
        if scope.channel and not any(name_fits(scope.channel, name) for name in channels):
            what = f"no channel is called `{scope.channel}`"
            yield Problem(f"{at}.scope.channel", what, _similar(scope.channel, channels))
        if scope.path:
            yield from _path_glob(f"{at}.scope.path", scope.path)
        for key in ("reason", "owner"):
            if not getattr(hold, key):
                yield Problem(f"{at}.{key}", f"a hold needs `{key}`")
        if hold.since and hold.review and hold.review < hold.since:
            yield Problem(f"{at}.review", "the review comes before the hold begins")


def _known(at: str, globs: Iterable[str]) -> Iterator[Problem]:
    """Yield the globs that no detector and no category fits."""
    for number, glob in enumerate(globs):
        if not any(name_fits(glob, name) for name in _NAMES):
            place = at if at.startswith("$.operators") else f"{at}[{number}]"
            what = f"no detector and no category is called `{glob}`"
            yield Problem(place, what, _similar(glob, _NAMES, other="piiscan detectors list"))


def _fields(at: str, globs: Iterable[str]) -> Iterator[Problem]:
    """Yield the globs that can mean no field."""
    for number, glob in enumerate(globs):
        if glob.startswith("/"):
            yield from _path_glob(f"{at}[{number}]", glob[1:])
        elif not any(name_fits(glob, role) for role in ROLES):
            hint = _similar(glob, ROLES, other=f"a column, header or key is written `/{glob}`")
            yield Problem(f"{at}[{number}]", f"no role of a field is called `{glob}`", hint)


def _path_glob(at: str, glob: str) -> Iterator[Problem]:
    if not glob or glob.startswith("/") or "\\" in glob:
        yield Problem(at, "no path below a root", "steps with `/` between, such as chat/**")
    elif any("**" in step and step != "**" for step in glob.split("/")):
        yield Problem(at, "`**` stands for whole steps of a path", "such as chat/** or **/*.eml")


def _twice(table: str, key: str, names: Sequence[str]) -> Iterator[Problem]:
    seen = Counter[str]()
    for number, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            yield Problem(f"$.{table}[{number}].{key}", f"{table} `{name}` is there twice")


def _similar(name: str, known: Iterable[str], *, other: str = "") -> str:
    known = list(known)
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return other or (f"known: {', '.join(known)}" if known else "the policy has no channels")
