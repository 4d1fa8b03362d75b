"""The sweep report: what was found, where, and what was not scanned."""

from collections.abc import Iterator
from itertools import islice

from piiscan.reports import page
from piiscan.reports.charts import bars
from piiscan.reports.page import Page, amount, number, share
from piiscan.store import INCOMPLETE, STATUSES, Store, StoredObject, Summary, named, sent_text

__all__ = ["LISTED", "render"]

LISTED = 500  # rows of a table; the rest is counted, and exported by `piiscan store export`
CLASSES = {
    "ordinary": "",
    "art9": "special category (Art. 9)",
    "art10": "criminal offences (Art. 10)",
    "protected": "protected",
}


def render(store: Store) -> Page:
    """Return the page of a store."""
    run, totals = store.last_sweep(), store.summary()
    first, last = store.period()
    kinds = [name for name, count in totals.by_detector.items() if count.sure]
    places, elsewhere = store.places(LISTED)
    missed = [
        owner for status in INCOMPLETE for owner in islice(store.objects(status=status), LISTED + 1)
    ]
    return page.render(
        "sweep.html.j2",
        {
            "run": run,
            "totals": totals,
            "info": run.info,
            "key_id": store.key_id,
            "period": f"{sent_text(first)[:10]} to {sent_text(last)[:10]}"
            if first is not None
            else "not known",
            "kinds": kinds,
            "categories": list(_categories(totals)),
            "chart": _chart(totals),
            "detectors": [
                (name, count) for name, count in totals.by_detector.items() if count.findings
            ],
            "alerts": list(totals.by_alert.items()),
            "alert_places": store.alert_places(LISTED),
            "lexicons": named(run.lexicons),
            "low": totals.findings - totals.sure,
            "places": places,
            "elsewhere": elsewhere,
            "missed": [_row(owner) for owner in missed[:LISTED]],
            "missed_more": max(0, sum(totals.incomplete.values()) - LISTED),
            "missed_objects": sum(totals.incomplete.values()),
            "share": share(totals.scanned, totals.scanned + totals.not_scanned),
            "statuses": [(name, totals.objects.get(name, 0)) for name in STATUSES],
            "odd": [
                _row(owner)
                for status in ("warn", "skipped")
                for owner in islice(store.objects(status=status), 100)
            ],
        },
    )


def _categories(totals: Summary) -> Iterator[dict[str, object]]:
    for name, count in totals.by_category.items():
        if count.sure:
            yield {"name": name, "law": CLASSES[totals.classes[name]], "count": count}


def _chart(totals: Summary) -> object:
    rows = [
        (name, count.sure, number(count.sure))
        for name, count in totals.by_category.items()
        if count.sure
    ]
    return bars(
        sorted(rows, key=lambda row: -row[1]),
        title="Findings by category",
        text="The table of categories holds the same numbers.",
    )


def _row(owner: StoredObject) -> dict[str, str]:
    return {
        "loc": owner.loc,
        "status": owner.status,
        "reason": owner.reason,
        "format": owner.format,
        "not_scanned": amount(owner.not_scanned),
    }
