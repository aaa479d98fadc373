"""The compiled statements of writes, each found again without SQLAlchemy once it was compiled.

Invariant: what is kept depends on which fields are written and on the shape of what they are set to, never
on a value. A statement that had to guess how a column stores its values is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import msgspec

from noormme.errors import InvalidValue
from noormme.orm.first_use import first_use
from noormme.orm.kept import Kept
from noormme.orm.writing.statement import WriteStatement
from noormme.query.build import Builder, Queryable, nested_too_deeply
from noormme.query.expressions.base import Expression
from noormme.query.expressions.conditions import Conditional
from noormme.query.lookups import changes
from noormme.query.nodes import Constant
from noormme.query.nodes import Expression as ExpressionNode
from noormme.query.plan import Plan
from noormme.query.writing.targets import relation_columns, written_columns

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.node import Node
    from noormme.query.dialect import Dialect

__all__ = ["Conflict", "Prepared", "RowPlans", "delete_of", "related_values", "update_of"]

Conflict = tuple[tuple[str, ...], tuple[str, ...]]
"""What an insert does where there is such a row: the fields of the key, and those that it takes over."""


class Prepared(msgspec.Struct, frozen=True):
    """A write that is ready to run.

    Attributes:
        key: What tells the statement from others of the same query.
        statement: The statement.
        values: The values of its slots.
    """

    key: Hashable
    statement: WriteStatement
    values: tuple[object, ...]


class RowPlans:
    """The plans of writes of single rows of one table.

    Args:
        mapper: The table.
    """

    __slots__ = ("_kept", "_mapper")

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._kept: Kept[Hashable, Plan] = Kept()

    def __iter__(self) -> Iterator[Plan]:
        return iter(self._kept)

    def insert(
        self, fields: tuple[str, ...], returning: tuple[str, ...] = (), conflict: Conflict | None = None
    ) -> Plan:
        """The INSERT of one row.

        Args:
            fields: The fields that are given; the values come in their order.
            returning: The fields that the statement gives back.
            conflict: What happens where there is such a row already; None to fail.

        Raises:
            FieldNotFound: There is no such field.
            InvalidQuery: A field cannot be written, or the key of ``conflict`` is none.
        """
        key = ("insert", fields, returning, conflict)
        found = self._kept.get(key)
        if found is not None:
            return found

        def compiled(dialect: Dialect) -> Plan:
            from noormme.query.writing.rows import OnConflict, compile_insert

            registry, table = self._mapper.registry, self._mapper.table
            return compile_insert(
                table,
                registry.schema,
                dialect,
                fields,
                returning=returning,
                conflict=None if conflict is None else OnConflict(*conflict),
            )

        return self._made(key, compiled)

    def update(self, fields: tuple[str, ...], returning: tuple[str, ...] = ()) -> Plan:
        """The UPDATE of one row; the values are those of the fields, then the key that the row has now.

        Args:
            fields: The fields that are written.
            returning: The fields that the statement gives back.

        Raises:
            FieldNotFound: There is no such field.
            InvalidQuery: A field cannot be written.
            ReadOnly: The table has no key.
        """
        key = ("update", fields, returning)
        found = self._kept.get(key)
        if found is not None:
            return found

        def compiled(dialect: Dialect) -> Plan:
            from noormme.query.writing.rows import compile_update_row

            registry, table = self._mapper.registry, self._mapper.table
            return compile_update_row(table, registry.schema, dialect, fields, returning=returning)

        return self._made(key, compiled)

    def delete(self) -> Plan:
        """The DELETE of one row; the values are those of its key.

        Raises:
            ReadOnly: The table has no key.
        """
        found = self._kept.get("delete")
        if found is not None:
            return found

        def compiled(dialect: Dialect) -> Plan:
            from noormme.query.writing.rows import compile_delete_row

            registry, table = self._mapper.registry, self._mapper.table
            return compile_delete_row(table, registry.schema, dialect)

        return self._made("delete", compiled)

    def _made(self, key: Hashable, compiled: Callable[[Dialect], Plan]) -> Plan:
        plan, sure = _compiled(self._mapper, (self._mapper.table.name, key), compiled)
        if sure:
            self._kept.keep(key, plan)
        return plan


def update_of(
    mapper: Mapper,
    node: Node,
    parameters: tuple[object, ...],
    assignments: Mapping[str, object],
) -> Prepared:
    """The UPDATE of the rows of a query. Compiles it at the first call for such a query and such fields.

    Args:
        mapper: The table of the query.
        node: The shape of the query.
        parameters: The values of its slots.
        assignments: Values, expressions and query sets by field; objects and keys by relation to one row.

    Raises:
        FieldNotFound: There is no such field.
        InvalidQuery: Rows of such a query cannot be updated, or a field cannot be set to that.
        InvalidValue: An object does not fit the field.
    """
    if not any(map(_is_special, assignments.values())) and mapper.relations.keys().isdisjoint(assignments):
        key: Hashable = ("update", tuple(assignments))
        values = (*parameters, *assignments.values())
        found = node.writes.get(key)
        if found is not None:
            return Prepared(key, found, values)
        nodes, _ = _nodes_of(mapper, node, parameters, assignments)
    else:
        nodes, new = _nodes_of(mapper, node, parameters, assignments)
        key, values = ("update", nodes), parameters + new
        found = node.writes.get(key)
        if found is not None:
            return Prepared(key, found, values)

    def compiled(dialect: Dialect) -> Plan:
        from noormme.query.writing.queries import compile_update

        return compile_update(node.shape, nodes, mapper.registry.schema, dialect)

    return Prepared(key, _kept_by(mapper, node, key, compiled), values)


def delete_of(mapper: Mapper, node: Node, parameters: tuple[object, ...]) -> Prepared:
    """The DELETE of the rows of a query. Compiles it at the first call for such a query.

    Args:
        mapper: The table of the query.
        node: The shape of the query.
        parameters: The values of its slots.

    Raises:
        FieldNotFound: There is no such field.
        InvalidQuery: Rows of such a query cannot be deleted.
    """
    key = "delete"
    found = node.writes.get(key)
    if found is not None:
        return Prepared(key, found, parameters)

    def compiled(dialect: Dialect) -> Plan:
        from noormme.query.writing.queries import compile_delete

        return compile_delete(node.shape, mapper.registry.schema, dialect)

    return Prepared(key, _kept_by(mapper, node, key, compiled), parameters)


def related_values(mapper: Mapper, name: str, value: object) -> list[tuple[str, object]] | None:
    """The fields that an assignment to a relation to one row sets.

    Args:
        mapper: The table that has the relation.
        name: The name of the relation.
        value: An object of the other table, None, or its key: a tuple where that has several parts.

    Returns:
        The fields with their values; None where the name is none of such a relation.

    Raises:
        InvalidValue: The object is of another table or was not saved, or a key has not as many parts.
    """
    found = relation_columns(mapper.registry.schema, mapper.table, name)
    if found is None:
        return None
    relation, pairs = found
    parts: Sequence[object]
    where = f"{mapper.table.name}.{name}"
    table = getattr(type(value), "__noormme_table__", None)
    if table is not None and table.name != relation.target:
        raise InvalidValue(
            f"{where} leads to {relation.target}, not to {table.name}",
            hint=f"pass an object of {relation.target} or its key",
        )
    if table is not None:
        parts = [getattr(value, referred.field) for _, referred in pairs]
        if None in parts or msgspec.UNSET in parts:
            raise InvalidValue(f"{where} was given an object without a key", hint="save it first")
    elif value is None:
        parts = [None] * len(pairs)
    elif len(pairs) == 1:
        parts = [value]
    else:
        parts = cast("Sequence[object]", value) if isinstance(value, (tuple, list)) else ()
        if len(parts) != len(pairs):
            names = ", ".join(referred.field for _, referred in pairs)
            raise InvalidValue(f"{where} is a composite key", hint=f"give an object or a tuple: ({names})")
    return [(own.field, part) for (own, _), part in zip(pairs, parts, strict=True)]


def _is_special(value: object) -> bool:
    """Whether a value decides about the shape of an update."""
    return isinstance(value, (Expression, Conditional, Queryable)) or hasattr(
        type(value), "__noormme_table__"
    )


def _nodes_of(
    mapper: Mapper, node: Node, parameters: tuple[object, ...], assignments: Mapping[str, object]
) -> tuple[tuple[tuple[str, ExpressionNode], ...], tuple[object, ...]]:
    """What the fields are set to, as expressions of the shape, and their values."""
    registry, table, shape = mapper.registry, mapper.table, node.shape
    builder = Builder(
        registry.schema, table, len(parameters), shape.annotations, shape.filtered, home=registry.engine
    )
    nodes: list[tuple[str, ExpressionNode]] = []
    for name, value in assignments.items():
        for field, each in related_values(mapper, name, value) or [(name, value)]:
            [column] = written_columns(registry.schema, table, [field])
            if isinstance(each, (Expression, Conditional, Queryable)):
                nodes.append((column.field, builder.operand(each)))
                continue
            plain = _key_for(mapper, column.name, field, each)
            # As the kind of the column, so that values of all types share one plan.
            nodes.append((column.field, Constant(builder.slot(plain), column.kind)))
    return tuple(nodes), tuple(builder.values)


def _key_for(mapper: Mapper, column: str, field: str, value: object) -> object:
    """The value for the column of a foreign key that was given an object; anything else as it is."""
    table = getattr(type(value), "__noormme_table__", None)
    if table is None:
        return value
    for relation in mapper.relations.values():
        if relation.forward and relation.columns == (column,) and relation.target == table.name:
            [(_, key)] = related_values(mapper, relation.name, value) or [("", None)]
            return key
    raise InvalidValue(
        f"{mapper.table.name}.{field} cannot be set to a row of {table.name}", hint="pass a value"
    )


def _kept_by(
    mapper: Mapper, node: Node, key: Hashable, compiled: Callable[[Dialect], Plan]
) -> WriteStatement:
    before = changes()
    plan, sure = _compiled(mapper, (node.shape, key), compiled)
    made = WriteStatement(plan, mapper.registry.engine)
    if sure and changes() == before:
        node.keep_write(key, made)
    return made


def _compiled(
    mapper: Mapper, key: tuple[object, ...], compiled: Callable[[Dialect], Plan]
) -> tuple[Plan, bool]:
    """A new plan, or one that was stored, and whether it may be kept."""

    def loaded(dialect: Dialect) -> Plan:
        with first_use("writing"):
            dialect.expressions  # noqa: B018  # it is loaded at its first use
            try:
                return compiled(dialect)
            except RecursionError:
                raise nested_too_deeply() from None

    dialect = mapper.registry.engine.dialect
    guesses = dialect.guesses
    plan = mapper.registry.stored_plans.plan(("write", *key), loaded)
    return plan, dialect.guesses == guesses
