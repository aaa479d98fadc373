"""From statements to the source of a Python module.

Invariant: the source depends on the statements and on what is known of them, and on nothing else; it holds no
path of a machine and no time. It passes a strict type checker, and a linter's usual rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from noormme.codegen.sql.model import Command, Query
from noormme.codegen.sql.source import annotation, call, documented, mapping, quoted, sql_text

__all__ = ["MADE_BY", "module_source"]

MADE_BY = "Made by ``noormme sql generate``"
"""What tells a module that was made from one that somebody wrote."""

_BUILTINS = frozenset({"bool", "bytes", "float", "int", "list", "object", "str"})
_METHODS: Mapping[Command, str] = {
    "one": "one",
    "optional": "optional",
    "many": "all",
    "scalar": "one",
    "column": "all",
    "exec": "run",
    "execrows": "count",
}
_CLASSES: Mapping[Command, str] = {
    "one": "RowQuery",
    "optional": "RowQuery",
    "many": "RowQuery",
    "scalar": "ValueQuery",
    "column": "ValueQuery",
    "exec": "Command",
    "execrows": "Command",
}


def module_source(queries: Sequence[Query], dialect: str) -> str:
    """The source of a module with a function for each statement, and one more that is awaited.

    Args:
        queries: The statements, in the order in which their functions are to stand.
        dialect: The dialect that the statements are written in.
    """
    return _Module(queries, dialect).source()


class _Module:
    def __init__(self, queries: Sequence[Query], dialect: str) -> None:
        self._queries = queries
        self._dialect = dialect
        self._classes = _class_names(queries)
        constants = Counter(query.statement.name.upper() for query in queries)
        self._constants = {
            name: f"_{name.upper()}" if constants[name.upper()] == 1 else f"_{name}"
            for name in (query.statement.name for query in queries)
        }

    def source(self) -> str:
        shared = {
            query.table_model: self._class(query)
            for query in self._queries
            if query.table_model is not None and _CLASSES[query.statement.command] == "RowQuery"
        }
        parts = [shared[model] for model in sorted(shared)]
        for query in self._queries:
            own = query.table_model is None and _CLASSES[query.statement.command] == "RowQuery"
            parts += [self._class(query)] if own else []
            parts += [self._constant(query), self._function(query), self._awaited(query)]
        body = "\n\n\n".join(parts)
        # Two lines stand between a name and a class or a function, one between a name and a name.
        gap = "\n" if body.startswith("_") else "\n\n"
        return f"{self._head(body)}\n{gap}{body}\n"

    def _head(self, body: str) -> str:
        files = sorted({PurePosixPath(query.statement.source.name).name for query in self._queries})
        lines = [
            '"""Typed functions for the statements in these files:',
            "",
            *(f"- {_plain(file)}" for file in files),
            "",
            f"{MADE_BY}: change the statements and make it again, not this file.",
            '"""',
            "",
            "from __future__ import annotations",
            "",
        ]
        standard = [
            written
            for used, written in (
                ("builtins.", "import builtins"),
                ("_dt.", "import datetime as _dt"),
                ("Decimal", "from decimal import Decimal"),
                ("UUID", "from uuid import UUID"),
            )
            if used in body
        ]
        lines += [*standard, ""] if standard else []
        if "(Struct," in body:
            lines.append("from msgspec import Struct")
        lines.append("from noormme import Database")
        used = [name for name in ("Command", "Of", "RowQuery", "ValueQuery") if f"{name}(" in body]
        used += ["ValueQuery"] if "ValueQuery[" in body and "ValueQuery" not in used else []
        lines.append(f"from noormme.typed_sql import {', '.join(used)}")
        names = [query.statement.name for query in self._queries]
        public = [*sorted(set(self._classes.values())), *sorted([*names, *(f"a{name}" for name in names)])]
        lines += ["", "__all__ = [", *(f'    "{name}",' for name in public), "]"]
        return "\n".join(lines)

    def _class(self, query: Query) -> str:
        shadowed = _BUILTINS & {column.field for column in query.columns}
        what = f"``{query.statement.name}``" if query.table_model is None else f"``{self._table(query)}``"
        fields = [f"    {column.field}: {annotation(column, shadowed)}" for column in query.columns]
        head = f"class {self._classes[query.statement.name]}(Struct, frozen=True):"
        return "\n".join([head, documented([f"A row of {what}."]), "", *fields])

    def _table(self, query: Query) -> str:
        value = query.columns[0].value
        return query.statement.name if isinstance(value, str) else value.table

    def _constant(self, query: Query) -> str:
        statement = query.statement
        name, kind = self._constants[statement.name], _CLASSES[statement.command]
        arguments = [quoted(statement.name)]
        if kind == "RowQuery":
            arguments.append(self._classes[statement.name])
        arguments.append(sql_text(statement.sql, self._dialect))
        if query.parameters:
            arguments.append(mapping("parameters", [(each.name, each.value) for each in query.parameters]))
        if query.columns:
            arguments.append(mapping("columns", [(each.name, each.value) for each in query.columns]))
        typed = f": ValueQuery[{annotation(query.columns[0])}]" if kind == "ValueQuery" else ""
        return call(f"{name}{typed} = {kind}", arguments)

    def _signature(self, query: Query, prefix: str, name: str) -> str:
        parameters = [f"{each.field}: {annotation(each)}" for each in query.parameters]
        arguments = ["db: Database", *(["*", *parameters] if parameters else [])]
        return call(f"{prefix} {name}", arguments, f" -> {self._returned(query)}:")

    def _returned(self, query: Query) -> str:
        match query.statement.command:
            case "one":
                return self._classes[query.statement.name]
            case "optional":
                return f"{self._classes[query.statement.name]} | None"
            case "many":
                return f"list[{self._classes[query.statement.name]}]"
            case "scalar":
                return annotation(query.columns[0])
            case "column":
                return f"list[{annotation(query.columns[0])}]"
            case "exec":
                return "None"
            case "execrows":
                return "int"

    def _function(self, query: Query) -> str:
        statement = query.statement
        file = PurePosixPath(statement.source.name).name
        lines = statement.documentation or (f"Run ``{statement.name}`` of {file}.",)
        signature = self._signature(query, "def", statement.name)
        return "\n".join([signature, documented(lines), self._body(query, "", "")])

    def _awaited(self, query: Query) -> str:
        name = query.statement.name
        signature = self._signature(query, "async def", f"a{name}")
        documentation = documented([f"As ``{name}()``, awaited."])
        return "\n".join([signature, documentation, self._body(query, "await ", "a")])

    def _body(self, query: Query, awaited: str, prefix: str) -> str:
        command = query.statement.command
        returned = "" if command == "exec" else "return "
        method = f"{self._constants[query.statement.name]}.{prefix}{_METHODS[command]}"
        arguments = ["db", *(each.field for each in query.parameters)]
        return "    " + call(f"{returned}{awaited}{method}", arguments, depth=1)


def _class_names(queries: Iterable[Query]) -> dict[str, str]:
    """The class of each statement's rows; those of a table have one for all statements."""
    rows = [query for query in queries if _CLASSES[query.statement.command] == "RowQuery"]
    taken = {f"{query.table_model}Row" for query in rows if query.table_model is not None}
    names: dict[str, str] = {}
    for query in rows:
        name = query.statement.name
        if query.table_model is not None:
            names[name] = f"{query.table_model}Row"
            continue
        camel = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
        made = next(each for each in _suffixed(camel) if each not in taken)
        taken.add(made)
        names[name] = made
    return names


def _suffixed(camel: str) -> Iterable[str]:
    yield f"{camel}Row"
    number = 2
    while True:
        yield f"{camel}Row{number}"
        number += 1


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "'")
