"""Charts as inline SVG, without scripts and style attributes.

The table beside a chart holds the same numbers.
"""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

__all__ = ["bars"]

ROW = 26  # height of a bar with its space
LABEL = 190  # width left of the bars
WIDTH = 640
NUMBER = 90  # width right of the longest bar


def bars(rows: Sequence[tuple[str, int, str]], *, title: str, text: str) -> Markup:
    """Return a bar chart.

    Args:
        rows: Label, length, and the length as shown.
        title: Read out as the name of the chart.
        text: Read out as its description.

    """
    longest = max((length for _, length, _ in rows), default=0) or 1
    height = ROW * len(rows) + 6
    parts = [
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" aria-labelledby="chart-title chart-text">',
        f'<title id="chart-title">{escape(title)}</title>',
        f'<desc id="chart-text">{escape(text)}</desc>',
    ]
    for at, (label, length, shown) in enumerate(rows):
        middle = at * ROW + ROW // 2 + 3
        width = max(1, round(length / longest * (WIDTH - LABEL - NUMBER)))
        parts.append(
            f'<text class="label" x="{LABEL - 8}" y="{middle + 4}" text-anchor="end">'
            f"{escape(label)}</text>"
            f'<rect class="bar" x="{LABEL}" y="{middle - 8}" width="{width}" height="16"/>'
            f'<text x="{LABEL + width + 6}" y="{middle + 4}">{escape(shown)}</text>'
        )
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every label is escaped above
