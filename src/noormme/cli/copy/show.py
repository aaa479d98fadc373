"""The report of a copy for the terminal.

Invariant: made from a ``CopyReport`` and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from noormme.cli.output import duration, key_values, new_table, plural, printable
from noormme.copying import CopyReport, Difference, TableReport

__all__ = ["shown"]


def shown(report: CopyReport) -> Group:
    """Everything that a report says.

    Args:
        report: The report.
    """
    return Group(*_parts(report))


def _parts(report: CopyReport) -> Iterator[RenderableType]:
    title = f"{printable(report.source)} → {printable(report.target)}"
    facts = [plural(len(report.tables), "table"), plural(report.rows, "row")]
    if report.views:
        facts.append(plural(len(report.views), "view"))
    facts.append("nothing was written" if report.dry_run else duration(report.elapsed_s))
    yield Text.assemble((title, "title"), (f"  {' · '.join(facts)}", "note"))
    if report.resumed:
        yield Text("It goes on where an earlier one had stopped.", style="note")
    if report.tables:
        yield Text()
        yield _tables(report)
    if report.dry_run:
        yield Text("\nDefinitions\n", style="title")
        for statement in report.statements:
            yield Text("\n".join(printable(line) for line in statement.splitlines()) + ";")
    yield Text()
    yield _differences(report.differences)
    yield Text()
    yield _verdict(report)


def _tables(report: CopyReport) -> RenderableType:
    checked = any(table.matches is not None for table in report.tables)
    headings = ["Table", "Rows", *(["At the target", "Same"] if checked else [])]
    grid = new_table(*headings, right=("Rows", "At the target"))
    for table in report.tables:
        cells: list[RenderableType] = [_name(table), f"{table.rows:,}"]
        if checked:
            same = Text("yes", style="good") if table.matches else Text("no", style="bad")
            cells += [f"{table.copied:,}" if table.copied is not None else "?", same]
        grid.add_row(*cells)
    return grid


def _name(table: TableReport) -> Text:
    name = Text(printable(table.name), style="name")
    if table.target != table.name:
        name.append(f" as {printable(table.target)}", style="note")
    return name


def _differences(differences: tuple[Difference, ...]) -> RenderableType:
    if not differences:
        return Text("Everything has its equal at the target.", style="note")
    heading = Text(f"{plural(len(differences), 'difference')}\n", style="warning")
    return Group(heading, key_values(("·", Text(printable(str(each)))) for each in differences))


def _verdict(report: CopyReport) -> Text:
    if report.dry_run:
        return Text("Nothing was written.", style="note")
    if report.mismatches:
        names = ", ".join(printable(table.name) for table in report.mismatches)
        text = f"Not the same at the target: {names}. If the source was written to meanwhile,"
        return Text(f"{text} --replace copies it anew.", style="bad")
    if report.tables and report.verified:
        return Text("Every table was read again: the target holds the same rows.", style="good")
    return Text("The tables were not compared.", style="note")
