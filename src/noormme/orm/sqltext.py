"""SQL with its parameters, as something that prints well."""

from __future__ import annotations

from typing import Self

__all__ = ["SQLText"]


class SQLText(str):
    """A statement and its parameters; as a string it shows both.

    Attributes:
        statement: The SQL alone, ready to run.
        parameters: What is bound, in order.
    """

    __slots__ = ("parameters", "statement")

    statement: str
    parameters: tuple[object, ...]

    def __new__(cls, statement: str, parameters: tuple[object, ...]) -> Self:
        """Both as one text; the parts stay apart beside it."""
        text = statement if not parameters else f"{statement}\n-- parameters: {parameters!r}"
        made = super().__new__(cls, text)
        made.statement = statement
        made.parameters = parameters
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[str, tuple[object, ...]]]:
        return type(self), (self.statement, self.parameters)

    def __repr__(self) -> str:
        return str(self)
