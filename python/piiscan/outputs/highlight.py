"""Highlighted text for notebooks: masked unless asked, and never by color alone."""

from collections.abc import Iterator
from html import escape

from piiscan.findings import Findings

__all__ = ["Highlighted", "highlight"]


class Highlighted:
    """Text with its findings marked; masked in every form unless `reveal` was given."""

    __slots__ = ("_html", "_plain")

    def __init__(self, plain: str, html: str) -> None:
        self._plain = plain
        self._html = html

    def __str__(self) -> str:
        return self._plain

    def __repr__(self) -> str:
        return self._plain

    def _repr_html_(self) -> str:
        return self._html


def highlight(text: str, findings: Findings, *, reveal: bool = False) -> Highlighted:
    """Return `text` with each finding marked.

    Args:
        text: The text that was scanned.
        findings: Its findings.
        reveal: Show the values.

    """
    plain, html = [], []
    for piece, label, masked in _pieces(text, findings):
        if not label:
            plain.append(piece)
            html.append(escape(piece))
            continue
        shown = piece if reveal else masked
        plain.append(shown)
        name = "" if shown.startswith(f"[{label} ") else f" <small>{escape(label)}</small>"
        html.append(f"<mark>{escape(shown)}{name}</mark>")
    return Highlighted("".join(plain), f"<pre>{''.join(html)}</pre>")


def _pieces(text: str, findings: Findings) -> Iterator[tuple[str, str, str]]:
    """Yield plain pieces, and marked ones with label and mask; overlapping findings share one."""
    data = text.encode()
    at = 0
    for finding in findings:
        if finding.end <= at:
            continue
        start = max(at, finding.start)
        yield data[at:start].decode(), "", ""
        yield data[start : finding.end].decode(), finding.detector, finding.masked
        at = finding.end
    yield data[at:].decode(), "", ""
