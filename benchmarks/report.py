"""Results as tables: for a terminal, and as Markdown.

Invariant: a table shows only what its results hold; a number that is not there is a hyphen.
"""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.contenders import CONTENDERS
from benchmarks.operations import OPERATIONS, STATISTICS
from benchmarks.results import REFERENCE, Results

__all__ = ["markdown", "print_tables"]

OURS = "noormme"
MISSING = "-"

Row = list[str]


def print_tables(results: Results, console: Console) -> None:
    """Print both tables on a terminal, noormme highlighted.

    Args:
        results: What a run found.
        console: Where to print.
    """
    names = list(results.versions)
    console.print(f"\n[bold]{results.machine}[/bold], {results.rounds} rounds, best round of each")
    for title, rows in _sections(results):
        if not rows:
            continue
        table = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD)
        table.add_column("", no_wrap=True)
        table.add_column("goal", justify="right", style="dim")
        for name in names:
            style = "bold green" if name == OURS else ""
            table.add_column(_heading(results, name), justify="right", style=style)
        for label, goal, *cells in rows:
            table.add_row(label, goal, *(Text(cell) for cell in cells))
        console.print(table)
    for operation, wrong in results.wrong.items():
        console.print(f"[red]{operation}: other data than sqlite3 from {', '.join(wrong)}[/red]")


def markdown(results: Results) -> str:
    """Both tables as Markdown, noormme in bold, ending with a line that says where they were taken."""
    names = list(results.versions)
    parts = []
    for title, rows in _sections(results):
        if not rows:
            continue
        headings = [_bold(CONTENDERS[name].title, name) for name in names]
        lines = [
            f"| {title} | goal | " + " | ".join(headings) + " |",
            "|---|--:|" + "--:|" * len(names),
        ]
        for label, goal, *cells in rows:
            marked = [_bold(cell, name) for name, cell in zip(names, cells, strict=True)]
            lines.append(f"| {label} | {goal} | " + " | ".join(marked) + " |")
        parts.append("\n".join(lines))
    versions = ", ".join(f"{CONTENDERS[name].title} {version}" for name, version in results.versions.items())
    parts.append(f"{results.machine}; {results.rounds} rounds, best round of each. {versions}.")
    return "\n\n".join(parts) + "\n"


def _sections(results: Results) -> list[tuple[str, list[Row]]]:
    names = list(results.versions)
    times = [
        [operation.title, _goal(operation.goal), *(_time(results, operation.key, name) for name in names)]
        for operation in OPERATIONS
        if operation.key in results.operations
    ]
    statistics = [
        [
            f"{statistic.title}, {statistic.unit}",
            _goal(statistic.goal),
            *(_number(results, statistic.key, name) for name in names),
        ]
        for statistic in STATISTICS
        if statistic.key in results.statistics
    ]
    return [("time, × hand-written sqlite3", times), ("other", statistics)]


def _heading(results: Results, name: str) -> str:
    return f"{CONTENDERS[name].title}\n{results.versions[name]}"


def _bold(text: str, name: str) -> str:
    return f"**{text}**" if name == OURS else text


def _goal(goal: float | None) -> str:
    return MISSING if goal is None else f"{goal:.2f}" if goal < 10 else f"{goal:,.0f}"


def _time(results: Results, operation: str, name: str) -> str:
    ratio = results.ratio(operation, name)
    if ratio is None:
        return MISSING
    if name == REFERENCE:
        return _microseconds(results.operations[operation][name].minimum)
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _microseconds(number: float) -> str:
    return f"{number:,.1f} µs" if number < 100 else f"{number:,.0f} µs"


def _number(results: Results, statistic: str, name: str) -> str:
    figure = results.statistics[statistic].get(name)
    if figure is None:
        return MISSING
    return f"{figure.minimum:.1f}" if figure.minimum < 100 else f"{figure.minimum:,.0f}"
