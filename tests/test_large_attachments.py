"""Attachments that are too large for memory are written again by way of a file."""

import io
import random
import tarfile
import zipfile
from base64 import b64encode
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from rewrites import job, restored, rewrite, verify
from samples import EMAIL, PERSON, PHONE, write

from piiscan.anonymize import FileResult
from piiscan.anonymize.dry import dry_run

MEMORY = 16 << 20  # bytes that the core keeps of new content before it makes a file
LETTERS = "bcdfghjklmnpqrstvwxz"  # no words
LINE = 57  # bytes of an attachment in a line of the mail
HEADER = (
    "From: kontakt@example.com\r\nSubject: Tabell\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="grans"\r\n\r\n'
    f"--grans\r\nContent-Type: text/plain\r\n\r\nRing {PHONE}.\r\n\r\n"
    "--grans\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
)
HEAD = "datum;text\n"
TAIL = f"2026-01-02;Mitt personnummer är {PERSON}.\n2026-01-03;Mejla {EMAIL}, tack.\n"
CLEAN = "2026-01-02;Mitt personnummer är [personal-number].\n2026-01-03;Mejla [e-mail], tack.\n"


def rows() -> str:
    """A table longer than memory, in which nothing is found."""
    made = random.Random(7)  # noqa: S311 - the same rows every time
    block = "".join(f"2026-01-01;{''.join(made.choices(LETTERS, k=60))}\n" for _ in range(1_000))
    return block * (MEMORY // len(block) + 1)


def as_csv(content: bytes) -> bytes:
    return content


def as_zip(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        container.writestr("tabell.csv", content)
    return stream.getvalue()


def as_tar(content: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        entry = tarfile.TarInfo("tabell.csv")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def of_csv(packed: bytes) -> bytes:
    return packed


def of_zip(packed: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as container:
        assert container.testzip() is None
        return container.read("tabell.csv")


def of_tar(packed: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        stream = tar.extractfile("tabell.csv")
        assert stream is not None
        return stream.read()


Turn = Callable[[bytes], bytes]
PACKINGS: dict[str, tuple[Turn, Turn]] = {
    "csv": (as_csv, of_csv),
    "zip": (as_zip, of_zip),
    "tar": (as_tar, of_tar),
}


def mail_with(packing: str, content: bytes) -> bytes:
    lines = b"".join(
        b64encode(content[at : at + LINE]) + b"\r\n" for at in range(0, len(content), LINE)
    )
    return HEADER.format(name=f"tabell.{packing}").encode() + lines + b"--grans--\r\n"


@pytest.mark.parametrize("packing", PACKINGS)
def test_only_what_was_found_changes_in_a_large_attachment(packing: str, tmp_path: Path) -> None:
    pack, unpack = PACKINGS[packing]
    filler = rows()
    content = pack((HEAD + filler + TAIL).encode())
    assert len(content) > MEMORY
    source = mail_with(packing, content)
    write(tmp_path / "archive" / "brev.eml", source)
    run = rewrite(job(tmp_path / "archive", tmp_path / "copy"))

    assert run.state("brev.eml") == "changed", run.total.refused
    assert run.total.rounds == 1
    result = (tmp_path / "copy" / "brev.eml").read_bytes()
    text, attachment = message_from_bytes(result, policy=policy.SMTP).iter_parts()
    assert text.get_content() == "Ring [phone].\r\n"
    packed = attachment.get_payload(decode=True)
    assert isinstance(packed, bytes)
    decoded = unpack(packed).decode()
    is_same = decoded == HEAD + filler + CLEAN  # pytest would look for differences for minutes
    assert is_same
    [(_, edits)] = [found for found in run.objects() if found[0] == "brev.eml"]
    is_restored = restored(source, result, edits) == source
    assert is_restored
    told = [event for event in dry_run(run.job) if isinstance(event, FileResult)]
    assert [(one.state, one.kinds) for one in told] == [("changed", run.files["brev.eml"][0].kinds)]
    verdict = verify(run.job, source=tmp_path / "archive")
    assert verdict.is_clean
    assert not verdict.unread
    assert {path.name for path in tmp_path.rglob("*")} == {"archive", "copy", "brev.eml"}
