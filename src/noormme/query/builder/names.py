"""What the names of a query in tables mean: ``"name"``, ``"users.name"``, ``"users.name as author"``.

Invariant: an exact name comes before any reading of its dots and of ``as``, so a column called ``a.b`` can be
named. A name without a table means the same wherever it stands in the chain of calls: the first table's
column where it has one, else that of the one joined table that has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from noormme.errors import FieldNotFound, InvalidQuery, TableNotFound, UsageError, did_you_mean
from noormme.query.builder.nodes import Col
from noormme.schema.model import Schema, Table

__all__ = [
    "Known",
    "find_column",
    "is_column",
    "no_such_table",
    "of_columns",
    "of_table",
    "split_alias",
    "split_name",
]

_AS = re.compile(r"\s+as\s+", re.IGNORECASE)


class Known:
    """One source of a query, by the name that it has there.

    Attributes:
        alias: That name.
        table: The table that it is, or None.
        columns: Its columns by every name that they can be given: the exact one for each.
        star: What ``*`` gives of it: exact names and what each is called in a row.
    """

    __slots__ = ("alias", "columns", "star", "table")

    def __init__(
        self,
        alias: str,
        columns: Mapping[str, str],
        star: Sequence[tuple[str, str]],
        table: Table | None = None,
    ) -> None:
        self.alias = alias
        self.columns = columns
        self.star = star
        self.table = table


def of_table(table: Table, alias: str) -> Known:
    """A table or view as a source."""
    columns = {column.field: column.name for column in table.columns}
    columns |= {column.name: column.name for column in table.columns}
    if table.rowid is not None:
        columns.setdefault(table.rowid, table.rowid)
    star = [(column.name, column.field) for column in table.columns if not column.hidden]
    return Known(alias, columns, star, table)


def of_columns(names: Sequence[str], alias: str) -> Known:
    """A sub-select as a source.

    Raises:
        InvalidQuery: Two of its columns have one name.
    """
    lowered: set[str] = set()
    for name in names:
        if name.lower() in lowered:
            raise InvalidQuery(
                f"the sub-select '{alias}' has two columns named '{name}'",
                hint=f"give one another name: select('table.{name} as other_name')",
            )
        lowered.add(name.lower())
    return Known(alias, {name: name for name in names}, [(name, name) for name in names])


def is_column(sources: Sequence[Known], text: str) -> bool:
    """Whether a text as a whole is a column of a source, with or without the source before it."""
    if any(text in source.columns for source in sources):
        return True
    for qualifier, name in split_name(text):
        source = _source(sources, qualifier)
        if source is not None and name in source.columns:
            return True
    return False


def split_alias(text: str) -> tuple[str, str | None]:
    """A name and the one that follows its last ``as``, or None where there is none."""
    parts = list(_AS.finditer(text))
    if not parts:
        return text, None
    last = parts[-1]
    return text[: last.start()].strip(), text[last.end() :].strip() or None


def split_name(text: str) -> Iterator[tuple[str, str]]:
    """Every way to read a name as a table and a column."""
    for position, letter in enumerate(text):
        if letter == "." and 0 < position < len(text) - 1:
            yield text[:position], text[position + 1 :]


def find_column(schema: Schema, sources: Sequence[Known], text: str) -> Col:
    """The column that a name means.

    Args:
        schema: The schema.
        sources: The sources of the query so far, its first table first.
        text: The name as it was written.

    Returns:
        The column. It may be one of a table that is not joined yet, by the name that was written.

    Raises:
        FieldNotFound: There is no such column; suggests those that look like it.
        InvalidQuery: Several joined tables have it.
    """
    if not isinstance(text, str):
        raise UsageError(f"a column is named by a str, not by a value of type {type(text).__name__}")
    having = [source for source in sources if text in source.columns]
    if having:
        if len(having) > 1 and having[0] is not sources[0]:
            written = " or ".join(f"'{source.alias}.{text}'" for source in having)
            raise InvalidQuery(f"several joined tables have a column '{text}'", hint=f"write {written}")
        return Col(having[0].alias, having[0].columns[text])
    readings = list(split_name(text))
    missed: tuple[Known, str] | None = None
    for qualifier, name in readings:
        source = _source(sources, qualifier)
        if source is not None and name in source.columns:
            return Col(source.alias, source.columns[name])
        missed = missed or (None if source is None else (source, name))
    for qualifier, name in () if missed else readings:
        table = schema.table(qualifier)
        if table is not None:
            source = of_table(table, table.name)
            if name in source.columns:
                return Col(source.alias, source.columns[name])
            missed = missed or (source, name)
    if missed is not None:
        raise _no_such_column([missed[0]], missed[1])
    if readings:
        # Perhaps the name of a table that will be joined; the compiler knows.
        return Col(*readings[0])
    raise _no_such_column(sources, text)


def _source(sources: Sequence[Known], qualifier: str) -> Known | None:
    for source in sources:
        if source.alias == qualifier:
            return source
    for source in sources:
        if (
            source.table is not None
            and qualifier == source.table.manager
            and source.alias == source.table.name
        ):
            return source
    return None


def no_such_table(schema: Schema, sources: Sequence[Known], name: str) -> TableNotFound:
    """The error for a table that a query does not have."""
    names = [source.alias for source in sources] + [table.name for table in schema]
    hint = did_you_mean(name, names) or f"join it first: .inner_join('table as {name}', …)"
    return TableNotFound(f"no table '{name}' in this query", hint=hint)


def _no_such_column(sources: Sequence[Known], name: str) -> FieldNotFound:
    where = " or ".join(source.alias for source in sources)
    names = [each for source in sources for each in source.columns]
    hint = did_you_mean(name, names)
    if hint is None and len(sources) > 1:
        names = [f"{source.alias}.{each}" for source in sources for each in source.columns]
    return FieldNotFound(
        f"no field '{name}' on {where}", hint=hint or f"there are: {', '.join(dict.fromkeys(names))}"
    )
