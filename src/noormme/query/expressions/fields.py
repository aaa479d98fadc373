"""The leaves of expressions: fields, values, and SQL that the user wrote.

Invariant: a leaf holds one name or one value and nothing else.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression, OutputField, kind_of_value, output_kind
from noormme.query.nodes import Call, Raw, Typed
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = ["ExpressionWrapper", "F", "OuterRef", "RawSQL", "Value"]


class F(Expression):
    """A reference to a field, a path over relations, or an annotation.

    Args:
        name: The name as ``filter`` takes it, without a lookup (``"author__age"``).

    ``F("name")[:3]`` and ``F("name")[0]`` are parts of a text.

    Example:
        ``db.tasks.filter(finished__gt=F("due"))`` and ``order_by(F("due").desc(nulls_last=True))``.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise UsageError(f"F takes the name of a field, not {type(name).__name__}")
        self.name = name

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return build.field(self.name)

    @property
    def name_only(self) -> Hashable | None:
        """The name; of this class alone, because others mean something else by it."""
        return (F, self.name) if type(self) is F else None

    @property
    def default_alias(self) -> str:
        """The name of the field."""
        return self.name

    def __getitem__(self, part: int | slice) -> Part:
        """A part of a text, by character.

        Raises:
            UsageError: A position is negative, or there is a step.
        """
        return Part(self, part)

    def __iter__(self) -> None:
        # Python would ask for one item after the other, without end.
        raise TypeError("F is not iterable")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, F) and other.name == self.name

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class Part(Expression):
    """Some characters of a text."""

    __slots__ = ("expression", "length", "start")

    def __init__(self, expression: F, part: int | slice) -> None:
        positions = (part.start, part.stop, part.step) if isinstance(part, slice) else (part, part, None)
        if any(position is not None and type(position) is not int for position in positions):
            raise UsageError(
                "a position in a text is a whole number", hint='write F("name")[0] or F("name")[:3]'
            )
        start, stop, step = positions
        if (start or 0) < 0 or (stop or 0) < 0:
            raise UsageError("negative positions in a text are not supported", hint="use Right(field, n)")
        if step is not None:
            raise UsageError("a step in a text is not supported")
        self.expression = expression
        self.start = start or 0
        end = self.start + 1 if not isinstance(part, slice) else stop
        self.length = None if end is None else max(end - self.start, 0)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        arguments = [build.operand(self.expression), build.value(self.start + 1)]
        if self.length is not None:
            arguments.append(build.value(self.length))
        return Call("substr", tuple(arguments))

    def __repr__(self) -> str:
        return f"{self.expression!r}[{self.start}:{'' if self.length is None else self.start + self.length}]"


class OuterRef(F):
    """A field of the query around, inside a subquery; ``OuterRef(OuterRef("id"))`` is one further out.

    Args:
        name: The name of the field there.

    Example:
        ``db.authors.annotate(newest=Subquery(db.books.filter(author=OuterRef("pk")).values("title")[:1]))``.
    """

    __slots__ = ("levels",)

    def __init__(self, name: str | OuterRef) -> None:
        super().__init__(name.name if isinstance(name, OuterRef) else name)
        self.levels: int = name.levels + 1 if isinstance(name, OuterRef) else 1

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return build.outer(self.name, self.levels)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OuterRef) and (other.name, other.levels) == (self.name, self.levels)

    def __hash__(self) -> int:
        return hash((OuterRef, self.name, self.levels))


class Value(Expression):
    """A value as an expression.

    Args:
        value: The value; None is NULL.
        output_field: Its type, where Python's own does not say it.
    """

    __slots__ = ("kind", "value")

    def __init__(self, value: object, output_field: OutputField | None = None) -> None:
        if isinstance(value, Expression):
            raise UsageError("Value takes a value, not an expression", hint="use the expression itself")
        self.value = value
        self.kind: Kind = output_kind(output_field) or kind_of_value(value)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return build.value(self.value, self.kind)

    def __repr__(self) -> str:
        return f"Value({self.value!r})"


class ExpressionWrapper(Expression):
    """An expression whose values are said to be of a type.

    Args:
        expression: A field by name, or an expression.
        output_field: The Python type of its values.
    """

    __slots__ = ("expression", "kind")

    def __init__(self, expression: Expression | str, output_field: OutputField) -> None:
        kind = output_kind(output_field)
        if kind is None:
            raise UsageError("ExpressionWrapper needs an output_field")
        self.expression = expression
        self.kind: Kind = kind

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return Typed(build.field(self.expression), self.kind)

    def __repr__(self) -> str:
        return f"ExpressionWrapper({self.expression!r}, {self.kind!r})"


class RawSQL(Expression):
    """SQL of your own inside a query, written into the statement as it stands: never build it from input.

    Args:
        sql: The SQL, with ``%s`` for each parameter and ``%%`` for a percent sign.
        params: The values of the parameters.
        output_field: The type of its values, where they need decoding.

    Raises:
        UsageError: The number of parameters does not fit.
    """

    __slots__ = ("kind", "params", "pieces")

    def __init__(
        self, sql: str, params: Sequence[object] = (), output_field: OutputField | None = None
    ) -> None:
        if not isinstance(sql, str):
            raise UsageError(f"RawSQL takes SQL as text, not {type(sql).__name__}")
        if isinstance(params, (str, bytes)) or not isinstance(params, Sequence):
            raise UsageError("the parameters of RawSQL are a list", hint="write RawSQL(sql, [value])")
        pieces = sql.replace("%%", "\0").split("%s")
        if len(pieces) != len(params) + 1:
            raise UsageError(f"RawSQL has {len(pieces) - 1} places for {len(params)} parameters")
        self.pieces = tuple(piece.replace("\0", "%") for piece in pieces)
        self.params = tuple(params)
        self.kind: Kind | None = output_kind(output_field)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        return Raw(self.pieces, tuple(build.slot(value) for value in self.params), self.kind)

    def __repr__(self) -> str:
        return f"RawSQL({'%s'.join(self.pieces)!r})"
