"""Which findings somebody has accepted, by the allow file of the policy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from piiscan.findings import HIGH, MEDIUM
from piiscan.policy import LoadedPolicy
from piiscan.policy.accepted import EVERYWHERE, read_allow
from piiscan.store import Store, StoredObject
from piiscan.store.messages import Batch

__all__ = ["AcceptedFindings", "Accepting", "count_accepted"]


@dataclass(frozen=True, slots=True)
class AcceptedFindings:
    """How many findings of a store somebody has accepted.

    Args:
        file: The allow file, as the policy names it.
        findings: Of any confidence.
        sure: Of at least medium confidence, by detector.
        high: Of high confidence, by detector.
        expired: Rows whose day has passed.
        foreign: Rows of another key, which accept nothing.

    """

    file: str
    findings: int
    sure: Mapping[str, int]
    high: Mapping[str, int]
    expired: int = 0
    foreign: int = 0


class Accepting:
    """The rows of an allow file, asked about many findings at a time.

    Args:
        policy: Names the file.
        today: Rows up to a day before it have expired: their findings count again.
        key_id: Name of the key of the store's fingerprints.

    Raises:
        FileNotFoundError: The file is not there.
        PolicyError: A row of it is wrong.

    """

    def __init__(self, policy: LoadedPolicy, *, today: date, key_id: str) -> None:
        name = policy.policy.scan.allow
        rows = read_allow((policy.folder or Path()) / name) if name else []
        self.expired = sum(row.until < today for row in rows)
        self.foreign = sum(not row.fingerprint.startswith(f"{key_id}:") for row in rows)
        self._rows: dict[bytes, set[tuple[str, str]]] = {}
        for row in rows:
            key, _, digest = row.fingerprint.partition(":")
            if row.until >= today and key == key_id:
                self._rows.setdefault(bytes.fromhex(digest), set()).add((row.detector, row.object))
        self._heads = np.frombuffer(b"".join(head[:8] for head in self._rows), dtype="<u8")

    def mask(
        self,
        owners: Sequence[StoredObject],
        batch: Batch,
        catalog: dict[int, tuple[str, str, str]],
    ) -> npt.NDArray[np.bool_]:
        """Return which findings of a batch are accepted.

        Args:
            owners: Its objects.
            batch: With the findings.
            catalog: Number -> detector, category, class.

        """
        accepted = np.zeros(len(batch.records), dtype=np.bool_)
        if not self._rows or not len(batch.records):
            return accepted
        digests = np.ascontiguousarray(batch.records["fingerprint"])
        heads = digests.view("<u8").reshape(-1, 2)[:, 0]
        for at in np.flatnonzero(np.isin(heads, self._heads)).tolist():
            detector = catalog[int(batch.records["detector"][at])][0]
            place = owners[int(batch.objects[at])].ident.hex()
            rows = self._rows.get(digests[at].tobytes(), set())
            accepted[at] = not rows.isdisjoint({(detector, place), (detector, EVERYWHERE)})
        return accepted


def count_accepted(store: Store, policy: LoadedPolicy, *, today: date) -> AcceptedFindings | None:
    """Count what the allow file of a policy accepts; None if the policy names no file.

    Args:
        store: What a sweep found.
        policy: Names the file.
        today: Rows up to a day before it have expired.

    Raises:
        FileNotFoundError: The file is not there.
        PolicyError: A row of it is wrong.

    """
    if not policy.policy.scan.allow:
        return None
    accepting = Accepting(policy, today=today, key_id=store.key_id)
    findings, sure, high = 0, Counter[str](), Counter[str]()
    for owners, batch in store.batches(owner for owner in store.objects() if owner.findings):
        records = batch.records[accepting.mask(owners, batch, store.detector_rows)]
        findings += len(records)
        for counts, level in ((sure, MEDIUM), (high, HIGH)):
            numbers = records["detector"][records["confidence"] >= level].tolist()
            counts.update(store.detector_rows[number][0] for number in numbers)
    return AcceptedFindings(
        policy.policy.scan.allow, findings, sure, high, accepting.expired, accepting.foreign
    )
