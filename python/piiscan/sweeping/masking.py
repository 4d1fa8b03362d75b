"""Paths and names without the values that stand in them."""

from piiscan.findings import mask, printable
from piiscan.scanning import Scanner

__all__ = ["mask_name", "mask_text"]


def mask_text(scanner: Scanner, text: str) -> str:
    """Return `text` with every value replaced by its mask, and safe on a terminal."""
    data = text.encode(errors="replace")
    shown, at = [], 0
    for finding in scanner.scan(data.decode()):
        if finding.end > at:
            shown.append(printable(data[at : max(at, finding.start)].decode()))
            shown.append(mask(finding.detector, finding.end - finding.start))
            at = finding.end
    return "".join([*shown, printable(data[at:].decode())])


def mask_name(scanner: Scanner, name: str) -> str:
    """Return one step of a path as a sweep with this scanner shows it.

    Args:
        scanner: With the key of the store, whose fingerprints stand in masks.
        name: Of a file, folder or entry.

    """
    data = name.encode(errors="replace")
    shown, at = [], 0
    for finding in scanner.scan(name):
        if finding.start >= at:
            length = len(data[finding.start : finding.end].decode())
            digest = finding.fingerprint.partition(":")[2][:8]
            shown += [data[at : finding.start].decode(), f"[{finding.detector} {length} {digest}]"]
        at = max(at, finding.end)
    return "".join([*shown, data[at:].decode()])
