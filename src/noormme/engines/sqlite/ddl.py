"""What only the text of SQLite's DDL says, parsed from its tokens.

Invariant: a statement that SQLite accepted is either parsed as SQLite understands it or refused with
``DDLError``; no clause is guessed. SQLite's grammar allows more than its documentation draws (the
commas between table constraints can be missing, a name can be a string), and this parser follows the
grammar. Expressions are kept as they are written, without the blanks and comments around them.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from noormme.schema.model import Check, ForeignKey, Unique
from noormme.schema.sql_tokens import TokenReader, iter_tokens, keyword, tokenize

__all__ = [
    "IndexDefinition",
    "TableDefinition",
    "TriggerHeader",
    "VirtualTableDefinition",
    "parse_index",
    "parse_table",
    "parse_trigger_header",
    "parse_virtual_table",
]

_TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_TELLING = frozenset({"AS", "CHECK", "DEFERRABLE", "REFERENCES", "UNIQUE"})
"""A column without these words says nothing but its name, as far as this parser is concerned."""
_AFTER_TYPE = _TELLING | {"", ",", "(", ")", "COLLATE", "CONSTRAINT", "DEFAULT", "NOT", "NULL", "PRIMARY"}


class TableDefinition(NamedTuple):
    """What a CREATE TABLE says beyond what the pragmas tell.

    Attributes:
        columns: The columns' names, in order.
        generated: The expression of each generated column, by the column's name.
        uniques: The UNIQUE constraints, in order; names are spelled as there.
        checks: The CHECK constraints, in order.
        foreign_keys: The foreign keys, in order; names are spelled as there, and ``target_columns``
            is empty where the text names none.
    """

    columns: tuple[str, ...]
    generated: dict[str, str]
    uniques: tuple[Unique, ...]
    checks: tuple[Check, ...]
    foreign_keys: tuple[ForeignKey, ...]


class IndexDefinition(NamedTuple):
    """A CREATE INDEX: the text of each key part without its direction, and the predicate."""

    parts: tuple[str, ...]
    where: str | None


class TriggerHeader(NamedTuple):
    """When a trigger fires (``"BEFORE"``, ``"AFTER"``, ``"INSTEAD OF"``) and on what (``"INSERT"``…)."""

    timing: str
    event: str


class VirtualTableDefinition(NamedTuple):
    """A CREATE VIRTUAL TABLE: its module, and the module's arguments as they are written."""

    module: str
    arguments: tuple[str, ...]


