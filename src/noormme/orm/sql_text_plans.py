"""SQL text of the user's as plans.

Invariant: the text runs as it was written; only its values are bound, and only its rows are decoded. A column
is decoded as the table column that it comes from, where the database knows one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from noormme.errors import InvalidValue, UsageError, did_you_mean
from noormme.orm.statement import Statement
from noormme.query.plan import Bind, Encode, Output, Plan

if TYPE_CHECKING:
    from noormme.engines.base import Description, Engine, Origin
    from noormme.schema.model import Schema

__all__ = ["Parameters", "TextStatement", "names_of", "or_none", "values_of"]

Parameters: TypeAlias = "Sequence[object] | Mapping[str, object]"


def or_none(encode: Encode | None) -> Encode | None:
    """The same encoder for values that may be None, which encoders never see."""
    if encode is None:
        return None

    def encode_or_none(value: object) -> object:
        return None if value is None else encode(value)

    return encode_or_none


def names_of(description: Description) -> tuple[str, ...] | None:
    """What the columns of a statement are called; None where it has none, or the database does not say it.

    Args:
        description: What the engine knows of it.
    """
    return tuple([origin.name for origin in description.columns]) or None


class TextStatement:
    """One SQL text made ready to run.

    Args:
        description: What the engine knows of it.
        schema: The schema, which knows the columns that rows come from.
        engine: Where it runs.

    Attributes:
        statement: What runs it.
        description: What the engine knew of it.
    """

    __slots__ = ("_names", "description", "statement")

    def __init__(self, description: Description, schema: Schema, engine: Engine) -> None:
        self.description = description
        self._names = description.parameters
        encode = or_none(engine.dialect.encoder("any", None, None))
        plan = Plan(
            description.sql,
            tuple(Bind(slot, encode, native=str) for slot in description.slots),
            tuple(_output(origin, schema) for origin in description.columns),
            style="row",
            reads=tuple(sorted({origin.table for origin in description.columns if origin.table})),
            slots=len(self._names),
        )
        self.statement = Statement(plan, engine, names=names_of(description))

    @property
    def runs_once(self) -> bool:
        """Whether it runs where statements that write do, and is never tried again."""
        return self.description.writes or self.description.once

    def values(self, parameters: Parameters | None) -> tuple[object, ...]:
        """The values of the parameters, in their order.

        Args:
            parameters: A sequence of them, or a mapping by name.

        Raises:
            UsageError: There are too few or too many, or a name is missing or unknown.
        """
        return values_of(self._names, parameters)


def values_of(names: Sequence[str | None], parameters: Parameters | None) -> tuple[object, ...]:
    """The values of a statement's parameters, in their order.

    Args:
        names: The parameters; None for one that has only its position.
        parameters: A sequence of values, or a mapping by name.

    Raises:
        UsageError: There are too few or too many, or a name is missing or unknown.
    """
    if parameters is None:
        parameters = ()
    if isinstance(parameters, Mapping):
        return _by_name(names, parameters)
    if isinstance(parameters, (str, bytes)) or not isinstance(parameters, Sequence):
        raise UsageError(
            f"parameters are a list, a tuple or a dict, not {type(parameters).__name__}",
            hint="write execute(sql, [value])",
        )
    given = tuple(parameters)
    if len(given) != len(names):
        raise UsageError(
            f"the statement has {_count(len(names), 'parameter')}, and {len(given)} were given",
            hint="give one value for each '?'",
        )
    return tuple(map(_single, given))


def _by_name(wanted: Sequence[str | None], parameters: Mapping[str, object]) -> tuple[object, ...]:
    names = [name for name in wanted if name is not None]
    if len(names) < len(wanted):
        raise UsageError(
            "the statement has parameters without a name, and values were given by name",
            hint="write :name instead of '?', or give a list",
        )
    for name in names:
        if name not in parameters:
            raise UsageError(
                f"no value was given for the parameter '{name}'",
                hint=did_you_mean(name, map(str, parameters)) or f"give {{'{name}': …}}",
            )
    for name in parameters:
        if name not in names:
            known = ", ".join(names) or "none"
            raise UsageError(
                f"the statement has no parameter '{name}'",
                hint=did_you_mean(str(name), names) or f"there are: {known}",
            )
    return tuple(_single(parameters[name]) for name in names)


def _output(origin: Origin, schema: Schema) -> Output:
    table = schema.table(origin.table) if origin.table else None
    column = None if table is None else next((c for c in table.columns if c.name == origin.column), None)
    if table is None or column is None:
        return Output(origin.name, "any")
    return Output(origin.name, column.kind, table.name, column.name)


def _single(value: object) -> object:
    """A value that one parameter can have."""
    given = type(value).__name__
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        raise InvalidValue(
            f"a parameter has one value, not a {given}",
            hint="write one '?' for each value, or use db.table(…).where('column', 'in', […])",
        )
    return value


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
