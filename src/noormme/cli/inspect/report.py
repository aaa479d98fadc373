"""What ``noormme inspect`` prints: one database or one table, in the form asked for.

Invariant: standard output gets the answer and nothing else, so that it can be piped.
"""

from __future__ import annotations

import sys
from typing import Literal, TypeAlias

import msgspec

from noormme import connect
from noormme.cli.counting import row_counts
from noormme.cli.inspect.details import details
from noormme.cli.inspect.overview import overview
from noormme.cli.output import terminal
from noormme.errors import TableNotFound, did_you_mean
from noormme.schema.diagram import dot, mermaid
from noormme.schema.model import Schema, Table

__all__ = ["report"]

Form: TypeAlias = Literal["tables", "json", "mermaid", "dot"]


def report(target: str | None, table_name: str | None, *, form: Form, rows: bool) -> None:
    """Print what is in a database.

    Args:
        target: A path or a URL; None for the one that is configured.
        table_name: One table or view, by its exact name or its manager's; None for all.
        form: What to print.
        rows: Count rows too; with ``form="tables"`` only.

    Raises:
        ConnectionFailed: The database cannot be opened.
        TableNotFound: It has no such table.
    """
    with connect(target, readonly=True) as db:
        schema = db.schema
        table = None if table_name is None else _table(schema, table_name)
        match form:
            case "json":
                sys.stdout.write(as_json(schema, table))
            case "mermaid":
                sys.stdout.write(mermaid(schema, tables=_neighbours(schema, table)))
            case "dot":
                sys.stdout.write(dot(schema, tables=_neighbours(schema, table)))
            case _:
                console = terminal()
                if table is not None:
                    counts = row_counts(db, [table]) if rows else {}
                    console.show(details(schema, table, counts.get(table.name)))
                else:
                    counted = row_counts(db, schema) if rows else None
                    console.show(overview(schema, db.path, counted, width=console.width))


def as_json(schema: Schema, table: Table | None) -> str:
    """A schema, or one table with its relations and warnings, as indented JSON.

    The whole schema comes in the form that ``Schema.from_json`` reads.
    """
    if table is None:
        data = schema.to_json()
    else:
        relations = tuple(schema.relations_of(table.name).values())
        warnings = tuple(warning for warning in schema.warnings if warning.table == table.name)
        data = msgspec.json.encode(
            {"table": table, "relations": relations, "warnings": warnings}, order="deterministic"
        )
    return msgspec.json.format(data, indent=2).decode() + "\n"


def _table(schema: Schema, name: str) -> Table:
    table = schema.table(name)
    if table is None:
        names = [known for item in schema for known in (item.name, item.manager)]
        raise TableNotFound(f"no table or view '{name}'", hint=did_you_mean(name, names))
    return table


def _neighbours(schema: Schema, table: Table | None) -> list[str] | None:
    if table is None:
        return None
    targets = [relation.target for relation in schema.relations_of(table.name).values()]
    return list(dict.fromkeys([table.name, *targets]))
