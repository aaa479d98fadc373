"""Set operations over query sets, as far as that is a matter of shapes: what goes together, and its columns.

Invariant: the parts of a set operation give the same number of columns. Where the first part gives objects,
the others give objects of the same table, loaded in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from noormme.errors import FieldNotFound, InvalidQuery, did_you_mean
from noormme.query.nodes import Order, Ref
from noormme.query.resolve import FilteredHop, Target, key_columns, model_columns, resolve
from noormme.query.shape import Chosen, Compound, RowStyle, SetOperator, Shape
from noormme.schema.model import Schema, Table

__all__ = ["compound_of", "names_of", "places", "sort_keys", "with_fields"]

replace = msgspec.structs.replace


def compound_of(schema: Schema, operator: SetOperator, parts: Sequence[Shape], *, all_rows: bool) -> Shape:
    """The shape of a set operation.

    Args:
        schema: The schema of the tables.
        operator: Which one.
        parts: The queries, with slots that do not overlap. The first one says what a row becomes.
        all_rows: Whether equal rows are kept.

    Raises:
        InvalidQuery: The parts do not go together.
        FieldNotFound: A part lacks a field that the first one gives.
    """
    first, *others = parts
    fitting = (first, *(_fitted(schema, operator, first, part) for part in others))
    known = first.compound
    if known is not None and (known.operator, known.all) == (operator, all_rows) and _bare(schema, first):
        # From left to right, as the database reads them: a UNION (b UNION c) needs no parentheses.
        fitting = (*known.parts, *fitting[1:])
    compound = Compound(operator, fitting, all_rows)
    return Shape(first.table, style=first.style, fields=first.fields, compound=compound)


def _bare(schema: Schema, shape: Shape) -> bool:
    """Whether a set operation is nothing but its parts: no slice, and all of their columns."""
    return (
        shape.compound is not None
        and not shape.sliced
        and names_of(schema, shape) == names_of(schema, shape.compound.parts[0])
    )


def _fitted(schema: Schema, operator: SetOperator, first: Shape, part: Shape) -> Shape:
    """A further part, loaded as the first one."""
    if first.style == "model":
        if part.style != "model":
            raise InvalidQuery(
                f"{operator}() of objects and of values has no meaning",
                hint="call values() or values_list() on each query set",
            )
        if part.table != first.table:
            raise InvalidQuery(
                f"{operator}() of objects of {first.table} and {part.table} has no meaning",
                hint="name the columns that go together: values_list('field', …) on each query set",
            )
        mine, theirs = tuple(_selected(first)), tuple(_selected(part))
        if mine != theirs:
            raise InvalidQuery(
                f"{operator}() needs the same annotations on each side: "
                f"{', '.join(mine) or 'none'} on the first, {', '.join(theirs) or 'none'} on another",
                hint="use alias() for what is only filtered or sorted by",
            )
        return _loaded_as(_leaf(first), part)
    if part.style == "model" and first.fields:
        part = with_fields(schema, part, first.style, first.fields)
    mine, theirs = names_of(schema, first), names_of(schema, part)
    if len(mine) != len(theirs):
        raise InvalidQuery(
            f"{operator}() needs as many columns in each query: {first.table} gives {len(mine)}, "
            f"{part.table} gives {len(theirs)}",
            hint="name the columns that go together: values_list('field', …) on each query set",
        )
    return part


def _selected(shape: Shape) -> list[str]:
    return [name for name, step in shape.annotations.items() if step.selected]


def _leaf(shape: Shape) -> Shape:
    """The first part of a shape that is no set operation itself."""
    while shape.compound is not None:
        shape = shape.compound.parts[0]
    return shape


def _loaded_as(model: Shape, part: Shape) -> Shape:
    """A part whose objects are loaded with the same fields and relations as those of another."""
    if part.compound is None:
        return replace(part, related=model.related, deferred=model.deferred, only=model.only)
    parts = tuple(_loaded_as(model, each) for each in part.compound.parts)
    return replace(part, compound=replace(part.compound, parts=parts))


# -- columns ----------------------------------------------------------------------------------------


def names_of(schema: Schema, shape: Shape) -> tuple[str, ...]:
    """What the columns of a query are called; for objects those that they have themselves.

    Args:
        schema: The schema of the table.
        shape: The query.
    """
    if shape.fields:
        return shape.fields
    if shape.compound is not None:
        return names_of(schema, shape.compound.parts[0])
    columns = model_columns(_table(schema, shape))
    kept = [column.field for column in columns]
    if shape.style == "model" and shape.deferred:
        key = {column.field for column in key_columns(_table(schema, shape))}
        named = {name for name in shape.deferred if "__" not in name}
        resolved = {column.field for name in named for column in _target(schema, shape, name).columns}
        kept = [field for field in kept if field in key or (field in resolved) == shape.only]
    return (*kept, *_selected(shape))


def places(schema: Schema, shape: Shape, name: str) -> list[int]:
    """Where in the columns of a set operation a name is found: one place, or several for a composite key.

    Args:
        schema: The schema of the table.
        shape: The set operation.
        name: The name that is looked for.

    Raises:
        FieldNotFound: There is no such column.
    """
    assert shape.compound is not None, "called for set operations"
    names = names_of(schema, shape.compound.parts[0])
    if name in names:
        return [names.index(name)]
    leaf = _leaf(shape)
    wanted = _target(schema, leaf, name)
    if wanted.annotation is None and not wanted.transforms:
        known: dict[tuple[object, ...], int] = {}
        for index, each in enumerate(names):
            target = _target(schema, leaf, each)
            if target.annotation is None and len(target.columns) == 1 and not target.transforms:
                known.setdefault((target.hops, target.columns[0].name), index)
        hops = wanted.hops
        columns = tuple(column.name for column in wanted.columns)
        last = wanted.relation
        if last is not None and last.forward and not isinstance(last, FilteredHop):
            # A relation is sorted by the columns that hold it.
            hops, columns = hops[:-1], last.columns
        found = [known.get((hops, column)) for column in columns]
        if all(place is not None for place in found):
            return [place for place in found if place is not None]
    raise FieldNotFound(
        f"'{name}' is not among the columns of the {shape.compound.operator} of {shape.table}",
        hint=did_you_mean(name, names) or f"there are: {', '.join(names)}",
    )


def sort_keys(schema: Schema, shape: Shape) -> list[tuple[Order, int]]:
    """What a set operation is sorted by: each key with the place of its column.

    Args:
        schema: The schema of the table.
        shape: The set operation.

    Raises:
        FieldNotFound: A sort key is none of the columns.
        InvalidQuery: A sort key is an expression.
    """
    assert shape.compound is not None, "called for set operations"
    ordering = shape.ordering
    if shape.reverse:
        key = (Order(Ref(column.field)) for column in key_columns(_table(schema, shape)))
        ordering = tuple(order.reversed() for order in ordering or key)
    keys: list[tuple[Order, int]] = []
    for order in ordering:
        if order.random:
            keys.append((order, 0))
            continue
        if not isinstance(order.expression, Ref):
            raise InvalidQuery(
                f"a {shape.compound.operator} is sorted by its columns, not by expressions",
                hint="annotate each query set with the expression, and sort by its name",
            )
        keys += [(order, place) for place in places(schema, shape, order.expression.name)]
    return keys


def with_fields(schema: Schema, shape: Shape, style: RowStyle, fields: tuple[str, ...]) -> Shape:
    """A query whose rows are these fields.

    The parts of a set operation give these fields where they named none before, as in Django, so rows are
    equal where these are. Otherwise the fields are taken out of its columns.

    Args:
        schema: The schema of the table.
        shape: The query.
        style: What a row becomes.
        fields: The fields.

    Raises:
        FieldNotFound: There is no such field, or the set operation is sorted by one that is not among them.
    """
    if shape.compound is None:
        steps = shape.steps
        if any(_target(schema, shape, name).to_many for name in fields):
            steps = (*steps, Chosen(fields))
        return replace(shape, steps=steps, style=style, fields=fields, related=(), deferred=(), only=False)
    if _unnamed(shape):
        parts = tuple(with_fields(schema, part, style, fields) for part in shape.compound.parts)
        made = replace(shape, style=style, fields=fields, compound=replace(shape.compound, parts=parts))
        sort_keys(schema, made)
        return made
    for name in fields:
        places(schema, shape, name)
    return replace(shape, style=style, fields=fields)


def _unnamed(shape: Shape) -> bool:
    """Whether no part says which fields it gives, and all are of one table."""
    if shape.compound is None:
        return not shape.fields
    return all(_unnamed(part) and part.table == shape.table for part in shape.compound.parts)


def _target(schema: Schema, shape: Shape, name: str) -> Target:
    table = _table(schema, shape)
    return resolve(schema, table, name, annotations=shape.annotations, filtered=shape.filtered)


def _table(schema: Schema, shape: Shape) -> Table:
    table = schema.table(shape.table)
    assert table is not None, "a shape names a table of its schema"
    return table