class _TableParser:
    """One CREATE TABLE statement while it is read."""

    def __init__(self, sql: str) -> None:
        self.reader = TokenReader(tokenize(sql))
        self.columns: list[str] = []
        self.generated: dict[str, str] = {}
        self.uniques: list[Unique] = []
        self.checks: list[Check] = []
        self.foreign_keys: list[ForeignKey] = []

    def parse(self) -> TableDefinition:
        reader = self.reader
        reader.expect("CREATE", "TABLE")
        _created_name(reader)
        for start, stop in reader.parts():
            reader.at = start
            if reader.word in _TABLE_CONSTRAINTS:
                while reader.at < stop:
                    self.table_constraint()
            else:
                self.column(stop)
            if reader.at != stop:
                raise reader.error("a comma")
        return TableDefinition(
            tuple(self.columns),
            self.generated,
            tuple(self.uniques),
            tuple(self.checks),
            tuple(self.foreign_keys),
        )

    def column(self, stop: int) -> None:
        reader = self.reader
        column = reader.name()
        self.columns.append(column)
        if _TELLING.isdisjoint(reader.words(reader.at, stop)):
            reader.at = stop
            return
        while reader.word not in _AFTER_TYPE:
            if reader.word == "GENERATED" and reader.starts("GENERATED", "ALWAYS", "AS"):
                break
            reader.step()
        if reader.word == "(":
            reader.parts()
        while self.column_constraint(column, self.constraint_name()):
            pass

    def column_constraint(self, column: str, name: str | None) -> bool:
        """Step over one constraint of a column; False when none comes next."""
        reader = self.reader
        match reader.word:
            case "NOT" | "NULL" | "DEFERRABLE":
                if reader.starts("NOT", "DEFERRABLE") or reader.word == "DEFERRABLE":
                    self.deferral()
                else:
                    reader.accept("NOT")
                    reader.expect("NULL")
                    self.on_conflict()
            case "DEFAULT":
                self.default()
            case "REFERENCES":
                self.foreign_key((column,), name)
            case "CHECK":
                reader.step()
                self.checks.append(Check(reader.group(), name, column))
            case "UNIQUE":
                reader.step()
                self.uniques.append(Unique((column,), name, self.on_conflict()))
            case "PRIMARY":
                reader.expect("PRIMARY", "KEY")
                _ = reader.accept("ASC") or reader.accept("DESC")
                self.on_conflict()
                reader.accept("AUTOINCREMENT")
            case "COLLATE":
                reader.step()
                reader.name()
            case "GENERATED":
                reader.expect("GENERATED", "ALWAYS", "AS")
                self.generation(column)
            case "AS":
                reader.step()
                self.generation(column)
            case _:
                return False
        return True

    def default(self) -> None:
        reader = self.reader
        reader.expect("DEFAULT")
        if reader.word == "(":
            reader.parts()
            return
        _ = reader.accept("+") or reader.accept("-")
        reader.step()

    def generation(self, column: str) -> None:
        self.generated[column] = self.reader.group()
        _ = self.reader.accept("STORED") or self.reader.accept("VIRTUAL")

    def table_constraint(self) -> None:
        reader = self.reader
        name = self.constraint_name()
        match reader.word:
            case "CHECK":
                reader.step()
                self.checks.append(Check(reader.group(), name))
                self.on_conflict()
            case "UNIQUE":
                reader.step()
                columns = self.column_names()
                self.uniques.append(Unique(columns, name, self.on_conflict()))
            case "PRIMARY":
                reader.expect("PRIMARY", "KEY")
                reader.parts()
                self.on_conflict()
            case "FOREIGN":
                reader.expect("FOREIGN", "KEY")
                self.foreign_key(self.column_names(), name)
                if reader.starts("NOT") or reader.starts("DEFERRABLE"):
                    self.deferral()
            case _ if name is None:
                raise reader.error("a table constraint")
            case _:
                pass

    def foreign_key(self, columns: tuple[str, ...], name: str | None) -> None:
        """Step over REFERENCES and what follows it, up to the deferral."""
        reader = self.reader
        reader.expect("REFERENCES")
        target = reader.name()
        target_columns = self.column_names() if reader.word == "(" else ()
        actions: dict[str, str] = {}
        while reader.word in ("ON", "MATCH"):
            if reader.step() == "MATCH":
                reader.name()
                continue
            event, action = reader.step(), reader.step()
            actions[event] = f"{action} {reader.step()}" if action in ("SET", "NO") else action
        on_update, on_delete = actions.get("UPDATE", "NO ACTION"), actions.get("DELETE", "NO ACTION")
        self.foreign_keys.append(ForeignKey(columns, target, target_columns, name, on_update, on_delete))

    def deferral(self) -> None:
        """Step over a deferral clause, which belongs to the last foreign key before it."""
        reader = self.reader
        deferrable = not reader.accept("NOT")
        reader.expect("DEFERRABLE")
        deferred = reader.accept("INITIALLY") and reader.step() == "DEFERRED"
        if self.foreign_keys:
            self.foreign_keys[-1] = replace(
                self.foreign_keys[-1], deferrable=deferrable, initially_deferred=deferrable and deferred
            )

    def constraint_name(self) -> str | None:
        """Step over CONSTRAINT and a name, if they come next; of several names the last one counts."""
        name: str | None = None
        while self.reader.accept("CONSTRAINT"):
            name = self.reader.name()
        return name

    def column_names(self) -> tuple[str, ...]:
        """Step over a list of columns in parentheses, each perhaps with a collation and a direction."""
        reader = self.reader
        names: list[str] = []
        parts = reader.parts()
        after = reader.at
        for start, _ in parts:
            reader.at = start
            while reader.accept("("):
                pass
            names.append(reader.name())
        reader.at = after
        return tuple(names)

    def on_conflict(self) -> str | None:
        """Step over an ON CONFLICT clause, if one comes next, and give what it does."""
        if not self.reader.starts("ON", "CONFLICT"):
            return None
        self.reader.expect("ON", "CONFLICT")
        return self.reader.step()


