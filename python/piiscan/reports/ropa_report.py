"""The record of processing of Art. 30: what the policy declares beside what the archive holds.

A processing is a channel of the policy. Purposes, recipients, transfers and protection are the
controller's own texts; categories, amounts, places and ages are what a sweep found.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from piiscan.policy import Channel, LoadedPolicy
from piiscan.reports.names import CLOCKS, named
from piiscan.reports.observed import Observed, found_text, observe
from piiscan.reports.promised import day_of
from piiscan.reports.register import register_text
from piiscan.reports.source import Source, policy_facts, run_facts
from piiscan.reports.tables import Cell, Column, Content, Table
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
        tables={
            "processings": Table(
                caption=words.gettext("Processings, a row for each channel of the policy"),
                columns=_columns(words),
                rows=[
                    _row(source, policy, channel, seen[channel.name], dues[channel.name])
                    for channel in policy.policy.channel
                ],
            )
        },
        whole=totals.state == "complete",
    )


def _columns(words: Words) -> tuple[Column, ...]:
    _ = words.gettext
    return (
        Column("processing", _("Processing")),
        Column("controller", _("(a) Controller"), "said"),
        Column("contact", _("(a) Contact"), "said"),
        Column("dpo", _("(a) Data-protection officer"), "said"),
        Column("purpose", _("(b) Purposes"), "said"),
        Column("basis", _("Legal basis"), "said"),
        Column("subjects", _("(c) Groups of people"), "said"),
        Column("declared", _("(c) Categories declared"), "said"),
        Column("found", _("(c) Categories found, with the number of findings")),
        Column("special", _("(c) Special categories found")),
        Column("topical", _("(c) Special categories that were a theme only, about nobody")),
        Column("recipients", _("(d) Recipients"), "said"),
        Column("transfers", _("(e) Transfers to other countries"), "said"),
        Column("limits", _("(f) Time limits")),
        Column("security", _("(g) Protection"), "said"),
        Column("messages", _("Messages"), "number"),
        Column("personal", _("Messages with personal data"), "number"),
        Column("objects", _("Objects"), "number"),
        Column("places", _("Places")),
        Column("oldest", _("Oldest message"), "day"),
        Column("newest", _("Newest message"), "day"),
        Column("age", _("Age of the oldest message in days"), "number"),
        Column("overdue", _("Messages over a limit, once for each promise"), "number"),
    )


def _row(
    source: Source, policy: LoadedPolicy, channel: Channel, one: Observed, dues: Sequence[Due]
) -> tuple[Cell, ...]:
    words, store = source.words, source.store
    zone = find_zone(policy.policy.notice.time_zone)
    oldest = day_of(one.oldest, zone)
    today = local_day(source.need_now(), zone)
    return (
        channel.name,
        register_text(policy, "controller") or policy.policy.notice.controller,
        register_text(policy, "contact"),
        register_text(policy, "dpo"),
        register_text(policy, "purpose"),
        register_text(policy, "basis"),
        register_text(policy, "subjects"),
        ", ".join(channel.declared or ()) or register_text(policy, "content"),
        found_text(words, store, one.findings),
        found_text(words, store, one.findings, laws=SPECIAL),
        found_text(words, store, one.topical, laws=SPECIAL),
        register_text(policy, "recipients"),
        register_text(policy, "transfers"),
        "; ".join(_limit(words, due) for due in dues) or register_text(policy, "retention"),
        register_text(policy, "security"),
        one.messages,
        one.personal,
        one.objects,
        ", ".join(one.places),
        oldest,
        day_of(one.newest, zone),
        (today - oldest).days if oldest else None,
        sum(due.overdue for due in dues),
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
