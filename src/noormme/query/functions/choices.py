"""Functions that choose between values, or give one another type or another collation.

Invariant: what they give is one of their arguments, in the form in which that is stored, or a value of the
type that was asked for.
"""

from __future__ import annotations

import re

from noormme.errors import UsageError
from noormme.query.expressions.base import Expression, OutputField, output_kind
from noormme.query.expressions.func import Func
from noormme.schema.model import Kind

__all__ = ["Cast", "Coalesce", "Collate", "Greatest", "Least", "NullIf"]

_COLLATION = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]*")


class Cast(Func):
    """A value as another type.

    A float becomes the nearest whole number, an even one where two are as near; a decimal goes away from zero
    there. A text must read as what it becomes: ``"12"``, ``"1.5"``, ``"yes"``, ``"2024-01-31"``.

    Args:
        expression: The value.
        output_field: The Python type: ``int``, ``float``, ``str``, ``bool``, ``Decimal``, ``date``,
            ``datetime``, ``time``, ``bytes``, ``UUID`` or ``dict`` (JSON).

    Raises:
        UsageError: That is no type that a column can have.

    Example:
        ``Cast("code", int)``.
    """

    __slots__ = ("_target",)
    function = "cast"
    arity = 1

    def __init__(self, expression: Expression | str, output_field: OutputField) -> None:
        super().__init__(expression)
        target = output_kind(output_field)
        if target is None:
            raise UsageError("Cast needs an output_field", hint='write Cast("field", int)')
        self._target: Kind = target

    @property
    def option(self) -> str:
        """The kind of the result."""
        return self._target

    def __repr__(self) -> str:
        return f"Cast({self.arguments[0]!r}, {self._target!r})"


class Coalesce(Func):
    """The first value that is not NULL.

    Args:
        *expressions: Two or more fields by name, expressions or values.
        output_field: The type of the values, where they do not say it.

    Example:
        ``Coalesce("nickname", "name")``.
    """

    __slots__ = ()
    function = "coalesce"
    arity = (2, None)


class Collate(Func):
    """A text that is compared and sorted by the rules of a collation.

    Args:
        expression: The text.
        collation: The name of the collation in the database (``"nocase"``).

    Raises:
        UsageError: That is no name of a collation.

    Example:
        ``order_by(Collate("name", "nocase"))``.
    """

    __slots__ = ("_collation",)
    function = "collate"
    arity = 1

    def __init__(self, expression: Expression | str, collation: str) -> None:
        super().__init__(expression)
        if not isinstance(collation, str) or not _COLLATION.fullmatch(collation):
            raise UsageError(
                "Collate takes the name of a collation",
                hint="letters, digits, and any of _ . @ - as in nocase",
            )
        self._collation = collation

    @property
    def option(self) -> str:
        """The name of the collation."""
        return self._collation

    def __repr__(self) -> str:
        return f"Collate({self.arguments[0]!r}, {self._collation!r})"


class Greatest(Func):
    """The largest of several values; NULLs do not count, and of nothing but NULLs it is NULL.

    Args:
        *expressions: Two or more fields by name, expressions or values.
        output_field: The type of the values, where they do not say it.

    Example:
        ``Greatest("created_at", "modified_at")``.
    """

    __slots__ = ()
    function = "greatest"
    arity = (2, None)


class Least(Func):
    """The smallest of several values; NULLs do not count, and of nothing but NULLs it is NULL.

    Args:
        *expressions: Two or more fields by name, expressions or values.
        output_field: The type of the values, where they do not say it.

    Example:
        ``Least("price", "offer")``.
    """

    __slots__ = ()
    function = "least"
    arity = (2, None)


class NullIf(Func):
    """A value, or NULL where it equals another.

    Args:
        expression1: The value.
        expression2: The other value.

    Example:
        ``NullIf("phone", Value(""))``.
    """

    __slots__ = ()
    function = "nullif"
    arity = 2
