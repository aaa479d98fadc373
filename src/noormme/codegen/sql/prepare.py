"""From an annotated statement to everything that its function needs.

Invariant: the statement is prepared on the live database and never run. What is said of a value is what the
database says of it, then what the schema and the statement say; a hint of the user's comes before both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import iskeyword

import msgspec
from sqlglot import exp

from noormme.codegen.sql.faults import problem_of
from noormme.codegen.sql.model import Field, Hint, Problem, Query, Statement
from noormme.codegen.sql.parameters import Parameter, can_be_null, parameters
from noormme.codegen.sql.parse import parse
from noormme.codegen.sql.places import MARK, Placed, placed
from noormme.codegen.sql.scopes import Scopes
from noormme.codegen.sql.value import Value
from noormme.codegen.sql.values import Values
from noormme.engines.base import Description, Engine, Origin
from noormme.errors import ConnectionFailed, NoormmeError, did_you_mean
from noormme.orm.typed_sql import Of, ValueType
from noormme.schema.model import Column, Kind, Schema, Table
from noormme.schema.naming import field_name

__all__ = ["prepare"]

_NAME = re.compile(r"[^\W\d]\w*")
_ONE_COLUMN = ("scalar", "column")
_NO_COLUMN = ("exec", "execrows")


def prepare(statement: Statement, schema: Schema, engine: Engine) -> Query | list[Problem]:
    """Find out what a statement takes and gives. Touches the database.

    Args:
        statement: The statement.
        schema: The schema.
        engine: The database.

    Returns:
        What is known of it, or what is wrong with it.

    Raises:
        ConnectionFailed: The database cannot be reached any more.
    """
    dialect = schema.dialect
    found = placed(statement.sql, dialect)
    root = parse(found.parsed, dialect)
    if found.lists and dialect == "mssql":
        at = found.place_of(min(found.lists))
        return [statement.problem(at, "SQL Server takes no list as a parameter", "write IN (:one, :two)")]
    try:
        description = engine.describe(found.sql)
    except ConnectionFailed:
        raise
    except NoormmeError as error:
        return [problem_of(error, statement, found, schema, dialect, root)]
    if len(description.parameters) != len(found.names):
        return [statement.problem(0, "its parameters cannot be told apart", "write :name for each of them")]
    known: list[Parameter] = [Parameter() for _ in found.names]
    outputs: list[tuple[str, Value]] | None = None
    # A database may say where the first part of a UNION comes from, whatever comes after it.
    certain = root is not None and root.find(exp.SetOperation) is None
    if root is not None:
        scopes = Scopes(root, schema, dialect)
        asked = can_be_null(root) | _said_to_be_null(statement, found)
        values = Values(scopes, asked)
        known = parameters(root, scopes, values, len(found.names))
        stored = {f"{MARK}{at}" for at, each in enumerate(known) if each.nullable}
        outputs = Values(scopes, asked | stored).outputs(root)
    if outputs is not None and len(outputs) != len(description.columns):
        outputs = None
    problems = [
        *_unknown_hints(statement, description, found, known),
        *_contradicted(statement, description, schema),
        *_unfit(statement, description),
        *_unknown_lists(statement, found, known),
    ]
    if problems:
        return problems
    taken = _parameters(statement, found, known, description)
    given = _columns(statement, description, outputs, schema, certain=certain)
    problems = _unnamed(statement, given)
    if problems:
        return problems
    model = None if statement.columns else _table_model(given, description, schema)
    wanted = () if statement.command in _NO_COLUMN else tuple(given)
    if found.lists:
        # What the function runs is what this database takes.
        statement = msgspec.structs.replace(statement, sql=found.sql)
    return Query(statement, tuple(taken), wanted, model)


# -- parameters -----------------------------------------------------------------------------------------


def _parameter_names(found: Placed, known: Sequence[Parameter]) -> list[str]:
    """The names that parameters have in Python; those without one are called after what they belong to."""
    taken: set[str] = set()
    names: list[str] = []
    for at, (name, parameter) in enumerate(zip(found.names, known, strict=True)):
        wanted = name or parameter.name or f"p{at + 1}"
        python = f"{wanted}_" if iskeyword(wanted) or wanted == "db" else wanted
        count = 2
        while python in taken:
            python, count = f"{wanted}_{count}", count + 1
        taken.add(python)
        names.append(python)
    return names


def _parameters(
    statement: Statement, found: Placed, known: Sequence[Parameter], description: Description
) -> list[Field]:
    hints = {hint.name: hint for hint in statement.parameters}
    said: list[Kind] = [*description.kinds] or ["any" for _ in found.names]
    fields: list[Field] = []
    for at, (name, python, parameter, kind) in enumerate(
        zip(found.names, _parameter_names(found, known), known, said, strict=True)
    ):
        hint = hints.get(name or python)
        field = _parameter(name or python, python, parameter, kind, hint)
        fields.append(_list(field) if at in found.lists else field)
    return fields


def _list(field: Field) -> Field:
    """The same where a list of any length is given, which is bound value by value on every database."""
    value = field.value
    if not isinstance(value, Of):
        value = Of("", "", field.items or "any", many=True)
    return msgspec.structs.replace(field, nullable=False, value=value)


def _parameter(name: str, python: str, known: Parameter, said: Kind, hint: Hint | None) -> Field:
    # Of an expression the database knows the type better; of a column the schema does.
    kind: Kind = said if known.column is None and said != "any" else known.kind or said
    nullable = known.nullable
    items = known.column.items if known.column is not None else None
    value: ValueType = kind
    if known.many:
        kind, items, value = "array", known.kind, "array"
        if known.column is not None:
            value = Of(_name(known.table), _name(known.column), many=True)
    elif known.column is not None:
        value = Of(_name(known.table), _name(known.column), stored=known.stored)
    if hint is not None:
        nullable = hint.nullable
        if hint.kind is not None and (hint.kind, hint.items) != (kind, items):
            kind, items, value = hint.kind, hint.items, hint.kind
    return Field(name, python, kind, nullable, items, value)


def _name(named: Table | Column | None) -> str:
    return "" if named is None else named.name


def _said_to_be_null(statement: Statement, found: Placed) -> frozenset[str]:
    nullable = {hint.name for hint in statement.parameters if hint.nullable}
    return frozenset(f"{MARK}{at}" for at, name in enumerate(found.names) if name in nullable)


# -- columns --------------------------------------------------------------------------------------------


def _columns(
    statement: Statement,
    description: Description,
    outputs: list[tuple[str, Value]] | None,
    schema: Schema,
    *,
    certain: bool,
) -> list[Field]:
    hints = {hint.name.lower(): hint for hint in statement.columns}
    fields: list[Field] = []
    for at, origin in enumerate(description.columns):
        value = None if outputs is None else outputs[at][1]
        fields.append(_column(origin, value, schema, hints.get(origin.name.lower()), certain=certain))
    return fields


def _column(
    origin: Origin, value: Value | None, schema: Schema, hint: Hint | None, *, certain: bool
) -> Field:
    table = schema.table(origin.table) if origin.table else None
    column = None if table is None else next((c for c in table.columns if c.name == origin.column), None)
    told = certain and column is not None
    if column is None and value is not None:
        table, column = value.table, value.column
    nullable = True if value is None else value.nullable
    items: Kind | None = None
    read: ValueType
    kind: Kind
    if column is not None and table is not None:
        inferred = None if value is None or value.open else value.kind
        # Where other values come from the same place, nothing is promised.
        kind = inferred or (column.kind if told else origin.kind)
        read = Of(table.name, column.name) if kind == column.kind else Of(table.name, column.name, kind)
        items = column.items if kind == column.kind else None
    else:
        kind = _expression_kind(origin.kind, None if value is None else value.kind)
        read = kind
    if hint is not None:
        nullable = hint.nullable
        if hint.kind is not None and (hint.kind, hint.items) != (kind, items):
            kind, items = hint.kind, hint.items
            read = kind if column is None or table is None else Of(table.name, column.name, kind)
    field = column.field if column is not None and column.name == origin.name else field_name(origin.name)
    return Field(origin.name, field, kind, nullable, items, read)


def _expression_kind(said: Kind, inferred: Kind | None) -> Kind:
    """What the database says of an expression; of a condition it may say a number only."""
    if said == "any" or (said == "integer" and inferred == "boolean"):
        return inferred or "any"
    if said == "array":
        return "array"
    return said


def _table_model(given: Sequence[Field], description: Description, schema: Schema) -> str | None:
    """The model whose columns these are, all of them in their order, each as the table has it."""
    tables = {origin.table for origin in description.columns}
    table = schema.table(next(iter(tables))) if len(tables) == 1 and "" not in tables else None
    if table is None:
        return None
    columns = [column for column in table.columns if not column.hidden]
    same = [(column.name, column.kind, column.nullable) for column in columns]
    if same != [(field.name, field.kind, field.nullable) for field in given]:
        return None
    return table.model


# -- what is wrong --------------------------------------------------------------------------------------


def _unknown_hints(
    statement: Statement, description: Description, found: Placed, known: Sequence[Parameter]
) -> list[Problem]:
    problems: list[Problem] = []
    names = [name or python for name, python in zip(found.names, _parameter_names(found, known), strict=True)]
    columns = [origin.name.lower() for origin in description.columns]
    for what, hints, there in (
        ("parameter", statement.parameters, names),
        ("column", statement.columns, columns),
    ):
        for hint in hints:
            if (hint.name if what == "parameter" else hint.name.lower()) not in there:
                listed = f"there are: {', '.join(there)}" if there else f"it has no {what}s"
                message = f"'{statement.name}' has no {what} '{hint.name}'"
                problems.append(
                    statement.source.problem(hint.offset, message, did_you_mean(hint.name, there) or listed)
                )
    return problems


def _contradicted(statement: Statement, description: Description, schema: Schema) -> list[Problem]:
    """Hints to columns that say another type than PostgreSQL, whose values are of the type that it says."""
    if schema.dialect != "postgresql":
        return []
    problems: list[Problem] = []
    said = {origin.name.lower(): _kind_of(origin, schema) for origin in description.columns}
    for hint in statement.columns:
        kind = said.get(hint.name.lower(), "any")
        if hint.kind in (None, "any", kind) or kind in ("any", "json"):
            continue
        message = f"'{hint.name}' is of another type ({kind}) in this statement"
        problems.append(statement.source.problem(hint.offset, message, "write a CAST to the type in it"))
    return problems


def _kind_of(origin: Origin, schema: Schema) -> Kind:
    table = schema.table(origin.table) if origin.table else None
    column = None if table is None else table.column(origin.column)
    return origin.kind if column is None else column.kind


def _unknown_lists(statement: Statement, found: Placed, known: Sequence[Parameter]) -> list[Problem]:
    """Lists of which nothing says what they hold, or that stand where there is one value, too."""
    said = {hint.name for hint in statement.parameters if hint.kind == "array"}
    problems: list[Problem] = []
    for at, python in enumerate(_parameter_names(found, known)):
        name = found.names[at] or python
        if at in found.lists and name not in said and not known[at].many:
            message = (
                f"what the list '{name}' holds is not known, or it stands for one value at another place"
            )
            hint = f"compare it with a column, or write '-- param: {name} list[int]' above the statement"
            problems.append(statement.problem(found.in_file(found.place_of(at)), message, hint))
    return problems


def _unfit(statement: Statement, description: Description) -> list[Problem]:
    """What does not fit the word behind the name."""
    command, columns = statement.command, description.columns
    message = hint = ""
    if command == "execrows" and not description.writes:
        message, hint = f"'{statement.name}' changes no rows", "write :many"
    elif command in _NO_COLUMN:
        return []
    elif not columns:
        message, hint = f"'{statement.name}' gives no rows", "write :exec or :execrows"
    elif command in _ONE_COLUMN and len(columns) > 1:
        message = f"'{statement.name}' gives {len(columns)} columns, and :{command} takes one"
        hint = f"write {':one' if command == 'scalar' else ':many'}"
    else:
        return []
    where = statement.name_offset
    return [statement.source.problem(where, message, hint)]


def _unnamed(statement: Statement, given: Sequence[Field]) -> list[Problem]:
    """Columns that cannot be the fields of a class."""
    if statement.command in (*_ONE_COLUMN, *_NO_COLUMN):
        return []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for at, column in enumerate(given, start=1):
        if isinstance(column.value, str) and not _NAME.fullmatch(column.name):
            shown = " ".join(column.name.split())
            message = f"column {at} ({shown[:40]}) has no name" if shown else f"column {at} has no name"
            problems.append(statement.problem(0, message, "write 'AS name' behind it"))
        elif column.field in seen:
            message = f"two columns are called '{column.field}'"
            problems.append(statement.problem(0, message, "write 'AS other_name' behind one of them"))
        seen[column.field] = column.name
    return problems
