"""Writes a synthetic archive of municipal messages, and the truth about it.

    python corpora/make.py                          # 1 MB under corpora/out/archive
    python corpora/make.py --size 200M --only chat  # for the benches
    python corpora/make.py --demo                   # the small archive that is checked in
    python corpora/make.py --policy borga -o here   # an archive for a policy, see `policies/`
    python corpora/make.py --check                  # is what is checked in what this writes?

The same seed and size give the same bytes. `truth.jsonl` stands beside the archive, not in it.
"""

import argparse
import bz2
import datetime as dt
import gzip
import hashlib
import io
import lzma
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive import Archive, Desk, Output, Truth
from calls import write_access_log, write_service_log, write_transcript, write_vtt
from chat import write_jsonl, write_slack, write_telegram, write_whatsapp
from containers import ENCRYPTED, Zip, compressed, write_tar
from mail import attach_text, write_eml, write_mbox
from pages import write_page
from policies import NOW, POLICIES, STATES, make_policies, policy_manifest
from tables import write_csv, write_tsv

HERE = Path(__file__).parent
DEMO_SIZE = 200_000
FILE_MAX = 32 << 20  # bytes; a month of a busy contact center
POLICY_MANIFEST = HERE / "policies" / "manifest.tsv"
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
Write = Callable[[Desk, Output, int, int], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export: where its files go, how it is written, its share of the archive."""

    group: str
    share: float
    name: str
    write: Write
    file_max: int = FILE_MAX


def nested(desk: Desk, out: Output, budget: int, export: int) -> None:
    """Write a zip file of zip files, one for each quarter."""
    outer = Zip(out)
    outer.add("läsmig.txt", lambda entry: attach_text(desk, entry))
    outer.lock("sekretess.docx", bytes(desk.dice.below(256) for _ in range(400)))
    while out.size < budget:
        quarter = export % 4 + 1
        size = min(budget, 1 << 20)

        def inner(entry: Output, size: int = size, export: int = export) -> None:
            file = Zip(entry)
            file.add("chatt/export.jsonl", lambda item: write_jsonl(desk, item, size, export))
            file.add("post/inkorg.mbox", lambda item: write_mbox(desk, item, size, export))
            file.add("ärenden.csv", lambda item: write_csv(desk, item, size // 2, export))
            file.close()

        outer.add(f"kvartal-{quarter}-{export}.zip", inner)
        export += 1
    outer.close()


def tarball(desk: Desk, out: Output, budget: int, export: int) -> None:
    """Write a compressed tar file of calls, logs and single mails."""
    size = max(budget, 1 << 10)
    entries: list[tuple[str, Callable[[Output], None]]] = [
        ("samtal/1.vtt", lambda entry: write_vtt(desk, entry, size, export)),
        ("samtal/2.txt", lambda entry: write_transcript(desk, entry, size, export)),
        ("loggar/tjanst.log", lambda entry: write_service_log(desk, entry, size, export)),
        ("post/1.eml", lambda entry: write_eml(desk, entry, size, export)),
    ]
    with compressed(out, "gz") as inside:
        write_tar(inside, entries)


def packed(suffix: str, write: Write, ratio: int) -> Write:
    """Return a writer of one compressed object, about `ratio` times as large when unpacked."""

    def writer(desk: Desk, out: Output, budget: int, export: int) -> None:
        with compressed(out, suffix) as inside:
            write(desk, inside, budget * ratio, export)

    return writer


KINDS = (
    Kind("chat", 0.30, "chatt/webbchatt-{:02}.jsonl", write_jsonl),
    Kind("chat", 0.04, "chatt/slack-export-{:02}.zip", write_slack),
    Kind("chat", 0.06, "chatt/telegram-{:02}/result.json", write_telegram),
    Kind("chat", 0.05, "chatt/whatsapp-{:02}/_chat.txt", write_whatsapp),
    Kind("mail", 0.22, "post/registrator-{:02}.mbox", write_mbox),
    Kind("mail", 0.02, "post/enskilda/{:02}.eml", write_eml, 3 << 10),
    Kind("csv", 0.08, "ärenden/ärenden-{:02}.csv", write_csv),
    Kind("csv", 0.06, "ärenden/asiakaspalvelu-{:02}.tsv", write_tsv),
    Kind("html", 0.05, "webb/inkorg-{:02}.html", write_page, 48 << 10),
    Kind("calls", 0.03, "samtal/utskrift-{:02}.txt", write_transcript, 1 << 20),
    Kind("calls", 0.02, "samtal/{:02}/inspelning-20250304-0915.vtt", write_vtt, 64 << 10),
    Kind("logs", 0.02, "loggar/access-{:02}.log", write_access_log),
    Kind("logs", 0.01, "loggar/access-{:02}.log.gz", packed("gz", write_access_log, 13)),
    Kind("logs", 0.01, "loggar/tjanst-{:02}.log.bz2", packed("bz2", write_service_log, 13)),
    Kind("containers", 0.01, "arkiv/chatt-{:02}.jsonl.xz", packed("xz", write_jsonl, 8)),
    Kind("containers", 0.01, "arkiv/samtal-{:02}.tar.gz", tarball, 1 << 20),
    Kind("containers", 0.02, "arkiv/export-{:02}.zip", nested),
)
GROUPS = tuple(dict.fromkeys(kind.group for kind in KINDS))


def fill(archive: Archive, kinds: Iterable[Kind], seed: int, size: int) -> None:
    """Write files of every kind until each has its share of `size`."""
    chosen = list(kinds)
    whole = sum(kind.share for kind in chosen)
    decks: dict[str, list[Any]] = {}
    for kind in chosen:
        desk = Desk.seeded(f"{seed}/{kind.name}", decks)
        budget = int(size * kind.share / whole)
        export = written = 0
        while not export or written < 0.9 * budget:
            name = kind.name.format(export)
            with archive.create(name) as out:
                kind.write(desk, out, min(budget - written, kind.file_max), export)
            written += archive.sizes[name]
            export += 1


def make(root: Path, truth: Path, kinds: Iterable[Kind], seed: int, size: int) -> Archive:
    """Write an archive into the new folder `root` and the truth about it to `truth`."""
    root.mkdir(parents=True)
    with truth.open("w", encoding="utf-8", newline="\n") as file:
        archive = Archive(root, Truth(file))
        fill(archive, kinds, seed, size)
    return archive


def manifest(archive: Archive) -> str:
    """Return a line for every file: name, bytes, planted findings."""
    rows = [
        f"{name}\t{archive.sizes[name]}\t{archive.truth.planted[name]}"
        for name in sorted(archive.sizes)
    ]
    return "\n".join(["file\tbytes\tplanted", *rows]) + "\n"


def make_demo(folder: Path, seed: int) -> None:
    """Write the archive that is checked in, its truth and its manifest into `folder`."""
    archive = make(folder / "demo", folder / "demo-truth.jsonl", KINDS, seed, DEMO_SIZE)
    (folder / "manifest.tsv").write_text(manifest(archive), encoding="utf-8", newline="\n")


def content(name: str, data: bytes) -> object:
    """Return what a file holds: containers by their entries, since compressors differ."""
    suffix = name.rpartition(".")[2]
    if suffix == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return [
                (
                    info.filename,
                    info.date_time,
                    info.flag_bits & ENCRYPTED or content(info.filename, file.read(info)),
                )
                for info in file.infolist()
            ]
    unpack = {"gz": gzip.decompress, "bz2": bz2.decompress, "xz": lzma.decompress}.get(suffix)
    return unpack(data) if unpack else data


def check(seed: int) -> list[str]:
    """Return the names of the checked-in files that this program would write differently."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        make_demo(fresh, seed)
        odd = differing(fresh, HERE)
    if policy_manifest(seed) != POLICY_MANIFEST.read_text(encoding="utf-8"):
        odd.append("policies/manifest.tsv")
    return odd


def differing(fresh: Path, kept: Path) -> list[str]:
    """Return the names of demo files that are missing, left over or different in `kept`."""
    names = set[str]()
    for root in (fresh, kept):
        names |= {
            path.relative_to(root).as_posix()
            for path in (root / "demo").rglob("*")
            if path.is_file()
        }
    names |= {"demo-truth.jsonl"}
    odd = []
    for name in sorted(names):
        new, old = fresh / name, kept / name
        if not (new.is_file() and old.is_file()) or content(name, new.read_bytes()) != content(
            name, old.read_bytes()
        ):
            odd.append(name)
    return odd


def bytes_of(size: str) -> int:
    """Return the number of bytes of `64K`, `200M` or `1G`."""
    number, unit = (size[:-1], UNITS[size[-1].upper()]) if size[-1:].upper() in UNITS else (size, 1)
    if not number.isdecimal() or int(number) == 0:
        message = f"`{size}` is no size; write `64K`, `200M` or `1G`"
        raise argparse.ArgumentTypeError(message)
    return int(number) * unit


def moment_of(text: str) -> dt.datetime:
    """Return the time that `2026-11-22T09:00:00Z` names."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = f"`{text}` has no zone; write `2026-11-22T09:00:00Z`"
        raise argparse.ArgumentTypeError(message)
    return moment.astimezone(dt.UTC)


def recipe(options: argparse.Namespace) -> str:
    """Return what an archive depends on: the options, and a digest of this program and its text."""
    digest = hashlib.sha256()
    for path in sorted([*HERE.glob("*.py"), *HERE.glob("text/*.toml")]):
        digest.update(path.read_bytes())
    return f"{options.seed} {options.size} {options.only} {digest.hexdigest()}\n"


def arguments(args: list[str] | None) -> argparse.Namespace:
    """Return what the user asked for."""
    parser = argparse.ArgumentParser(
        description="Write a synthetic archive of municipal messages, with its truth."
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, another archive (1)")
    parser.add_argument(
        "--size",
        type=bytes_of,
        default=bytes_of("1M"),
        help="bytes on disk, such as 64K, 200M, 1G (1M)",
    )
    parser.add_argument(
        "--only", action="append", choices=GROUPS, help="only this kind of export; repeatable"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=HERE / "out",
        help="folder for `archive/` and `truth.jsonl` (corpora/out)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave an archive alone that was made like this before"
    )
    parser.add_argument("--demo", action="store_true", help="write the checked-in demo again")
    parser.add_argument(
        "--check", action="store_true", help="compare the checked-in demo with a new one"
    )
    parser.add_argument(
        "--policy",
        action="append",
        choices=[*POLICIES, "all"],
        help="write the archive of this policy, with its truth; repeatable",
    )
    parser.add_argument(
        "--state", choices=STATES, default=STATES[0], help="whether its promises are kept (broken)"
    )
    parser.add_argument(
        "--now",
        type=moment_of,
        default=NOW,
        help=f"the time that its messages are seen from ({NOW:%FT%TZ})",
    )
    return parser.parse_args(args)


def main(args: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    options = arguments(args)
    if options.check:
        odd = check(options.seed)
        sys.stderr.writelines(f"`{name}` is not what make.py writes\n" for name in odd)
        return 1 if odd else 0
    if options.demo:
        shutil.rmtree(HERE / "demo", ignore_errors=True)
        make_demo(HERE, options.seed)
        POLICY_MANIFEST.write_text(policy_manifest(options.seed), encoding="utf-8", newline="\n")
        return 0
    output: Path = options.output
    if options.policy:
        names = list(POLICIES) if "all" in options.policy else options.policy
        for line in make_policies(output, names, options.now, options.state, options.seed):
            sys.stdout.write(f"{line}\n")
        return 0
    made = recipe(options)
    if options.keep and (output / "recipe").is_file() and (output / "recipe").read_text() == made:
        return 0
    (output / "recipe").unlink(missing_ok=True)
    shutil.rmtree(output / "archive", ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    kinds = [kind for kind in KINDS if not options.only or kind.group in options.only]
    archive = make(output / "archive", output / "truth.jsonl", kinds, options.seed, options.size)
    (output / "manifest.tsv").write_text(manifest(archive), encoding="utf-8", newline="\n")
    (output / "recipe").write_text(made)
    planted = archive.truth.planted.total()
    files, size = len(archive.sizes), sum(archive.sizes.values())
    sys.stdout.write(f"{files} files, {size} bytes, {planted} findings in {output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