def _created_name(reader: TokenReader) -> None:
    """Step over the name of what is created, with IF NOT EXISTS and a schema before it."""
    if reader.starts("IF", "NOT", "EXISTS"):
        reader.expect("IF", "NOT", "EXISTS")
    reader.name()
    if reader.accept("."):
        reader.name()


def parse_table(sql: str) -> TableDefinition:
    """Parse a CREATE TABLE statement.

    Args:
        sql: The statement, as ``sqlite_schema`` keeps it.

    Returns:
        What it says; nothing is read from the database.

    Raises:
        DDLError: It is not such a statement.
    """
    return _TableParser(sql).parse()


def parse_index(sql: str) -> IndexDefinition:
    """Parse a CREATE INDEX statement.

    Args:
        sql: The statement, as ``sqlite_schema`` keeps it.

    Returns:
        What it says; nothing is read from the database.

    Raises:
        DDLError: It is not such a statement.
    """
    reader = TokenReader(tokenize(sql))
    reader.expect("CREATE")
    reader.accept("UNIQUE")
    reader.expect("INDEX")
    _created_name(reader)
    reader.expect("ON")
    reader.name()
    parts = tuple(_without_direction(reader, start, stop) for start, stop in reader.parts())
    return IndexDefinition(parts, reader.text(reader.at) if reader.accept("WHERE") else None)


def _without_direction(reader: TokenReader, start: int, stop: int) -> str:
    words = reader.words(start, stop)
    if words[-2:-1] == ["NULLS"]:
        words = words[:-2]
    if len(words) > 1 and words[-1] in ("ASC", "DESC"):
        words = words[:-1]
    return reader.text(start, start + len(words))


def parse_trigger_header(sql: str) -> TriggerHeader:
    """Parse a CREATE TRIGGER statement up to its ON.

    Args:
        sql: The statement, as ``sqlite_schema`` keeps it.

    Returns:
        When the trigger fires and on what; nothing is read from the database.

    Raises:
        DDLError: It is not such a statement.
    """
    header: list[str] = []
    for token in iter_tokens(sql):
        header.append(token)
        if keyword(token) == "ON":
            break
    reader = TokenReader(header)
    reader.expect("CREATE", "TRIGGER")
    _created_name(reader)
    timing = "BEFORE"
    if reader.word in ("BEFORE", "AFTER"):
        timing = reader.step()
    elif reader.accept("INSTEAD"):
        reader.expect("OF")
        timing = "INSTEAD OF"
    if reader.word not in ("INSERT", "UPDATE", "DELETE"):
        raise reader.error("INSERT, UPDATE or DELETE")
    return TriggerHeader(timing, reader.word)


def parse_virtual_table(sql: str) -> VirtualTableDefinition:
    """Parse a CREATE VIRTUAL TABLE statement.

    Args:
        sql: The statement, as ``sqlite_schema`` keeps it.

    Returns:
        What it says; nothing is read from the database.

    Raises:
        DDLError: It is not such a statement.
    """
    reader = TokenReader(tokenize(sql))
    reader.expect("CREATE", "VIRTUAL", "TABLE")
    _created_name(reader)
    reader.expect("USING")
    module = reader.name()
    spans = reader.parts() if reader.word == "(" else []
    arguments = tuple(reader.text(start, stop) for start, stop in spans)
    return VirtualTableDefinition(module, arguments if any(arguments) else ())
