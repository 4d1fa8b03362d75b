"""Archives for policies, small, and the truth about each of their messages.

Every promise of a notice is kept by some messages and broken by others.
"""

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from archive import Desk

from policies import (
    borga,
    dvv,
    karlstad,
    kommun_kim,
    kommune_kari,
    nordic_default,
    upplands_bro,
)
from policies.ages import Ages
from policies.ledger import Ledger
from policies.truth import truth

__all__ = ["NOW", "POLICIES", "STATES", "make_policies", "make_policy", "policy_manifest"]

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
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
    "kommune-kari": Kind(kommune_kari.write, "Europe/Oslo"),
    "nordic-default": Kind(nordic_default.write),
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


def make_policies(
    folder: Path, names: Iterable[str], now: dt.datetime, state: str, seed: int = 1
) -> Iterator[str]:
    """Write the archives of policies, each into a folder of its name; say what was written."""
    for name in names:
        target = folder / name
        shutil.rmtree(target / "archive", ignore_errors=True)
        target.mkdir(parents=True, exist_ok=True)
        ledger = make_policy(name, target, now, state, seed)
        size = sum(len(data) for _, data in contents(ledger.root))
        yield f"{name}: {len(ledger.messages)} messages, {size} bytes in {target}"


def policy_manifest(seed: int = 1) -> str:
    """Return a line for every archive of a policy, in either state, at one time."""
    rows = ["policy\tstate\tfiles\tbytes\tmessages\tdigest"]
    for name in POLICIES:
        for state in STATES:
            with tempfile.TemporaryDirectory() as folder:
                ledger = make_policy(name, Path(folder), NOW, state, seed)
                files = list(contents(ledger.root))
            digest = hashlib.sha256()
            for path, data in files:
                digest.update(f"{path} {len(data)}\n".encode() + data)
            size = sum(len(data) for _, data in files)
            counts = f"{len(files)}\t{size}\t{len(ledger.messages)}"
            rows.append(f"{name}\t{state}\t{counts}\t{digest.hexdigest()[:16]}")
    return "\n".join(rows) + "\n"


def contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive by name."""
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        yield path.relative_to(root).as_posix(), path.read_bytes()


def holds(ledger: Ledger) -> str:
    """Return the holds as they stand in a policy."""
    text = ""
    for kind, scope, reason in ledger.holds:
        pairs = ", ".join(f"{key} = {json.dumps(value)}" for key, value in scope.items())
        text += f'[[hold]]\nkind = "{kind}"\nscope = {{ {pairs} }}\n'
        text += f'reason = "{reason}"\nowner = "{OWNER}"\n\n'
    return text
