"""Functions of one row: the base of all of ``query.functions``.

Invariant: a function is a name and its arguments; what it is called in SQL, and what its values are, is in
``query.functions.table`` and in the dialect.
"""

from __future__ import annotations

import re
from typing import ClassVar

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression, OutputField, output_kind
from noormme.query.nodes import Call
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = ["Func"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Func(Expression):
    """A function of the database, called with expressions.

    Args:
        *expressions: What it is called with: fields by name, expressions; other values stand for themselves.
        function: Its name in SQL, for a function that has no class of its own.
        output_field: The type of its values.

    Raises:
        UsageError: There is no function name, or the number of arguments does not fit.

    Attributes:
        function: The name of the function.
        arity: How many arguments it takes: a number, the least and the most, or None for any number.

    Example:
        ``Func("name", Value("a"), function="instr", output_field=int)``. A text stands for a field; write
        ``Value("text")`` for a text.
    """

    __slots__ = ("arguments", "kind", "name")

    function: ClassVar[str] = ""
    arity: ClassVar[int | tuple[int, int | None] | None] = None

    def __init__(
        self, *expressions: object, function: str | None = None, output_field: OutputField | None = None
    ) -> None:
        name = function or self.function
        label = type(self).__name__
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise UsageError(
                f"{label} needs the name of a function", hint='write Func("field", function="abs")'
            )
        least, most = self.arity if isinstance(self.arity, tuple) else (self.arity, self.arity)
        count = len(expressions)
        if (least is not None and count < least) or (most is not None and count > most):
            wanted = (
                f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
            )
            raise UsageError(f"{label} takes {wanted} argument{'' if wanted == '1' else 's'}, not {count}")
        self.name = name
        self.arguments = expressions
        self.kind: Kind | None = output_kind(output_field)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return Call(self.name, tuple(map(build.argument, self.arguments)), self.kind, self.option)

    @property
    def option(self) -> str:
        """What selects one of several forms of the function."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.arguments))})"
