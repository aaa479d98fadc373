"""What a copy will do: which tables, in which order, and what is made before and after their rows.

Invariant: a plan is made without writing anything, and the same source and options give the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from noormme.copying.order import parents_first
from noormme.copying.progress import STATE_TABLE
from noormme.copying.survey import SeenColumn
from noormme.engines.creating import Creator
from noormme.engines.definable import Stored
from noormme.engines.translating import Difference, translate
from noormme.errors import TableNotFound, did_you_mean
from noormme.schema.model import Kind, Schema, Table
from noormme.schema.portable import without_casts
from noormme.schema.sql_tokens import TokenReader, tokenize, unquote

__all__ = ["CopyPlan", "Step", "TablePlan", "fingerprint", "make_plan", "selected"]


class TablePlan(msgspec.Struct, frozen=True):
    """One table.

    Attributes:
        item: What it is called in the record of progress.
        source: The table at the source.
        target: What it becomes.
        create: The statements that make it.
    """

    item: str
    source: Table
    target: Table
    create: tuple[str, ...]


class Step(msgspec.Struct, frozen=True):
    """Something that is made when the rows are there.

    Attributes:
        item: What it is called in the record of progress.
        about: What it makes, for people.
        sql: The statement.
        table: The name of the table at the target, or of the view.
        refused: What it is called in a difference, where the target refuses it.
        view: The view at the source that it makes; then it is kept only where it gives the same rows.
        index: The name of the index that it makes.
        key: The columns of the foreign key that it makes.
        otherwise: The statement that makes a foreign key which rows break, where there is such.
    """

    item: str
    about: str
    sql: str
    table: str
    refused: str
    view: str | None = None
    index: str | None = None
    key: tuple[str, ...] = ()
    otherwise: str | None = None

    def makes_what_is_in(self, table: Table) -> bool:
        """Whether a table has the index or the foreign key already that this makes.

        Args:
            table: The table, or the view itself, as it was discovered at the target.
        """
        if self.view is not None:
            return True
        if self.index is not None:
            return any(index.name == self.index for index in table.indexes)
        return bool(self.key) and any(key.columns == self.key for key in table.foreign_keys)


class CopyPlan(msgspec.Struct, frozen=True):
    """Everything that a copy does.

    Attributes:
        tables: The tables, in the order in which their rows are written.
        steps: What is made afterwards.
        namespaces: The statements that make schemas within the database.
        differences: What has no equal at the target.
    """

    tables: tuple[TablePlan, ...]
    steps: tuple[Step, ...]
    namespaces: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """The definitions, in order."""
        return (
            *self.namespaces,
            *(sql for table in self.tables for sql in table.create),
            *(step.sql for step in self.steps),
        )


def selected(
    schema: Schema, only: Iterable[str], without: Iterable[str]
) -> tuple[list[Table], list[Difference]]:
    """The tables that are to be copied, parents first, and what is left out because it cannot be.

    Args:
        schema: The source.
        only: The names of the tables that are wanted; none for all.
        without: The names of those that are not.

    Raises:
        TableNotFound: There is no table of such a name.
    """
    wanted = {_named(schema, name) for name in only}
    unwanted = {_named(schema, name) for name in without}
    tables: list[Table] = []
    differences: list[Difference] = []
    for table in schema.tables:
        if table.name == STATE_TABLE or table.name in unwanted or (wanted and table.name not in wanted):
            continue
        if table.kind == "virtual":
            what = f"a virtual table (module {table.module})"
            differences.append(Difference(table.name, what, "left out; its content is computed or indexed"))
        elif not table.readable or not any(not column.hidden for column in table.columns):
            differences.append(Difference(table.name, "a table that cannot be read", "left out"))
        else:
            tables.append(table)
    for view in schema.views:
        if not view.readable:
            differences.append(Difference(view.name, "a view that cannot be read", "left out"))
    return parents_first(tables), differences


def _named(schema: Schema, name: str) -> str:
    table = schema.table(name)
    if table is None or table.kind == "view":
        names = [each.name for each in schema.tables]
        raise TableNotFound(f"the source has no table '{name}'", hint=did_you_mean(name, names))
    return table.name


def make_plan(
    schema: Schema,
    tables: Sequence[Table],
    creator: Creator,
    seen: Sequence[SeenColumn],
    *,
    views: bool,
    found: Sequence[Difference] = (),
) -> CopyPlan:
    """Plan a copy. Touches no database.

    Args:
        schema: The source.
        tables: The tables that are copied, in order.
        creator: Writes for the target.
        seen: What was seen in the source.
        views: Whether views are copied too.
        found: Differences that are known already.
    """
    kinds: dict[tuple[str, str], tuple[Kind, Stored | None]] = {
        (each.table, each.column): (each.kind, each.stored) for each in seen
    }
    made = translate(schema, tables, creator, kinds)
    native = schema.dialect == creator.dialect
    plans: list[TablePlan] = []
    steps: list[Step] = []
    targets = {target.name: target for _, target in made.tables}
    for number, (source, target) in enumerate(made.tables, 1):
        create = target.sql if native and target.sql else creator.create_table(target)
        plans.append(TablePlan(f"table {number}", source, target, (create,)))
        steps += _steps(creator, target, targets)
    left_out: list[Difference] = []
    for source, view in made.views:
        about = f"view {view.name}"
        query = (
            source.sql if native and _is_statement(source) else _query(source, None if native else creator)
        )
        if not views or query is None:
            outcome = "left out" if views else "left out, because not all tables are copied"
            left_out.append(Difference(about, "a view", outcome))
            continue
        make = query if native and _is_statement(source) else creator.create_view(view, query)
        steps.append(Step("", about, make, view.name, about, source.name))
    if native:
        steps += [
            Step(
                "",
                f"trigger {trigger.name}",
                trigger.sql,
                target.name,
                f"{target.name}: trigger {trigger.name}",
            )
            for _, target in made.tables
            for trigger in target.triggers
        ]
    numbered = tuple(msgspec.structs.replace(step, item=f"step {at}") for at, step in enumerate(steps, 1))
    spaces = dict.fromkeys(target.namespace for _, target in made.tables if target.namespace)
    namespaces = [sql for name in spaces if name and (sql := creator.create_namespace(name))]
    odd = [
        Difference(f"{each.table}.{each.column}", _of_no_type(each.odd), _outcome(each))
        for each in seen
        if each.odd
    ]
    differences = (*found, *made.differences, *odd, *left_out)
    return CopyPlan(tuple(plans), numbered, tuple(namespaces), differences)


def _of_no_type(count: int) -> str:
    return "1 value that is none of its type" if count == 1 else f"{count:,} values that are none of its type"


def _outcome(each: SeenColumn) -> str:
    return (
        "the column holds text"
        if each.kind == "text"
        else "the column holds bytes"
        if (each.kind == "blob")
        else "they become NULL"
    )


def _steps(creator: Creator, table: Table, targets: dict[str, Table]) -> list[Step]:
    steps = [
        Step(
            "",
            f"index {index.name}",
            creator.create_index(table, index),
            table.name,
            f"index {index.name}",
            index=index.name,
        )
        for index in table.indexes
        if index.origin == "index"
    ]
    if creator.can.adds_constraints:
        steps += [
            Step(
                "",
                f"check of {table.name}",
                creator.add_check(table, check),
                table.name,
                _check_name(table, at),
            )
            for at, check in enumerate(table.checks, 1)
        ]
        for key in table.foreign_keys:
            about = f"{table.name} ({', '.join(key.columns)})"
            sql = creator.add_foreign_key(table, key, targets[key.target])
            refused = f"{about}: a foreign key"
            otherwise = creator.add_later_foreign_key(table, key, targets[key.target])
            steps.append(
                Step(
                    "",
                    f"foreign key of {about}",
                    sql,
                    table.name,
                    refused,
                    key=key.columns,
                    otherwise=otherwise,
                )
            )
    for column in (None, *table.columns):
        comment = creator.comment(table, column)
        if comment is not None:
            steps.append(
                Step("", f"comment of {table.name}", comment, table.name, f"{table.name}: a comment")
            )
    return steps


def _check_name(table: Table, at: int) -> str:
    return f"{table.name}: CHECK {at}"


def _is_statement(view: Table) -> bool:
    """Whether what is known of a view is the whole statement that made it."""
    return view.sql is not None and view.sql.lstrip()[:6].upper() == "CREATE"


def _query(view: Table, creator: Creator | None) -> str | None:
    """What a view selects, with names quoted as a creator quotes them; None where that is not known."""
    if view.sql is None:
        return None
    text = view.sql.strip()
    if _is_statement(view):
        reader = TokenReader(tokenize(text))
        while reader.word and reader.word != "AS":
            # A list of columns stands in parentheses before it.
            if reader.word == "(":
                return None
            reader.step()
        if not reader.word:
            return None
        text = reader.text(reader.at + 1)
    text = text.rstrip().rstrip(";")
    if creator is None:
        return text
    tokens = tokenize(without_casts(text))
    return "".join(
        creator.quoted(unquote(token)) if token[0] in '"`[' and len(token) > 1 else token for token in tokens
    )


def fingerprint(source: str, schema: Schema, tables: Sequence[Table], options: Sequence[object]) -> str:
    """What stands for a copy: another source, schema or choice of tables gives another one.

    Args:
        source: What the source is called.
        schema: Its schema.
        tables: The tables.
        options: What else decides what is written.
    """
    parts = [source, schema.fingerprint, [table.name for table in tables], list(options)]
    return sha256(msgspec.json.encode(parts)).hexdigest()
