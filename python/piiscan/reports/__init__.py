"""Reports: papers for people about what a store holds.

No value ever; what was not scanned is said first. One file, one template and one line in `REPORTS`
each. A kind builds facts and tables; the forms (`FORMS`) write them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from piiscan.files import replacing_bytes
from piiscan.holds import Hold, active
from piiscan.policy import LoadedPolicy
from piiscan.reports.forms import FORMS, form_of, rows_of
from piiscan.reports.source import Source
from piiscan.reports.tables import Content
from piiscan.reports.words import LOCALES, Words
from piiscan.retention import instant, resolved
from piiscan.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ALIASES", "FORMS", "LOCALES", "PERIODIC", "REPORTS", "Report", "report"]

REPORTS: dict[str, str] = {
    "sweep": "what was found, where, and what was not scanned",
    "check": "each promise of a notice: kept, broken, or not to be decided",
    "disposal": "the protocol of what retention has disposed of (alias gallring)",
    "rectification": "what was rectified, by whom, and what was refused",
    "notice": "the register description in twenty points, and which of them findings contradict",
    "ropa": "the record of processing of Art. 30, with what the archive holds",
}
ALIASES = {"gallring": "disposal"}
PERIODIC = ("disposal", "rectification")  # speak of what was done, and so of a time


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report: what it holds, and the forms it can take."""

    content: Content

    @property
    def html(self) -> str:
        """The page."""
        return self.write("html").decode()

    def write(self, form: str) -> bytes:
        """Return the report in a form.

        Args:
            form: A key of `FORMS`.

        Raises:
            ValueError: There is no such form.
            PiiscanError: The library of the form is not installed.

        """
        if form not in FORMS:
            raise ValueError(f"no form is called `{form}`: {', '.join(FORMS)}")
        return FORMS[form](self.content)

    def save(self, path: str | Path, *, form: str | None = None) -> None:
        """Write the report to `path`, readable by its owner only; an older one is replaced.

        CSV holds one table; the others that have rows go beside it: `r.csv`, `r.places.csv`.

        Args:
            path: The file.
            form: A key of `FORMS`; what the file's name asks for if None.

        """
        path = Path(path)
        form = form or form_of(path.suffix)
        written = {path: self.write(form)}
        if form == "csv":
            _, *others = self.content.tables
            for name in others:
                if self.content.tables[name].rows:
                    written[path.with_name(f"{path.stem}.{name}{path.suffix}")] = rows_of(
                        self.content, name
                    )
        for target, content in written.items():
            with replacing_bytes(target) as stream:
                stream.write(content)


def report(
    kind: str,
    *,
    store: Store,
    locale: str = "en",
    policy: str | PathLike[str] | LoadedPolicy | None = None,
    today: date | datetime | None = None,
    holds: Sequence[Hold] | None = None,
    period: tuple[date, date] | None = None,
    promises: Sequence[str] = (),
) -> Report:
    """Return the report called `kind`.

    Args:
        kind: A key of `REPORTS`, or of `ALIASES`.
        store: What it is about.
        locale: Its language: en, sv-SE, sv-FI or fi.
        policy: A shipped policy by its name, a file, or a policy; some reports need one.
        today: The time of the report; reports that tell ages need one.
        holds: What stays whatever was promised; those of policy and store if None.
        period: First and last day, for reports about what was done.
        promises: Ids of those that are judged; all if empty.

    Raises:
        ValueError: There is no such report or language, or a report lacks its time or has no
            period.
        PolicyError: A report lacks its policy, or the policy is wrong.

    """
    kind = ALIASES.get(kind, kind)
    if kind not in REPORTS:
        raise ValueError(f"no report is called `{kind}`: {', '.join(REPORTS)}")
    if period and kind not in PERIODIC:
        raise ValueError(f"report `{kind}` is about what is there now and has no period")
    loaded = None if policy is None else resolved(policy)
    source = Source(
        store=store,
        words=Words(locale),
        policy=loaded,
        now_ms=instant(today, loaded) if today is not None and loaded else None,
        holds=active(loaded.policy if loaded else None, store) if holds is None else holds,
        period=period,
        promises=promises,
    )
    build: Callable[[Source], Content] = import_module(f"piiscan.reports.{kind}_report").build
    return Report(build(source))
