"""What the demo looks like on a terminal.

Invariant: made from answers, timings and the schema; runs nothing and reads no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from noormme.cli.code import quoted
from noormme.cli.demo.answers import Answer
from noormme.cli.demo.speed import Timing
from noormme.cli.demo.values import rows_table, shown
from noormme.cli.inspect.overview import warnings_list
from noormme.cli.output import duration, highlighted, key_values, new_table, plural, printable
from noormme.schema.model import Schema

__all__ = ["answer_block", "found_block", "heading", "next_steps", "speed_block", "sql_text"]

_TABLES = 40
_ROWS = 5
_COLUMNS = 6
"""How much is shown of a database, of an answer, of a list of columns; what is cut is said."""
_INDENT = 4

_CLAUSES = ("FROM", "JOIN", "LEFT OUTER JOIN", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET")
_TOKEN = re.compile(
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\s+|LEFT OUTER JOIN|GROUP BY|ORDER BY|\w+|.""", re.DOTALL
)
_SELECT = re.compile(r"(?P<start>SELECT (?:DISTINCT )?)(?P<columns>.*?)(?=\s+FROM )", re.DOTALL)


def heading(title: str, note: str = "") -> RenderableType:
    """The start of a part of the demo."""
    return Group(Text(), Text.assemble((title, "title"), (f"  {printable(note)}", "note")), Rule(style="dim"))


def found_block(schema: Schema, counts: Mapping[str, int]) -> RenderableType:
    """What discovery found: tables with their rows and relations, and the warnings."""
    table = new_table("Table", "Rows", "Columns", "Relations", right=("Rows", "Columns"), wrap=("Relations",))
    known = sorted(schema.tables, key=lambda item: (-counts.get(item.name, -1), item.name))
    for item in sorted(known[:_TABLES], key=lambda item: item.name):
        count = counts.get(item.name)
        table.add_row(
            Text(printable(item.name), style="name"),
            Text("?", style="warning") if count is None else f"{count:,}",
            str(len(item.columns)),
            Text(", ".join(schema.relations_of(item.name))),
        )
    parts: list[RenderableType] = [table] if known else []
    if len(known) > _TABLES:
        parts.append(Text(f" and {plural(len(known) - _TABLES, 'smaller table')}", style="note"))
    if schema.views:
        views = ", ".join(printable(view.name) for view in schema.views)
        parts.append(Text.assemble(("\nViews  ", "note"), views))
    parts += [Text(), warnings_list(schema.warnings)]
    return Group(*parts)


def answer_block(number: int, answer: Answer, width: int) -> RenderableType:
    """One question: its code, the SQL that ran, the rows and the time."""
    return Group(*_answer_parts(number, answer, width))


def _answer_parts(number: int, answer: Answer, width: int) -> Iterator[RenderableType]:
    yield Text()
    yield Text.assemble((f"{number:>2}  ", "note"), (printable(answer.question.title), "title"))
    yield Text()
    yield highlighted(answer.question.code, "python", _INDENT)
    for statement in answer.statements:
        yield Text()
        yield highlighted(sql_text(statement), "sql", _INDENT)
    yield Text()
    if answer.failure is not None:
        yield _indented(Text(printable(answer.failure), style="bad"))
        return
    if answer.scalar:
        yield _indented(Text(printable(shown(answer.rows[0][0])), style="good"))
    elif answer.rows:
        rows = rows_table(answer.columns, answer.rows[:_ROWS], width - _INDENT)
        yield Padding(rows, (0, 0, 0, _INDENT - 1), expand=False)
    yield _indented(Text(_cost(answer), style="note"))


def _cost(answer: Answer) -> str:
    parts = [duration(answer.seconds), f"the first time {duration(answer.first_s)}"]
    if not answer.scalar:
        count = len(answer.rows)
        parts.insert(0, plural(count, "row") + (f", {_ROWS} of them shown" if count > _ROWS else ""))
    if len(answer.statements) > 1:
        parts.append(plural(len(answer.statements), "query", "queries"))
    return " · ".join(parts)


def speed_block(timings: Sequence[Timing], versions: tuple[str, str]) -> RenderableType:
    """The figures of both sides; ``versions`` are those of SQLite here and there."""
    table = new_table(
        "Operation",
        "noormme",
        "median ",
        "sqlite3",
        "median",
        "ratio",
        right=("noormme", "median ", "sqlite3", "median", "ratio"),
        wrap=("Operation",),
    )
    for timing in timings:
        if timing.failure is not None:
            table.add_row(Text(timing.title), Text(printable(timing.failure), style="warning"))
            continue
        table.add_row(
            Text(timing.title),
            Text(_microseconds(timing.noormme_min_s), style="title"),
            Text(_microseconds(timing.noormme_median_s), style="note"),
            _microseconds(timing.sqlite3_min_s),
            Text(_microseconds(timing.sqlite3_median_s), style="note"),
            Text(f"{timing.ratio:.2f}×", style="good" if timing.ratio <= 1 else ""),
        )
    compared = [timing for timing in timings if timing.failure is None]
    different = [timing.title for timing in compared if not timing.same]
    if different:
        verdict = Text(f"The two sides read different values: {', '.join(different)}.", style="bad")
    else:
        verdict = Text("Both sides read the same rows and the same values.", style="good")
    ours, theirs = versions
    note = (
        f"noormme gives typed objects (SQLite {ours}); sqlite3, in a process of its own, gives the bare "
        f"tuples (SQLite {theirs}). Below 1× noormme is the faster one."
    )
    return Group(table, Text(), verdict, Text(note, style="note"))


def next_steps(database: str | None, keep: Path | None) -> RenderableType:
    """What to try next."""
    path = database or (str(keep) if keep else None)
    steps: list[tuple[str, str]] = []
    if path is None:
        path = "app.db"
        steps.append(("noormme demo --keep studio.db", "the same, and keep the sample"))
        steps.append((f"noormme demo --database {path}", "the same on yours, which is only read"))
    steps.append((f"noormme inspect {printable(path)}", "tables, columns, keys, relations"))
    commands = key_values(
        ((command, Text(meaning, style="note")) for command, meaning in steps), name_style="name"
    )
    code = highlighted(f"from noormme import connect\n\ndb = connect({quoted(path)})", "python", 1)
    return Group(heading("Next"), Padding(commands, (0, 0, 1, 1), expand=False), code)


def sql_text(statement: str) -> str:
    """A statement with one clause a line, and a long list of columns cut short."""
    lines: list[str] = [""]
    depth = 0
    for token in _TOKEN.findall(_shortened(statement)):
        depth += (token == "(") - (token == ")")
        if token.isspace():
            lines[-1] += " " if lines[-1] else ""
        elif depth == 0 and token in _CLAUSES:
            lines[-1] = lines[-1].rstrip()
            lines.append(f"  {token}" if token.endswith("JOIN") else token)
        else:
            lines[-1] += token
    return "\n".join(line for line in lines if line)


def _shortened(statement: str) -> str:
    match = _SELECT.match(statement)
    if match is None:
        return statement
    columns: list[str] = [""]
    depth = 0
    for token in _TOKEN.findall(match["columns"]):
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            columns.append("")
        else:
            columns[-1] += token
    if depth or len(columns) <= _COLUMNS:
        return statement
    kept = ",".join(columns[: _COLUMNS - 1])
    return f"{match['start']}{kept}, /* and {len(columns) - _COLUMNS + 1} more */ {statement[match.end() :]}"


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, _INDENT), expand=False)


def _microseconds(seconds: float) -> str:
    value = seconds * 1e6
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
