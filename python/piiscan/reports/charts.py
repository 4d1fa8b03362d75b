"""Charts as inline SVG, without scripts and style attributes.

The table beside a chart holds the same numbers. Parts of a stacked bar stand in one order and carry
their number where there is room, so that nothing hangs on color.
"""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

__all__ = ["bars", "stacks"]

ROW = 26  # height of a bar with its space
LABEL = 230  # width left of the bars
WIDTH = 720
NUMBER = 90  # width right of the longest bar
LETTER = 7.4  # mean width of a letter at 13 px
KEY = 30  # height of the line that names the parts
# Where no style sheet reaches, such as in PDF: those of the light scheme in `style.css`.
INK, BAR = "#1b1b1b", "#1f5f99"
PARTS = ("#bcd7ee", "#d9d9d9", "#f0d48a", "#a30000")
ON_PARTS = (INK, INK, INK, "#ffffff")


def bars(name: str, rows: Sequence[tuple[str, int, str]], *, title: str, text: str) -> Markup:
    """Return a bar chart.

    Args:
        name: Part of its ids, unique on a page.
        rows: Label, length, and the length as shown.
        title: Read out as the name of the chart.
        text: Read out as its description.

    """
    longest = max((length for _, length, _ in rows), default=0) or 1
    drawn = []
    for at, (label, length, shown) in enumerate(rows):
        middle = at * ROW + ROW // 2 + 3
        width = max(1, round(length / longest * (WIDTH - LABEL - NUMBER)))
        drawn.append(
            _label(label, middle)
            + f'<rect class="bar" fill="{BAR}" x="{LABEL}" y="{middle - 8}" width="{width}"'
            f' height="16"/>'
            f'<text x="{LABEL + width + 6}" y="{middle + 4}">{escape(shown)}</text>'
        )
    return _svg(name, drawn, ROW * len(rows) + 6, title=title, text=text)


def stacks(
    name: str,
    parts: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int], Sequence[str]]],
    *,
    title: str,
    text: str,
) -> Markup:
    """Return a chart of bars of equal length whose parts are shares.

    Args:
        name: Part of its ids, unique on a page.
        parts: What the parts mean, at most four, the last ones the gravest.
        rows: Label, the sizes of the parts, and the sizes as shown.
        title: Read out as the name of the chart.
        text: Read out as its description.

    """
    drawn, left = [], 0.0
    for at, part in enumerate(parts):
        drawn.append(
            f'<rect class="part{at}" fill="{PARTS[at]}" x="{left:.0f}" y="4" width="16"'
            f' height="16"/>'
            f'<text x="{left + 22:.0f}" y="17">{escape(part)}</text>'
        )
        left += 22 + LETTER * len(part) + 18
    for at, (label, sizes, shown) in enumerate(rows):
        middle = KEY + at * ROW + ROW // 2 + 3
        drawn.append(_label(label, middle))
        whole, x = sum(sizes) or 1, float(LABEL)
        for number, (size, text_of) in enumerate(zip(sizes, shown, strict=True)):
            width = size / whole * (WIDTH - LABEL - 4)
            if not size:
                continue
            drawn.append(
                f'<rect class="part{number}" fill="{PARTS[number]}" x="{x:.1f}" y="{middle - 8}"'
                f' width="{max(1.0, width):.1f}" height="16"/>'
            )
            if width > LETTER * len(text_of) + 8:
                drawn.append(
                    f'<text class="on on{number}" fill="{ON_PARTS[number]}" x="{x + width / 2:.1f}"'
                    f' y="{middle + 4}"'
                    f' text-anchor="middle">{escape(text_of)}</text>'
                )
            x += width
    return _svg(name, drawn, KEY + ROW * len(rows) + 6, title=title, text=text)


def _label(label: str, middle: int) -> str:
    room = int((LABEL - 8) / LETTER)
    cut = label if len(label) <= room else label[: room - 1] + "…"
    return (
        f'<text class="label" x="{LABEL - 8}" y="{middle + 4}" text-anchor="end">'
        f"{escape(cut)}</text>"
    )


def _svg(name: str, drawn: Sequence[str], height: int, *, title: str, text: str) -> Markup:
    head = (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" fill="{INK}" font-size="13"'
        f' font-family="sans-serif"'
        f' aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-text">{escape(text)}</desc>'
    )
    return Markup("".join([head, *drawn, "</svg>"]))  # noqa: S704 - every label is escaped above
