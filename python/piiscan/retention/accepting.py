"""Which findings somebody has accepted, by the allow file of the policy."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from piiscan.policy import LoadedPolicy
from piiscan.policy.accepted import EVERYWHERE, read_allow
from piiscan.store import StoredObject
from piiscan.store.messages import Batch

__all__ = ["Accepting"]


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
