"""Entity diagrams of a schema, as text for Mermaid and for Graphviz.

Invariant: the text is valid whatever the names are. Entities are called by their managers, which are
identifiers; names as the database has them are labels, and escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from noormme.errors import TableNotFound, did_you_mean
from noormme.schema.model import Column, Relation, Schema, Table

__all__ = ["dot", "drawn_relations", "drawn_tables", "keyed_columns", "mermaid"]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_NOT_IN_MERMAID_WORDS = re.compile("[\x80-\xbf]")
_MERMAID_KEYS = frozenset({"fk", "pk", "uk"})
"""What Mermaid takes for the mark of a key, in upper and lower case, and not for a name."""


def mermaid(schema: Schema, tables: Iterable[str] | None = None) -> str:
    """Draw a schema as a Mermaid entity relationship diagram.

    Args:
        schema: The schema.
        tables: The tables and views to draw, by exact name or manager; None for every table.

    Returns:
        The diagram's text, ending in a line break.

    Raises:
        TableNotFound: One of ``tables`` does not exist.
    """
    entities = drawn_tables(schema, tables)
    lines = ["erDiagram"]
    for table in entities.values():
        label = f'["{_mermaid_text(table.name)}"]' if table.name not in ("", table.manager) else ""
        lines.append(f'    "{table.manager}"{label} {{')
        lines += [f"        {_mermaid_attribute(column, keys)}" for column, keys in keyed_columns(table)]
        lines.append("    }")
    for relation in drawn_relations(schema, entities):
        child = "}o" if relation.kind in ("many_to_one", "many_to_many") else "|o"
        parent = "o{" if relation.to_many else "o|" if relation.nullable else "||"
        source, target = entities[relation.source].manager, entities[relation.target].manager
        lines.append(f'    "{source}" {child}--{parent} "{target}" : "{relation.name}"')
    return "\n".join(lines) + "\n"


def dot(schema: Schema, tables: Iterable[str] | None = None) -> str:
    """Draw a schema as a Graphviz digraph.

    Args:
        schema: The schema.
        tables: The tables and views to draw, by exact name or manager; None for every table.

    Returns:
        The text for ``dot``, ending in a line break.

    Raises:
        TableNotFound: One of ``tables`` does not exist.
    """
    entities = drawn_tables(schema, tables)
    lines = [
        "digraph schema {",
        '    graph [rankdir="LR"];',
        '    node [shape="plain", fontname="Helvetica"];',
        '    edge [dir="both", fontname="Helvetica", fontsize="10"];',
    ]
    for table in entities.values():
        lines.append(f'    "{table.manager}" [label=<<table border="0" cellborder="1" cellspacing="0">')
        lines.append(
            f'        <tr><td colspan="3" bgcolor="#dddddd"><b>{_dot_text(table.name)}</b></td></tr>'
        )
        for column, keys in keyed_columns(table):
            cells = (", ".join(keys), column.name, column.kind)
            lines.append(
                "        <tr>"
                + "".join([f'<td align="left">{_dot_text(cell)}</td>' for cell in cells])
                + "</tr>"
            )
        lines.append("    </table>>];")
    for relation in drawn_relations(schema, entities):
        child = "crowodot" if relation.kind in ("many_to_one", "many_to_many") else "teeodot"
        parent = "crowodot" if relation.to_many else "teeodot" if relation.nullable else "teetee"
        source, target = entities[relation.source].manager, entities[relation.target].manager
        arrows = f'arrowtail="{child}", arrowhead="{parent}"'
        lines.append(f'    "{source}" -> "{target}" [label="{relation.name}", {arrows}];')
    lines.append("}")
    return "\n".join(lines) + "\n"


def drawn_tables(schema: Schema, names: Iterable[str] | None) -> dict[str, Table]:
    """The tables to draw by exact name, sorted."""
    if names is None:
        return {table.name: table for table in schema.tables}
    found: dict[str, Table] = {}
    for name in names:
        table = schema.table(name)
        if table is None:
            known = [known for table in schema for known in (table.name, table.manager)]
            raise TableNotFound(f"no table or view '{name}' to draw", hint=did_you_mean(name, known))
        found[table.name] = table
    return dict(sorted(found.items()))


def drawn_relations(schema: Schema, entities: dict[str, Table]) -> list[Relation]:
    """One direction of each relation: foreign keys, and junctions that are not drawn themselves."""
    return [
        relation
        for relation in schema.relations
        if relation.source in entities
        and relation.target in entities
        and (relation.forward or (relation.through is not None and _comes_first(relation)))
        and relation.through not in entities
    ]


def _comes_first(relation: Relation) -> bool:
    return (relation.source, relation.name) < (relation.target, relation.inverse)


def keyed_columns(table: Table) -> list[tuple[Column, list[str]]]:
    """Every column with the keys that it belongs to: ``PK``, ``FK``, ``UK``."""
    foreign = {name for key in table.foreign_keys for name in key.columns}
    unique = table.unique_keys - {frozenset(table.primary_key)}
    marks = {
        "PK": set(table.primary_key),
        "FK": foreign,
        "UK": {name for key in unique if len(key) == 1 for name in key},
    }
    return [(column, [mark for mark in marks if column.name in marks[mark]]) for column in table.columns]


def _mermaid_attribute(column: Column, keys: list[str]) -> str:
    parts: list[str] = [column.kind]
    if _WORD(column.name) and column.name.lower() not in _MERMAID_KEYS:
        parts.append(column.name)
    else:
        name = _NOT_IN_MERMAID_WORDS.sub("_", column.field)
        parts.append(f"{name}_" if name in _MERMAID_KEYS else name)
    if keys:
        parts.append(", ".join(keys))
    if column.name not in ("", parts[1]):
        parts.append(f'"{_mermaid_text(column.name)}"')
    return " ".join(parts)


def _mermaid_text(text: str) -> str:
    """Text between double quotes: all but plain signs as entity codes, which Mermaid reads first."""
    plain = "".join([char if char.isalnum() or char in " _-.,/()" else f"#{ord(char)};" for char in text])
    # Mermaid takes "direction LR" for a statement wherever it stands in a line.
    return re.sub(r"(?i)(direction) ", r"\1#32;", plain)


def _dot_text(text: str) -> str:
    """Text of an HTML-like label, in which control characters are not allowed and nothing is not either."""
    return escape("".join([char if char.isprintable() else "\ufffd" for char in text])) or " "
