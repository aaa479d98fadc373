"""Parts of JSON documents as expressions.

Invariant: a path is a name and part of the shape; it is resolved where the expression is put into a query.
"""

from __future__ import annotations

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression
from noormme.query.nodes import Expression as Node
from noormme.query.nodes import JSONText

__all__ = ["KT"]


class KT(Expression):
    """The text of a part of a JSON document, for what needs text: functions, text comparisons, sorting.

    A JSON text gives itself, ``null`` and a missing part give NULL, and anything else its JSON.

    Args:
        name: The field and the path, as ``filter`` takes them (``"meta__owner__name"``).

    Raises:
        UsageError: The name has no path.

    Example:
        ``db.projects.annotate(owner=KT("meta__owner__name")).order_by("owner")``.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or "__" not in name:
            raise UsageError("KT takes a field and a path in it", hint='write KT("field__key")')
        self.name = name

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        found = build.field(self.name)
        if build.kind(found) not in ("json", "any"):
            raise UsageError(f"KT needs a path into JSON, and '{self.name}' is none", hint="use F(…)")
        return JSONText(found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KT) and other.name == self.name

    def __hash__(self) -> int:
        return hash((KT, self.name))

    def __repr__(self) -> str:
        return f"KT({self.name!r})"
