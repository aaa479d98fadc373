"""SQL of the user's own as a plan for objects.

Invariant: which column of a row is which field is decided once for each text, by the names of the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from noormme.engines.budget import time_limit
from noormme.errors import InvalidQuery, ReadOnly, UsageError
from noormme.orm.sql_text_plans import Parameters, names_of, or_none, values_of
from noormme.orm.statement import Statement
from noormme.query.plan import Bind, Output, Plan, RowGroup

if TYPE_CHECKING:
    from noormme.engines.base import Description, Origin
    from noormme.orm.mapper import Mapper
    from noormme.schema.model import Column

__all__ = ["RawStatement"]


class RawStatement:
    """One SQL text whose rows become objects of a table.

    Args:
        mapper: The table.
        description: What the engine knows of the text.
        translations: The fields of columns that have other names.

    Raises:
        InvalidQuery: The rows lack the key, or the text gives no rows at all.
        UsageError: A further column has the name of something that objects have already.

    Attributes:
        statement: What runs it.
        description: What the engine knew of it.
        columns: What each column becomes: a field, or another attribute.
    """

    __slots__ = ("_limit_s", "columns", "description", "statement")

    def __init__(self, mapper: Mapper, description: Description, translations: Mapping[str, str]) -> None:
        self.description = description
        by_name = {column.field: column for column in mapper.columns}
        by_name |= {column.name: column for column in mapper.columns}
        names = [translations.get(origin.name, origin.name) for origin in description.columns]
        fields = [by_name.get(name) for name in names]
        self.columns = tuple(
            name if column is None else column.field for name, column in zip(names, fields, strict=True)
        )
        self._check(mapper, fields)
        engine = mapper.registry.engine
        # Of several columns with one name the first one counts.
        places = {name: place for place, name in reversed(list(enumerate(self.columns)))}
        given = [
            _field(mapper, column, description.columns[places[column.field]])
            if column.field in places
            else None
            for column in mapper.columns
        ]
        further = [name for name in places if name not in mapper.fields]
        outputs = [output for output in given if output is not None]
        outputs += [_further(mapper, name, description.columns[places[name]]) for name in further]
        order = [-1] * len(self.columns)
        for position, output in enumerate(outputs):
            order[places[output.name]] = position
        ignored = iter(range(len(outputs), len(order)))
        order = [next(ignored) if position < 0 else position for position in order]
        encode = or_none(engine.dialect.encoder("any", None, None))
        plan = Plan(
            description.sql,
            tuple(Bind(slot, encode, native=str) for slot in description.slots),
            tuple(outputs),
            groups=(RowGroup(mapper.table.name, tuple(given)),),
            trailing=len(order) - len(outputs),
            order=() if order == sorted(order) else tuple(order),
            style="model",
            reads=tuple(sorted({origin.table for origin in description.columns if origin.table})),
            slots=len(description.parameters),
        )
        self._limit_s = mapper.limit_s
        model = mapper.deferred_model if None in given else mapper.model
        self.statement = Statement(
            plan,
            engine,
            [model],
            limit_s=mapper.limit_s,
            role=mapper.role,
            names=names_of(description),
            make_list=mapper.rows_class,
        )

    def fetch(self, values: tuple[object, ...]) -> list[Any]:
        """All of its objects.

        Args:
            values: The values of its parameters.
        """
        if self.description.once:
            with time_limit(self._limit_s):
                return self.statement.write(values)
        return self.statement.fetch(values)

    def stream(self, values: tuple[object, ...], size: int) -> Iterator[list[Any]]:
        """Its objects in lists; what calls a function that may write is read as a whole.

        Args:
            values: The values of its parameters.
            size: How many a list has at most.
        """
        if not self.description.once:
            return self.statement.stream(values, size)
        rows = self.fetch(values)
        return (rows[at : at + size] for at in range(0, len(rows), size))

    def _check(self, mapper: Mapper, fields: list[Column | None]) -> None:
        if self.description.writes:
            raise ReadOnly("raw() takes SQL that reads", hint="write with db.execute()")
        if not fields:
            raise InvalidQuery("the SQL of raw() gives no rows", hint="write a SELECT")
        needed = mapper.key_fields or mapper.fields
        missing = [field for field in needed if field not in self.columns]
        if missing:
            reason = "" if mapper.key_fields else "; it has no key, so a field left out could never be loaded"
            raise InvalidQuery(
                f"the SQL of raw() must give {', '.join(missing)} of {mapper.table.name}{reason}",
                hint=f"it gives {', '.join(self.columns)}",
            )
        for name, column in zip(self.columns, fields, strict=True):
            if column is None:
                try:
                    mapper.free_attribute(name)
                except UsageError as error:
                    raise UsageError(
                        f"a column of raw() cannot be called '{name}': {error.message}",
                        hint="write AS another_name",
                    ) from None

    def values(self, parameters: Parameters) -> tuple[object, ...]:
        """The values of the parameters, in their order.

        Raises:
            UsageError: There are too few or too many, or a name is missing or unknown.
        """
        return values_of(self.description.parameters, parameters)


def _field(mapper: Mapper, column: Column, origin: Origin) -> Output:
    """A field; the form of its values is that of the table column that they come from."""
    table = mapper.registry.schema.table(origin.table) if origin.table else None
    stored = None if table is None else table.column(origin.column)
    if table is None or stored is None or stored.kind != column.kind:
        return Output(column.field, column.kind, mapper.table.name, column.name)
    return Output(column.field, column.kind, table.name, stored.name)


def _further(mapper: Mapper, name: str, origin: Origin) -> Output:
    table = mapper.registry.schema.table(origin.table) if origin.table else None
    stored = None if table is None else table.column(origin.column)
    if table is None or stored is None:
        return Output(name, "any")
    return Output(name, stored.kind, table.name, stored.name)
