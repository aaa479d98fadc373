"""What can be written to: the columns that a name means, and how a row is found again.

Invariant: every name that enters a statement which writes is resolved here; what cannot be written is refused
by a named error. SQLAlchemy is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence

from noormme.errors import FieldNotFound, InvalidQuery, ReadOnly, did_you_mean
from noormme.query.plan import Output
from noormme.query.resolve import field_not_found, key_columns
from noormme.schema.model import Column, Index, Relation, Schema, Table

__all__ = [
    "conflict_target",
    "outputs_of",
    "partial_index",
    "relation_columns",
    "row_key",
    "written_columns",
]


def written_columns(schema: Schema, table: Table, fields: Sequence[str]) -> tuple[Column, ...]:
    """The columns of fields that are written.

    Args:
        schema: The schema of the table.
        table: The table.
        fields: The fields, by their Python names or the exact names of the columns.

    Raises:
        FieldNotFound: There is no such field.
        InvalidQuery: The name is a relation's, or a field is named twice.
        ReadOnly: The database fills the column in.
    """
    columns = tuple(_written_column(schema, table, field) for field in fields)
    for index, column in enumerate(columns):
        if column in columns[:index]:
            raise InvalidQuery(f"{table.name}.{column.field} is written twice", hint="name each field once")
    return columns


def _written_column(schema: Schema, table: Table, field: str) -> Column:
    column = _column(schema, table, field)
    where = f"{table.name}.{column.field}"
    if column.generated is not None:
        raise ReadOnly(f"{where} is a generated column", hint="the database computes it; leave it out")
    if column.hidden:
        raise ReadOnly(f"{where} is a hidden column and holds nothing", hint="leave it out")
    return column


def _column(schema: Schema, table: Table, field: str) -> Column:
    column = table.column(field)
    if column is not None:
        return column
    key = key_columns(table)
    if len(key) == 1 and field in ("pk", key[0].field):
        return key[0]
    if field == "pk" and key:
        names = ", ".join(each.field for each in key)
        raise InvalidQuery(f"the key of {table.name} has several fields", hint=f"name them: {names}")
    relation = schema.relations_of(table.name).get(field)
    if relation is None:
        raise _not_found(schema, table, field)
    if relation.forward:
        names = " and ".join(_field(table, name) for name in relation.columns)
        raise InvalidQuery(f"'{field}' is a relation of {table.name}, not a column", hint=f"write {names}")
    raise InvalidQuery(
        f"'{field}' is a relation whose rows are in {relation.target}",
        hint=f"write to {relation.through or relation.target} instead",
    )


def _not_found(schema: Schema, table: Table, field: str) -> FieldNotFound:
    name, _, rest = field.partition("__")
    if rest and (table.column(name) is not None or name in schema.relations_of(table.name)):
        return FieldNotFound(
            f"'{field}' is no field of {table.name}: a row is written by its own fields only",
            hint=did_you_mean(field, [column.field for column in table.columns])
            or "write to the other table, or write the whole document",
        )
    return field_not_found(schema, table, field)


def _field(table: Table, name: str) -> str:
    column = table.column(name)
    return name if column is None else column.field


def relation_columns(
    schema: Schema, table: Table, name: str
) -> tuple[Relation, tuple[tuple[Column, Column], ...]] | None:
    """The columns that a relation to one row is written by.

    Args:
        schema: The schema of the table.
        table: The table that has the relation.
        name: The name of the relation.

    Returns:
        The relation, and each of its columns with the column of the other table that it refers to; None where
        the name is a column's or no relation whose reference this table holds.
    """
    relation = schema.relations_of(table.name).get(name)
    if relation is None or not relation.forward or relation.to_many:
        return None
    target = schema.table(relation.target)
    assert target is not None, "a relation leads to a table of the same schema"
    pairs: list[tuple[Column, Column]] = []
    for own, other in zip(relation.columns, relation.target_columns, strict=True):
        column, referred = table.column(own), target.column(other)
        assert column is not None, "a relation names columns of its tables"
        assert referred is not None, "a relation names columns of its tables"
        pairs.append((column, referred))
    return relation, tuple(pairs)


def row_key(table: Table, what: str) -> tuple[Column, ...]:
    """The columns by which one row is found again.

    Args:
        table: The table.
        what: What shall be done to the row, as a verb.

    Raises:
        ReadOnly: It has none.
    """
    key = key_columns(table)
    if not key:
        raise ReadOnly(
            f"cannot {what} single rows of {table.name}: it has neither a primary key nor a row id",
            hint="give the table a primary key",
        )
    return key


def outputs_of(schema: Schema, table: Table, fields: Sequence[str]) -> tuple[Output, ...]:
    """The columns that a statement gives back of the rows that it wrote.

    Args:
        schema: The schema of the table.
        table: The table.
        fields: The fields, by their Python names or the exact names of the columns.

    Raises:
        FieldNotFound: There is no such field.
    """
    columns = [_column(schema, table, field) for field in fields]
    return tuple(
        Output(column.field, column.kind, table.name, column.name, column.nullable) for column in columns
    )


def conflict_target(schema: Schema, table: Table, fields: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the unique key by which a row is found that is there already.

    Args:
        schema: The schema of the table.
        table: The table.
        fields: The fields of the key; empty for any key.

    Raises:
        FieldNotFound: There is no such field.
        InvalidQuery: They are no unique key.
        ReadOnly: The table has no key.
    """
    if not fields:
        return ()
    key = row_key(table, "update")
    if list(fields) == ["pk"]:
        return key
    target = written_columns(schema, table, fields)
    names = frozenset(column.name for column in target)
    known = [frozenset(column.name for column in key), *table.unique_keys]
    if names not in known and partial_index(table, names) is None:
        shown = sorted({_spelled(table, each) for each in known})
        raise InvalidQuery(
            f"({', '.join(column.field for column in target)}) is no unique key of {table.name}",
            hint=f"its unique keys are: {'; '.join(shown)}",
        )
    return target


def _spelled(table: Table, names: frozenset[str]) -> str:
    fields = [column.field for column in table.columns if column.name in names]
    return ", ".join(fields or names)


def partial_index(table: Table, names: frozenset[str]) -> Index | None:
    """The unique index of some rows of a table that is on these columns, or None.

    Args:
        table: The table.
        names: The exact names of the columns.
    """
    for index in table.indexes:
        columns = index.columns
        if index.unique and index.where is not None and columns is not None and names == frozenset(columns):
            return index
    return None
