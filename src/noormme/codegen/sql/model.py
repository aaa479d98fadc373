"""What is known of annotated statements, from their files to their functions.

Invariant: pure data. A position is a line and a column, both from 1, in the file as an editor shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from noormme.orm.typed_sql import ValueType
from noormme.schema.model import Kind

__all__ = ["COMMANDS", "Command", "Field", "Hint", "Problem", "Query", "Source", "Statement"]

Command: TypeAlias = Literal["one", "optional", "many", "scalar", "column", "exec", "execrows"]

COMMANDS: Mapping[Command, str] = {
    "one": "the only row",
    "optional": "the only row, or None",
    "many": "all rows, in a list",
    "scalar": "the only value",
    "column": "the values of the only column, in a list",
    "exec": "nothing",
    "execrows": "how many rows were changed",
}
"""What a function gives, by the word behind its name."""


class Problem(msgspec.Struct, frozen=True, order=True):
    """Something wrong in a file.

    Attributes:
        file: The file, as it was named.
        line: The line, from 1.
        column: The column, from 1, in characters.
        message: What is wrong, in one line.
        hint: What to do about it, or ``""``.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text


class Source(msgspec.Struct, frozen=True):
    """The text of a file.

    Attributes:
        name: The file, as it was named.
        text: Its text, with ``\\n`` at the ends of lines.
    """

    name: str
    text: str

    def problem(self, offset: int, message: str, hint: str | None = None) -> Problem:
        """A problem at a place of the text.

        Args:
            offset: The place, in characters from 0.
            message: What is wrong.
            hint: What to do about it.
        """
        before = self.text[:offset]
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return Problem(self.name, line, column, " ".join(message.split()), hint or "")


class Hint(msgspec.Struct, frozen=True):
    """What a comment says of a parameter or of a column.

    Attributes:
        name: The parameter or the column.
        kind: What its values are; None where the comment does not say it.
        items: What the elements of a list are.
        nullable: Whether it can be NULL.
        offset: Where the comment stands.
    """

    name: str
    kind: Kind | None
    items: Kind | None
    nullable: bool
    offset: int


class Statement(msgspec.Struct, frozen=True):
    """One statement with its name, as a file has it.

    Attributes:
        source: The file.
        name: The name of its function.
        command: What the function gives.
        sql: The statement.
        offset: Where the statement begins in the file.
        name_offset: Where its name stands in the file.
        documentation: What comments say of it, in lines.
        parameters: Hints to parameters.
        columns: Hints to columns.
    """

    source: Source
    name: str
    command: Command
    sql: str
    offset: int
    name_offset: int
    documentation: tuple[str, ...] = ()
    parameters: tuple[Hint, ...] = ()
    columns: tuple[Hint, ...] = ()

    def problem(self, offset: int, message: str, hint: str | None = None) -> Problem:
        """A problem at a place of the statement, in characters from its beginning."""
        return self.source.problem(self.offset + offset, message, hint)


class Field(msgspec.Struct, frozen=True):
    """A parameter or a column of a statement.

    Attributes:
        name: What the statement calls it.
        field: What Python calls it.
        kind: What its values are.
        nullable: Whether they can be NULL.
        items: What the elements of a list are.
        value: What it is read or bound as.
    """

    name: str
    field: str
    kind: Kind
    nullable: bool
    items: Kind | None
    value: ValueType


class Query(msgspec.Struct, frozen=True):
    """A statement with everything that its function needs.

    Attributes:
        statement: The statement.
        parameters: Its parameters, in the order in which they are bound.
        columns: Its columns.
        table_model: The name of the model whose rows it gives, where those are exactly its columns.
    """

    statement: Statement
    parameters: tuple[Field, ...] = ()
    columns: tuple[Field, ...] = ()
    table_model: str | None = None
