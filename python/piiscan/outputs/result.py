"""What an output is made of: a store, its totals, and what the caller asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from piiscan.findings import CONFIDENCES
from piiscan.outputs.explanation import explain
from piiscan.store import Store, StoredObject, StoredSweep, Summary
from piiscan.store.blocks import Row

if TYPE_CHECKING:
    from piiscan.retention.accepting import AcceptedFindings

__all__ = ["Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """A finished or interrupted run.

    Args:
        store: What was found.
        sweep: The run.
        summary: Its totals.
        exit_code: With which the command ends.
        failed: Conditions of `--fail-on` that hold.
        accepted: Findings that the allow file of the policy accepts: they are listed, and do not
            count for `--fail-on`. None without such a file.
        coverage: Which objects the ledger lists.
        listing: Show findings one by one (`scan`), not only totals (`sweep`).
        next_step: What to do now; shown to people.
        locale: Decides the separator of CSV.
        bom: Start CSV with a byte order mark.
        value: Reads a value from the source again; None where values stay masked.
        context: Shows what stands around a finding, masked.
        rules: Rules by detector; with them every finding says why it was made.

    """

    store: Store
    sweep: StoredSweep
    summary: Summary
    exit_code: int = 0
    failed: tuple[str, ...] = ()
    accepted: "AcceptedFindings | None" = None
    coverage: Literal["issues", "all"] = "issues"
    listing: bool = False
    next_step: str = ""
    locale: str = "en"
    bom: bool = False
    value: Callable[[StoredObject, Row], str | None] | None = None
    context: Callable[[StoredObject, Row], str] | None = None
    rules: Mapping[str, str] | None = None

    def explanation(self, row: Row) -> list[str]:
        """Return why a finding was made, if that was asked for."""
        if self.rules is None:
            return []
        rule = self.rules.get(self.store.detector_rows[row.detector][0], "")
        return explain(rule, CONFIDENCES[row.confidence], dict(row.attributes))

    def ledger(self) -> Iterator[StoredObject]:
        """Yield the objects that the ledger lists."""
        return self.store.coverage(issues=self.coverage == "issues")
