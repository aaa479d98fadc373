"""The state of a database for the terminal and for programs.

Invariant: made from a ``Status`` and from nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
from rich.console import RenderableType
from rich.text import Text

from noormme import Database
from noormme.cli.output import key_values, new_table, plural, printable, size, terminal
from noormme.cli.status.facts import Fact, Status, status_of
from noormme.database import open_registry

__all__ = ["show"]

_WARNINGS = 5


def show(database: str | None, *, count_s: float, as_json: bool) -> None:
    """Print the state of a database.

    Args:
        database: A path or a URL; None for the one that is configured.
        count_s: For how long rows may be counted, in seconds.
        as_json: Print it as JSON.

    Raises:
        NoormmeError: The database cannot be read.
    """
    registry = open_registry(database, readonly=True)
    console = terminal()
    with Database((registry.engine, registry)) as db, terminal(sys.stderr).status("counting rows"):
        status = status_of(db, registry.engine, count_s)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(status), indent=2).decode() + "\n")
    else:
        console.show(*_parts(status))


def _parts(status: Status) -> Iterator[RenderableType]:
    tables = [table for table in status.tables if table.kind != "view"]
    views = len(status.tables) - len(tables)
    facts = [status.dialect, plural(len(tables), "table")]
    if views:
        facts.append(plural(views, "view"))
    rows = [table.rows for table in tables if table.rows is not None]
    if rows:
        facts.append(plural(sum(rows), "row") if status.counted else f"at least {plural(sum(rows), 'row')}")
    yield Text.assemble((printable(status.path), "title"), (f"  {' · '.join(facts)}", "note"))
    if status.facts:
        yield Text()
        yield key_values((_name(fact), Text(_value(fact))) for fact in status.facts)
    if status.tables:
        yield Text()
        grid = new_table("Table", "Rows", right=("Rows",))
        for table in sorted(
            status.tables, key=lambda each: (each.rows is None, -(each.rows or 0), each.name)
        ):
            name = Text(printable(table.name), style="name")
            if table.kind != "table":
                name.append(f"  {table.kind}", style="note")
            grid.add_row(name, f"{table.rows:,}" if table.rows is not None else Text("?", style="warning"))
        yield grid
        if not status.counted:
            yield Text("\n? was not counted in time: --count-time gives it more.", style="note")
    yield Text()
    if not status.warnings:
        yield Text("No warnings.", style="note")
        return
    yield Text(plural(len(status.warnings), "warning"), style="warning")
    yield Text()
    yield key_values(("·", Text(printable(warning))) for warning in status.warnings[:_WARNINGS])
    if len(status.warnings) > _WARNINGS:
        yield Text("\nnoormme inspect shows all of them.", style="note")


def _name(fact: Fact) -> str:
    return fact.name.removesuffix("_bytes").replace("_", " ")


def _value(fact: Fact) -> str:
    if isinstance(fact.value, str):
        return printable(fact.value)
    return size(fact.value) if fact.name.endswith("_bytes") else f"{fact.value:,}"
