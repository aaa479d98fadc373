"""Results as one SVG: a panel for each operation, a bar for each contender, on a logarithmic scale.

Invariant: the drawing needs nothing but the results, and equal results give equal text.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from math import ceil, floor, log10

from benchmarks.contenders import CONTENDERS
from benchmarks.operations import OPERATIONS, STATISTICS
from benchmarks.results import REFERENCE, Results

__all__ = ["svg"]

OURS = "noormme"
COLUMNS = 3
PANEL_WIDTH = 372
LABEL_WIDTH = 118
VALUE_WIDTH = 46
BAR_HEIGHT = 13
BAR_GAP = 4
HEAD = 46
MARGIN = 28
TOP = 92
BOTTOM = 44
TITLE = "SQLite from Python: time against hand-written sqlite3"
NOTE = (
    "Shorter is better. 1 (red line) is the standard library giving bare, unconverted tuples; "
    "all others give typed values. Logarithmic scales."
)
DRAWN_STATISTICS = ("discovery", "first_row")

STYLE = """
text { font-family: ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2430; }
.title { font-size: 21px; font-weight: 700; }
.note { font-size: 12.5px; fill: #5b6475; }
.panel { font-size: 14px; font-weight: 650; }
.label { font-size: 11.5px; text-anchor: end; fill: #3d4556; }
.value { font-size: 11px; fill: #5b6475; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
.tick { font-size: 9.5px; fill: #8a93a5; text-anchor: middle; }
.ours { font-weight: 700; fill: #0b6e4f; }
.bar { fill: #b9c2d3; }
.bar.hand { fill: #8796b3; }
.bar.ours { fill: #16a374; }
.grid { stroke: #e6e9f0; stroke-width: 1; }
.one { stroke: #d1495b; stroke-width: 1.2; stroke-dasharray: 3 2; }
"""


def svg(results: Results) -> str:
    """Draw the operations of a run.

    Args:
        results: What the run found.

    Returns:
        The SVG's text, which a browser or a README shows as it is.
    """
    panels = [
        *_panels_of_operations(results),
        *_panels_of_statistics(results),
    ]
    bars = max((len(panel.bars) for panel in panels), default=0)
    panel_height = HEAD + bars * (BAR_HEIGHT + BAR_GAP) + 26
    rows = -(-len(panels) // COLUMNS)
    width = MARGIN * 2 + COLUMNS * PANEL_WIDTH
    height = TOP + rows * panel_height + BOTTOM
    body = [
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="title" x="{MARGIN}" y="40">{TITLE}</text>',
        f'<text class="note" x="{MARGIN}" y="63">{NOTE}</text>',
    ]
    for number, panel in enumerate(panels):
        body += panel.draw(MARGIN + number % COLUMNS * PANEL_WIDTH, TOP + number // COLUMNS * panel_height)
    foot = f"{results.machine}; {results.rounds} interleaved rounds, best of each"
    body.append(f'<text class="note" x="{MARGIN}" y="{height - 18}">{escape(foot)}</text>')
    body.append("</svg>")
    return "\n".join(body) + "\n"


class _Scale:
    """From a number to pixels, logarithmic; bars start a little below the lowest number."""

    def __init__(self, numbers: list[float]) -> None:
        self._lowest = min(numbers) * 0.8
        decades = log10(max(numbers) / self._lowest)
        self._unit = (PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH - 20) / max(decades, 1.0)
        powers = range(ceil(log10(self._lowest)), floor(log10(max(numbers))) + 1)
        self.ticks = [10**power for power in powers]

    def __call__(self, number: float) -> float:
        return round(log10(number / self._lowest) * self._unit, 1)


class _Panel:
    """One operation: its title, its bars from the best to the worst, and how a number is written."""

    def __init__(
        self, title: str, bars: list[tuple[str, float]], scale: _Scale, write: Callable[[float], str]
    ) -> None:
        self.title = title
        self.bars = sorted(bars, key=lambda bar: bar[1])
        self._scale = scale
        self._write = write

    def draw(self, x: int, y: int) -> list[str]:
        left = x + LABEL_WIDTH + 8
        top = y + HEAD - 22
        bottom = top + len(self.bars) * (BAR_HEIGHT + BAR_GAP) + 2
        drawn = [f'<text class="panel" x="{x}" y="{y + 12}">{escape(self.title)}</text>']
        for tick in self._scale.ticks:
            at = left + self._scale(tick)
            kind = "one" if tick == 1 else "grid"
            drawn.append(f'<line class="{kind}" x1="{at}" y1="{top - 2}" x2="{at}" y2="{bottom}"/>')
            drawn.append(f'<text class="tick" x="{at}" y="{bottom + 11}">{self._write(tick)}</text>')
        for number, (name, value) in enumerate(self.bars):
            at = top + number * (BAR_HEIGHT + BAR_GAP)
            drawn += self._bar(name, value, x, left, at)
        return drawn

    def _bar(self, name: str, value: float, x: int, left: int, at: int) -> list[str]:
        kind = " ours" if name == OURS else " hand" if name in (REFERENCE, "apsw") else ""
        label = escape(CONTENDERS[name].title)
        length = self._scale(value)
        end = round(left + length + 5, 1)
        return [
            f'<text class="label{kind}" x="{x + LABEL_WIDTH}" y="{at + 10.5}">{label}</text>',
            f'<rect class="bar{kind}" x="{left}" y="{at}" width="{length}" height="{BAR_HEIGHT}" rx="2"/>',
            f'<text class="value{kind}" x="{end}" y="{at + 10.5}">{self._write(value)}</text>',
        ]


def _panels_of_operations(results: Results) -> list[_Panel]:
    """One panel an operation, all on one scale so that panels compare."""
    ratios = {
        operation.title: [
            (name, ratio)
            for name in results.versions
            if (ratio := results.ratio(operation.key, name)) is not None
        ]
        for operation in OPERATIONS
    }
    found = {title: bars for title, bars in ratios.items() if bars}
    if not found:
        return []
    scale = _Scale([ratio for bars in found.values() for _, ratio in bars])
    return [_Panel(title, bars, scale, _times) for title, bars in found.items()]


def _panels_of_statistics(results: Results) -> list[_Panel]:
    """Panels of what is measured in milliseconds, each on a scale of its own."""
    panels = []
    for statistic in STATISTICS:
        figures = results.statistics.get(statistic.key, {})
        if statistic.key in DRAWN_STATISTICS and figures:
            bars = [(name, figure.minimum) for name, figure in figures.items()]
            scale = _Scale([value for _, value in bars])
            panels.append(_Panel(statistic.title, bars, scale, _milliseconds))
    return panels


def _times(ratio: float) -> str:
    return f"{ratio:.2f}×" if ratio < 10 and ratio != int(ratio) else f"{ratio:.0f}×"


def _milliseconds(number: float) -> str:
    return f"{number:,.1f} ms" if number < 100 and number != int(number) else f"{number:,.0f} ms"
