"""The record of processing of Art. 30: what the policy declares beside what the archive holds.

A processing is a channel of the policy. Purposes, recipients, transfers and protection are the
controller's own texts; categories, amounts, places and ages are what a sweep found.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from piiscan.policy import Channel, LoadedPolicy
from piiscan.reports.names import CLOCKS, named
from piiscan.reports.observed import Observed, found_text, observe
from piiscan.reports.promised import day_of
from piiscan.reports.register import register_text
from piiscan.reports.source import Source, policy_facts, run_facts
from piiscan.reports.tables import Content, Sheet, Table
from piiscan.reports.words import Words
from piiscan.retention.clocks import find_zone, local_day
from piiscan.retention.measure import CLOCKED, Due

__all__ = ["build"]

SPECIAL = {"art9", "art10"}


def build(source: Source) -> Content:
    """Return the record of the processings of a policy."""
    store, words, policy = source.store, source.words, source.need_policy("ropa")
    totals = store.summary()
    seen = observe(store, policy)
    dues = _dues(source, policy)
    facts = run_facts(store, store.last_sweep(), totals)
    return Content(
        kind="ropa",
        title=words.text("Record of processing: %(title)s", title=policy.policy.notice.title),
        words=words,
        facts=facts
        | policy_facts(policy, source.need_now())
        | {
            "processings": len(policy.policy.channel),
            "overdue": sum(due.overdue for mine in dues.values() for due in mine),
            "uncovered": seen[""].messages,
        },
        tables={"processings": _processings(source, policy, seen, dues)},
        whole=totals.state == "complete",
    )


class _Processing(NamedTuple):
    """A channel, what was seen of it, how its promises stand, and the day of its oldest message."""

    channel: Channel
    seen: Observed
    dues: Sequence[Due]
    first: date | None


def _processings(
    source: Source,
    policy: LoadedPolicy,
    seen: Mapping[str, Observed],
    dues: Mapping[str, Sequence[Due]],
) -> Table:
    words, store = source.words, source.store
    zone = find_zone(policy.policy.notice.time_zone)
    today = local_day(source.need_now(), zone)
    _ = words.gettext

    def declared(key: str) -> str:
        return register_text(policy, key)

    def said(key: str, instead: str = "") -> Callable[[object], str]:
        """Return what says the same of every processing."""
        text = declared(key) or instead
        return lambda _one: text

    processings = [
        _Processing(channel, one, dues[channel.name], day_of(one.oldest, zone))
        for channel in policy.policy.channel
        for one in [seen[channel.name]]
    ]
    return (
        Sheet(processings)
        .column("processing", _("Processing"), lambda one: one.channel.name)
        .column(
            "controller",
            _("(a) Controller"),
            said("controller", policy.policy.notice.controller),
            "said",
        )
        .column("contact", _("(a) Contact"), said("contact"), "said")
        .column("dpo", _("(a) Data-protection officer"), said("dpo"), "said")
        .column("purpose", _("(b) Purposes"), said("purpose"), "said")
        .column("basis", _("Legal basis"), said("basis"), "said")
        .column("subjects", _("(c) Groups of people"), said("subjects"), "said")
        .column(
            "declared",
            _("(c) Categories declared"),
            lambda one: ", ".join(one.channel.declared or ()) or declared("content"),
            "said",
        )
        .column(
            "found",
            _("(c) Categories found, with the number of findings"),
            lambda one: found_text(words, store, one.seen.findings),
        )
        .column(
            "special",
            _("(c) Special categories found"),
            lambda one: found_text(words, store, one.seen.findings, laws=SPECIAL),
        )
        .column(
            "topical",
            _("(c) Special categories that were a theme only, about nobody"),
            lambda one: found_text(words, store, one.seen.topical, laws=SPECIAL),
        )
        .column("recipients", _("(d) Recipients"), said("recipients"), "said")
        .column(
            "transfers",
            _("(e) Transfers to other countries"),
            said("transfers"),
            "said",
        )
        .column(
            "limits",
            _("(f) Time limits"),
            lambda one: "; ".join(_limit(words, due) for due in one.dues) or declared("retention"),
        )
        .column("security", _("(g) Protection"), said("security"), "said")
        .column("messages", _("Messages"), lambda one: one.seen.messages, "number")
        .column(
            "personal", _("Messages with personal data"), lambda one: one.seen.personal, "number"
        )
        .column("objects", _("Objects"), lambda one: one.seen.objects, "number")
        .column("places", _("Places"), lambda one: ", ".join(one.seen.places))
        .column("oldest", _("Oldest message"), lambda one: one.first, "day")
        .column("newest", _("Newest message"), lambda one: day_of(one.seen.newest, zone), "day")
        .column(
            "age",
            _("Age of the oldest message in days"),
            lambda one: (today - one.first).days if one.first else None,
            "number",
        )
        .column(
            "overdue",
            _("Messages over a limit, once for each promise"),
            lambda one: sum(due.overdue for due in one.dues),
            "number",
        )
        .table(_("Processings, a row for each channel of the policy"))
    )


def _limit(words: Words, due: Due) -> str:
    return words.text(
        "%(action)s after %(period)s, counted from: %(clock)s",
        action=named(words, due.promise.action),
        period=words.period(due.promise.within),
        clock=named(words, due.promise.clock, CLOCKS),
    )


def _dues(source: Source, policy: LoadedPolicy) -> dict[str, list[Due]]:
    """Return how the promises with a clock stand in each channel.

    A promise about several channels is taken apart, so that each channel has its own numbers.
    """
    apart = [
        (channel.name, replace(promise, id=f"{promise.id} {channel.name}", channel=channel.name))
        for channel in policy.policy.channel
        for promise in policy.promises_of(channel)
        if promise.action in CLOCKED
    ]
    found = source.survey(policy, [promise for _, promise in apart]).dues
    return {
        channel.name: [found[promise.id] for name, promise in apart if name == channel.name]
        for channel in policy.policy.channel
    }
