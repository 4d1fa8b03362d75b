"""Archives for policies, small, and the truth about each of their messages.

Every promise of a notice is kept by some messages and broken by others.
"""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from archive import Desk

from policies import borga, dvv, karlstad, kommun_kim, upplands_bro
from policies.ages import Ages
from policies.ledger import Ledger
from policies.truth import truth

__all__ = ["POLICIES", "STATES", "make_policy"]

STATES = ("broken", "kept")
OWNER = "Arkivfunktionen"


@dataclass(frozen=True, slots=True)
class Kind:
    """Who writes the archive of a policy, and by which clock on the wall."""

    write: Callable[[Ledger, Desk], None]
    zone: str = "Europe/Stockholm"


POLICIES = {
    "borga": Kind(borga.write, "Europe/Helsinki"),
    "dvv": Kind(dvv.write, "Europe/Helsinki"),
    "karlstad": Kind(karlstad.write),
    "kommun-kim": Kind(kommun_kim.write),
    "upplands-bro": Kind(upplands_bro.write),
}


def make_policy(name: str, folder: Path, now: dt.datetime, state: str, seed: int = 1) -> Ledger:
    """Write `archive/`, `truth.json` and `holds.toml` of a policy into an empty folder."""
    kind = POLICIES[name]
    ages = Ages(now, ZoneInfo(kind.zone), state == "kept")
    ledger = Ledger(folder / "archive", ages)
    kind.write(ledger, Desk.seeded(f"{seed}/{name}"))
    text = json.dumps(truth(name, state, ledger), ensure_ascii=False, indent=1) + "\n"
    (folder / "truth.json").write_text(text, encoding="utf-8", newline="\n")
    (folder / "holds.toml").write_text(holds(ledger), encoding="utf-8", newline="\n")
    return ledger


def holds(ledger: Ledger) -> str:
    """Return the holds as they stand in a policy."""
    text = ""
    for kind, scope, reason in ledger.holds:
        pairs = ", ".join(f"{key} = {json.dumps(value)}" for key, value in scope.items())
        text += f'[[hold]]\nkind = "{kind}"\nscope = {{ {pairs} }}\n'
        text += f'reason = "{reason}"\nowner = "{OWNER}"\n\n'
    return text
