"""The sweep report: what was found, where, and what was not scanned."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from markupsafe import Markup

from piiscan.reports.charts import bars
from piiscan.reports.check_report import checked
from piiscan.reports.clusters import Clusters, find_clusters
from piiscan.reports.names import named
from piiscan.reports.promised import ages, ages_chart, clocked, verdicts
from piiscan.reports.rates import RATES
from piiscan.reports.source import Source, policy_facts, run_facts
from piiscan.reports.tables import LISTED, Cell, Column, Content, Sheet, Table
from piiscan.reports.words import Words
from piiscan.retention.clocks import find_zone
from piiscan.store import INCOMPLETE, STATUSES, Count, Store, StoredObject, Summary

__all__ = ["build"]

REMARKS = 100  # rows of each status that leaves a sweep complete


def build(source: Source) -> Content:
    """Return the report of a store."""
    store, words = source.store, source.words
    run, totals = store.last_sweep(), store.summary()
    facts = run_facts(store, run, totals)
    facts["share"] = words.share(totals.scanned, totals.scanned + totals.not_scanned)
    facts["kinds"] = sum(1 for count in totals.by_detector.values() if count.personal)
    clusters = find_clusters(store)
    facts["clusters"] = {
        "messages": clusters.messages,
        "sure": clusters.sure,
        "authors": clusters.authors,
    }
    tables = {
        "categories": _categories(words, store, totals),
        "places": _places(words, store),
        "alerts": _alerts(words, totals),
        "alert_places": _alert_places(words, store),
        "statuses": _statuses(words, totals),
        "not_scanned": _missed(words, store, totals),
        "remarks": _remarks(words, store),
        "clusters": _clusters(words, clusters),
        "detectors": _detectors(words, totals),
    }
    charts = {"categories": _chart(words, totals)}
    if source.policy and source.now_ms is not None:
        found = checked(source)
        dues = clocked(found.survey)
        zone = find_zone(source.policy.policy.notice.time_zone)
        facts |= policy_facts(source.policy, found.now)
        facts["overdue"] = sum(due.overdue for due in dues)
        tables |= {"ages": ages(words, dues, zone), "promises": verdicts(words, found)}
        charts["ages"] = ages_chart(words, dues)
    return Content(
        kind="sweep",
        title=words.text("Personal data in %(roots)s", roots=", ".join(run.roots)),
        words=words,
        facts=facts,
        tables=tables,
        charts=charts,
        whole=totals.state == "complete",
    )


def _categories(words: Words, store: Store, totals: Summary) -> Table:
    _ = words.gettext
    kinds = Counter(
        category
        for detector, category, _law in store.detector_rows.values()
        if detector in totals.by_detector and totals.by_detector[detector].sure
    )
    return Table(
        caption=_(
            "Findings by category. Distinct values are counted where a finding can name a person."
        ),
        columns=(
            Column("category", _("Category"), "term"),
            Column("class", _("Protection"), "term"),
            Column("findings", _("Findings"), "number"),
            Column("topical", _("About a theme"), "number"),
            Column("values", _("Distinct values"), "number"),
            Column("kinds", _("Kinds"), "number"),
            Column("objects", _("Objects"), "number"),
        ),
        rows=[
            (
                name,
                totals.classes[name],
                count.personal,
                count.topical,
                count.people,
                kinds[name],
                count.objects,
            )
            for name, count in sorted(totals.by_category.items(), key=_most_personal)
            if count.sure
        ],
    )


def _most_personal(item: tuple[str, Count]) -> int:
    return -item[1].personal


def _chart(words: Words, totals: Summary) -> Markup:
    rows = [
        (named(words, name), count.personal, words.number(count.personal))
        for name, count in totals.by_category.items()
        if count.personal
    ]
    return bars(
        "categories-chart",
        sorted(rows, key=lambda row: -row[1]),
        title=words.gettext("Findings by category"),
        text=words.gettext("The table of categories holds the same numbers."),
    )


def _places(words: Words, store: Store) -> Table:
    _ = words.gettext
    places, more = store.places(LISTED)
    return (
        Sheet(places)
        .column("object", _("Object"), lambda one: one.loc)
        .column("findings", _("Findings"), lambda one: one.findings, "number")
        .column("topical", _("About a theme"), lambda one: one.topical, "number")
        .column("values", _("Distinct values"), lambda one: one.people, "number")
        .column("kinds", _("Kinds"), lambda one: ", ".join(one.kinds), "code")
        .table(_("Objects with the most findings"), more=more)
    )


def _alerts(words: Words, totals: Summary) -> Table:
    _ = words.gettext
    return (
        Sheet(totals.by_alert.items())
        .column("alert", _("Alert"), lambda row: row[0], "term")
        .column("findings", _("Findings"), lambda row: row[1].findings, "number")
        .column("high", _("High"), lambda row: row[1].high, "number")
        .column("medium", _("Medium"), lambda row: row[1].medium, "number")
        .column("low", _("Low"), lambda row: row[1].low, "number")
        .column("objects", _("Objects"), lambda row: row[1].objects, "number")
        .table(_("Findings by alert"))
    )


def _alert_places(words: Words, store: Store) -> Table:
    _ = words.gettext
    places, more = store.alert_places(LISTED)
    return (
        Sheet(places)
        .column("object", _("Object"), lambda one: one.loc)
        .column("alert", _("Alert"), lambda one: one.alert, "term")
        .column("findings", _("Findings"), lambda one: one.findings, "number")
        .table(_("Where alerts stand"), more=more)
    )


def _statuses(words: Words, totals: Summary) -> Table:
    _ = words.gettext
    return Table(
        caption=_("Objects by what became of them"),
        columns=(
            Column("status", _("What became of them"), "term"),
            Column("objects", _("Objects"), "number"),
        ),
        rows=[(status, totals.objects.get(status, 0)) for status in STATUSES],
    )


def _missed(words: Words, store: Store, totals: Summary) -> Table:
    _ = words.gettext
    owners = chain.from_iterable(store.objects(status=status) for status in INCOMPLETE)
    rows = [(*_row(owner), owner.not_scanned) for owner in islice(owners, LISTED)]
    return Table(
        caption=_("Not, or not wholly, scanned"),
        columns=(*_row_columns(words), Column("bytes", _("Not scanned"), "bytes")),
        rows=rows,
        more=sum(totals.incomplete.values()) - len(rows),
    )


def _remarks(words: Words, store: Store) -> Table:
    return Table(
        caption=words.text(
            "Scanned with a remark, or left out on request (at most %(count)s of each)",
            count=words.number(REMARKS),
        ),
        columns=_row_columns(words),
        rows=[
            _row(owner)
            for status in ("warn", "skipped")
            for owner in islice(store.objects(status=status), REMARKS)
        ],
    )


def _row_columns(words: Words) -> tuple[Column, ...]:
    _ = words.gettext
    return (
        Column("object", _("Object")),
        Column("status", _("What became of it"), "term"),
        Column("reason", _("Reason"), "own"),
        Column("format", _("Format"), "code"),
    )


def _row(owner: StoredObject) -> tuple[Cell, ...]:
    return owner.loc, owner.status, owner.reason, owner.format


def _clusters(words: Words, clusters: Clusters) -> Table:
    _ = words.gettext
    listed = sorted(clusters.by_object.items(), key=lambda item: (-item[1], item[0]))
    return Table(
        caption=_("Objects with messages that may single somebody out"),
        columns=(
            Column("object", _("Object")),
            Column("messages", _("Messages"), "number"),
        ),
        rows=listed[:LISTED],
        more=max(0, len(listed) - LISTED),
    )


def _detectors(words: Words, totals: Summary) -> Table:
    _ = words.gettext
    return Table(
        caption=_(
            "Findings by detector, and how right the detector was on synthetic messages:"
            " precision is the share of its findings that were right, recall the share of what was"
            " planted that it found"
        ),
        columns=(
            Column("detector", _("Detector"), "code"),
            Column("high", _("High"), "number"),
            Column("medium", _("Medium"), "number"),
            Column("low", _("Low"), "number"),
            Column("topical", _("About a theme"), "number"),
            Column("objects", _("Objects"), "number"),
            Column("precision", _("Precision"), "rate"),
            Column("recall", _("Recall"), "rate"),
        ),
        rows=list(_detector_rows(totals)),
    )


def _detector_rows(totals: Summary) -> Iterator[tuple[Cell, ...]]:
    for name, count in totals.by_detector.items():
        if count.findings:
            precision, recall = RATES.get(name, (None, None))
            levels = (count.high, count.medium, count.low)
            yield name, *levels, count.topical, count.objects, precision, recall
