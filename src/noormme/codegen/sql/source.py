"""Pieces of Python source: annotations, calls, texts.

Invariant: what is written here looks the same after a formatter has read it, whatever its line length from 88
up; what is longer stands on a line of its own with a comma behind it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from textwrap import indent

from noormme.codegen.sql.model import Field
from noormme.codegen.sql.scan import scan
from noormme.orm.typed_sql import ValueType
from noormme.schema.model import Kind

__all__ = ["annotation", "call", "documented", "mapping", "quoted", "sql_text", "value"]

_WIDTH = 88
_TYPES: Mapping[Kind, str] = {
    "any": "object",
    "integer": "int",
    "real": "float",
    "text": "str",
    "blob": "bytes",
    "boolean": "bool",
    "date": "_dt.date",
    "time": "_dt.time",
    "datetime": "_dt.datetime",
    "duration": "_dt.timedelta",
    "decimal": "Decimal",
    "uuid": "UUID",
    "json": "object",
}


def annotation(field: Field, shadowed: Container[str] = ()) -> str:
    """The type of a parameter or of a column, such as ``"_dt.date | None"``.

    Args:
        field: The parameter or the column.
        shadowed: Names that stand for something else where it is written.
    """

    def known(name: str) -> str:
        return f"builtins.{name}" if name in shadowed else name

    if field.kind == "array":
        written = f"{known('list')}[{known(_TYPES[field.items or 'any'])}]"
    else:
        written = known(_TYPES[field.kind])
    return written if written.endswith("object") or not field.nullable else f"{written} | None"


def quoted(text: str) -> str:
    """A string of one line, in double quotes where Python leaves the choice."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain.startswith("'") and '"' not in text else plain


def call(head: str, arguments: Sequence[str], tail: str = "", depth: int = 0) -> str:
    """A call or a signature, in one line where it fits.

    Args:
        head: What stands before the parenthesis.
        arguments: The arguments.
        tail: What stands behind the parenthesis.
        depth: How far it is indented.
    """
    line = f"{head}({', '.join(arguments)}){tail}"
    if "\n" not in line and len(line) + 4 * depth <= _WIDTH:
        return line
    pad = "    " * (depth + 1)
    inner = "".join(f"{pad}{argument},\n" if argument != "*" else f"{pad}*,\n" for argument in arguments)
    return f"{head}(\n{inner}{'    ' * depth}){tail}"


def mapping(name: str, items: Iterable[tuple[str, ValueType]]) -> str:
    """An argument ``name={…}`` of what parameters or columns are, indented once."""
    pairs: list[tuple[str, ValueType]] = [(quoted(key), item) for key, item in items]
    line = f"{name}={{{', '.join(f'{key}: {value(item)}' for key, item in pairs)}}}"
    # One more for the comma behind it.
    if len(line) + 5 <= _WIDTH:
        return line
    lines: list[str] = []
    for key, item in pairs:
        written = f"{key}: {value(item)}"
        if len(written) + 9 > _WIDTH:
            written = f"{key}: {value(item, depth=2)}"
        lines.append(f"        {written},\n")
    return f"{name}={{\n{''.join(lines)}    }}"


def value(item: ValueType, depth: int | None = None) -> str:
    """What a parameter or a column is, as source.

    Args:
        item: What it is.
        depth: How far it is indented, to write it in several lines; None for one line.
    """
    if isinstance(item, str):
        return quoted(item)
    arguments = [quoted(item.table), quoted(item.column)]
    if item.kind is not None:
        arguments.append(f"kind={quoted(item.kind)}")
    arguments += [f"{name}=True" for name in ("stored", "many") if getattr(item, name)]
    if depth is None:
        return f"Of({', '.join(arguments)})"
    pad = "    " * (depth + 1)
    return "Of(\n" + "".join(f"{pad}{each},\n" for each in arguments) + "    " * depth + ")"


def sql_text(sql: str, dialect: str) -> str:
    """A statement as a string of several lines, indented where that changes no value in it."""
    if not any(token.kind == "quoted" and "\n" in token.text for token in scan(sql, dialect)):
        lines = sql.split("\n")
        sql = indent("\n".join(line.rstrip() for line in lines), "    ")
    return f'"""\n{_escaped(sql)}\n    """'


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(
        each if each in "\n\t" or each.isprintable() else each.encode("unicode_escape").decode()
        for each in escaped
    )


def documented(lines: Sequence[str], pad: str = "    ") -> str:
    """A docstring."""
    texts = [_escaped(line) for line in lines]
    if texts[-1].endswith('"'):
        texts[-1] = f'{texts[-1][:-1]}\\"'
    if len(texts) == 1:
        return f'{pad}"""{texts[0]}"""'
    rest = "\n".join(f"{pad}{line}".rstrip() for line in texts[1:])
    return f'{pad}"""{texts[0]}\n{rest}\n{pad}"""'
