"""Random CREATE TABLE statements, and what a reader of them has to find.

Every statement is one that SQLite takes. Names are any text, quoted in any way that can hold them;
blanks and comments stand wherever they may; constraints come in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

from noormme.engines.sqlite.ddl import TableDefinition
from noormme.schema import Check, ForeignKey, Unique

PLAIN = ["id", "a", "b1", "user_id", "Name", "é", "naïve", "_x", "check_in", "key", "desc", "no", "generated"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NAMES = st.one_of(st.sampled_from(PLAIN), TEXT)

EXPRESSIONS = [
    "1",
    "1 > 0",
    "length('x') = 1",
    "'a)' <> '(b'",
    "(1)",
    "1 /* ) */ + 1",
    "1 in (1, (2))",
    "1--)\n+2",
]
TYPES = [
    "",
    "INT",
    "integer",
    "VARCHAR ( 10 )",
    "NUMERIC(1,+2)",
    "unsigned big int",
    "'a b'",
    "[b c] x",
    "double/**/d",
]
DEFAULTS = ["1", "-1", "+ 1.5", "'it''s'", "NULL", "x'00'", "current_timestamp", "(1 + (2))", "abc"]
COLLATIONS = ["NOCASE", "binary", "'rtrim'", "[NoCase]"]
CONFLICTS = ["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"]
ACTIONS = ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"]
BLANKS = [" ", " ", "\n", "\t ", "/* , ) */", " -- '(\n", " /**/ "]
CASES: list[Callable[[str], str]] = [str.upper, str.lower, str.title]

PLAIN_KINDS = ["not null", "null", "unique", "check", "collate", "references"]


class Statement(NamedTuple):
    """A statement, the name of its table, and what the parser must find in it."""

    sql: str
    table: str
    definition: TableDefinition


class Writer:
    """Writes one statement at random, and notes what it says."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.case = draw(st.sampled_from(CASES))
        # Two constraints on the same columns must not disagree.
        self.conflict = draw(st.sampled_from(CONFLICTS))
        self.tokens: list[str] = []
        self.columns: list[str] = []
        self.generated: dict[str, str] = {}
        self.uniques: list[Unique] = []
        self.checks: list[Check] = []
        self.foreign_keys: list[ForeignKey] = []

    def chance(self) -> bool:
        return self.draw(st.booleans())

    def words(self, text: str) -> None:
        self.tokens += self.case(text).split()

    def put(self, *tokens: str) -> None:
        self.tokens += tokens

    def name(self, name: str) -> None:
        """Write a name in one of the ways that can hold it."""
        ways = ['"' + name.replace('"', '""') + '"', "'" + name.replace("'", "''") + "'"]
        ways.append("`" + name.replace("`", "``") + "`")
        if "]" not in name:
            ways.append(f"[{name}]")
        if name in PLAIN:
            ways.append(name)
        self.put(self.draw(st.sampled_from(ways)))

    def names(self, names: list[str]) -> None:
        for number, name in enumerate(names):
            self.put("," if number else "(")
            self.name(name)
        self.put(")")

    def some(self, names: list[str]) -> list[str]:
        return self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))

    def constraint_name(self) -> str | None:
        if not self.chance():
            return None
        name = self.draw(NAMES)
        self.words("constraint")
        self.name(name)
        return name

    def on_conflict(self) -> str | None:
        if not self.chance():
            return None
        self.words(f"on conflict {self.conflict}")
        return self.conflict

    def expression(self) -> str:
        expression = self.draw(st.sampled_from(EXPRESSIONS))
        self.put("(", expression, ")")
        return expression

    def reference(self, columns: list[str], name: str | None) -> None:
        target = self.draw(NAMES)
        self.words("references")
        self.name(target)
        target_columns: list[str] = []
        if self.chance():
            target_columns = [self.draw(NAMES) for _ in columns]
            self.names(target_columns)
        actions = {"update": "NO ACTION", "delete": "NO ACTION"}
        for event in self.draw(st.lists(st.sampled_from(["update", "delete", "match"]), max_size=3)):
            if event == "match":
                self.words("match full")
            else:
                actions[event] = self.draw(st.sampled_from(ACTIONS))
                self.words(f"on {event} {actions[event]}")
        deferral = self.draw(st.sampled_from(["", "deferrable", "not deferrable"]))
        initially = self.draw(st.sampled_from(["", "initially deferred", "initially immediate"]))
        if deferral:
            self.words(f"{deferral} {initially}")
        self.foreign_keys.append(
            ForeignKey(
                tuple(columns),
                target,
                tuple(target_columns),
                name,
                actions["update"],
                actions["delete"],
                deferral == "deferrable",
                deferral == "deferrable" and initially == "initially deferred",
            )
        )

    def column(self, name: str, *, primary_key: bool, generated: bool) -> None:
        self.columns.append(name)
        self.name(name)
        self.put(self.draw(st.sampled_from(TYPES)))
        kinds = self.draw(st.lists(st.sampled_from(PLAIN_KINDS), max_size=4))
        kinds += ["primary key"] * primary_key + ["generated" if generated else "default"]
        for kind in self.draw(st.permutations(kinds)):
            self.column_constraint(name, kind)

    def column_constraint(self, column: str, kind: str) -> None:
        name = self.constraint_name()
        match kind:
            case "unique":
                self.words(kind)
                self.uniques.append(Unique((column,), name, self.on_conflict()))
            case "check":
                self.words(kind)
                self.checks.append(Check(self.expression(), name, column))
            case "collate":
                self.words(kind)
                self.put(self.draw(st.sampled_from(COLLATIONS)))
            case "default":
                self.words(kind)
                self.put(self.draw(st.sampled_from(DEFAULTS)))
            case "references":
                self.reference([column], name)
            case "generated":
                self.words("generated always as" if self.chance() else "as")
                self.generated[column] = self.expression()
                self.words(self.draw(st.sampled_from(["", "stored", "virtual"])))
            case _:
                self.words(kind)
                self.on_conflict()

    def table_constraint(self, kind: str, columns: list[str]) -> None:
        name = self.constraint_name()
        match kind:
            case "unique":
                self.words(kind)
                self.names(columns)
                self.uniques.append(Unique(tuple(columns), name, self.on_conflict()))
            case "check":
                self.words(kind)
                self.checks.append(Check(self.expression(), name))
            case "foreign key":
                self.words(kind)
                self.names(columns)
                self.reference(columns, name)
            case _:
                self.words(kind)
                self.names(columns)
                self.on_conflict()

    def statement(self) -> Statement:
        draw = self.draw
        table = draw(TEXT.filter(lambda name: not name.lower().startswith("sqlite_")))
        self.words("create table")
        self.name(table)
        columns = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=lambda name: name.encode().lower()))
        generated = [number > 0 and draw(st.integers(0, 3)) == 0 for number in range(len(columns))]
        real = [column for column, made in zip(columns, generated, strict=True) if not made]
        primary_key = draw(st.sampled_from(["", "column", "table"]))
        for number, (column, made) in enumerate(zip(columns, generated, strict=True)):
            self.put("," if number else "(")
            self.column(column, primary_key=number == 0 and primary_key == "column", generated=made)
        kinds = draw(st.lists(st.sampled_from(["unique", "check", "foreign key"]), max_size=3))
        kinds += ["primary key"] * (primary_key == "table")
        for number, kind in enumerate(draw(st.permutations(kinds))):
            if number == 0 or self.chance():
                self.put(",")
            self.table_constraint(kind, self.some(real))
        self.put(")")
        if primary_key and self.chance():
            self.words("without rowid")
        return Statement(self.spaced(), table, self.definition())

    def spaced(self) -> str:
        blanks = self.draw(st.lists(st.sampled_from(BLANKS), min_size=1, max_size=12))
        tokens = [token for token in self.tokens if token]
        return "".join(token + blanks[number % len(blanks)] for number, token in enumerate(tokens))

    def definition(self) -> TableDefinition:
        return TableDefinition(
            tuple(self.columns),
            self.generated,
            tuple(self.uniques),
            tuple(self.checks),
            tuple(self.foreign_keys),
        )


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """A statement that SQLite takes, and what it says."""
    return Writer(draw).statement()
