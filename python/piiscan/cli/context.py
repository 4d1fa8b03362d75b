"""What stands around a finding, for `--context`: read again from its file, and masked.

A stretch is read by its byte range, from a file that has not changed since it was scanned. Where
the bytes lie inside a container or are encoded, there is nothing to show.
"""

from piiscan.findings import LOW, mask, printable
from piiscan.scanning import Scanner
from piiscan.store import Store, StoredObject
from piiscan.store.blocks import Row
from piiscan.sweeping import find_path

__all__ = ["Source"]

HEAD, CONTINUED = 0xC0, 0x80  # UTF-8: the head bits of a byte within a character
MARGIN = 256  # bytes read beyond what is shown, so that no value is cut before it is seen
PLAIN = {"text", "jsonl", "json", "csv", ""}  # formats whose raw bytes are readable text


class Source:
    """The files of one run.

    Args:
        texts: Bytes that came on stdin, by row of the object.

    """

    def __init__(self, texts: dict[int, bytes] | None = None) -> None:
        self._texts = texts or {}
        self._scanner = Scanner(minimum=LOW)
        self._names: dict[bytes, tuple[str, bytes]] = {}
        self._neighbors: dict[int, list[tuple[int, int, str]]] = {}

    def note(self, ident: bytes, root: str, name: bytes) -> None:
        """Remember where a file is.

        Args:
            ident: Id of the object.
            root: Its root.
            name: Its exact location in the root.

        """
        self._names[ident] = (root, name)

    def context(self, store: Store, owner: StoredObject, row: Row, width: int) -> str:
        """Return what stands around a finding, with every finding masked; empty if unreadable.

        Args:
            store: Where the findings around it stand.
            owner: The object.
            row: The finding.
            width: Bytes on either side.

        """
        if owner.format not in PLAIN:
            return ""
        first, last = max(0, row.raw_start - width), row.raw_end + width
        low = max(0, first - MARGIN)
        data = self._read(owner, low, last + MARGIN)
        if data is None:
            return ""
        skipped = next((at for at, byte in enumerate(data) if byte & HEAD != CONTINUED), len(data))
        low, data = low + skipped, data[skipped:]
        pieces, at = [], max(first, low)
        for start, end, shown in sorted([*self._around(store, owner), *self._others(data, low)]):
            if end <= at or start >= last:
                continue
            pieces += [_decoded(data[at - low : max(at, start) - low]), shown]
            at = end
        text = "".join([*pieces, _decoded(data[at - low : max(at, last) - low])])
        return " ".join(printable(part) for part in text.split())

    def _others(self, data: bytes, low: int) -> list[tuple[int, int, str]]:
        """Return the findings of every detector, for those that were left out of the scan."""
        text = _decoded(data)
        spans = self._scanner.scan(text)
        exact = data.startswith(text.encode())
        places = spans.spans() if exact else spans.spans(unit="char", text=text)
        return [
            (low + int(start), low + int(end), mask(finding.detector, finding.end - finding.start))
            for finding, (start, end) in zip(spans, places, strict=True)
        ]

    def _around(self, store: Store, owner: StoredObject) -> list[tuple[int, int, str]]:
        if owner.id not in self._neighbors:
            self._neighbors = {
                owner.id: sorted(
                    (
                        row.raw_start,
                        row.raw_end,
                        mask(store.detector_rows[row.detector][0], row.end - row.start),
                    )
                    for row in store.rows(owner)
                )
            }
        return self._neighbors[owner.id]

    def _read(self, owner: StoredObject, start: int, end: int) -> bytes | None:
        if owner.id in self._texts:
            return self._texts[owner.id][start:end]
        if owner.parent is not None or owner.ident not in self._names:
            return None
        path = find_path(*self._names[owner.ident], owner.size, owner.mtime_ns)
        if path is None:
            return None
        try:
            with path.open("rb") as stream:
                stream.seek(start)
                return stream.read(end - start)
        except OSError:
            return None


def _decoded(data: bytes) -> str:
    """Return text, from UTF-8 that may be cut at its end, or one letter a byte."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return data[: error.start].decode()
        return data.decode("cp1252", errors="replace")
