"""The expected T-SQL of the table of the language, in files that people read.

After a change of what is written, ``python -m tests.mssql.golden`` writes the files anew; what is different
then is reviewed with ``git diff``, statement by statement.

Invariant: a file has one section for each entry of its table, in the order of the table. What SQL Server
cannot do stands there as the error that says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from noormme import Database, NoormmeError, NotSupported, connect
from noormme.engines.base import Row
from tests.language import (
    table_aggregates,
    table_answers,
    table_arithmetic,
    table_comparison,
    table_expressions,
    table_json,
    table_lookups,
    table_methods,
    table_moments,
    table_numbers,
    table_sets,
    table_text,
    table_updates,
    table_windows,
)
from tests.language.entries import plain
from tests.language.world import build
from tests.mssql import constructs
from tests.mssql.constructs import Construct
from tests.mssql.offline import opened

__all__ = ["AREAS", "CONSTRUCTS", "EXPECTED", "Section", "sections", "written"]

EXPECTED = Path(__file__).with_name("expected")

AREAS: dict[str, ModuleType] = {
    module.__name__.rpartition("table_")[2]: module
    for module in (
        table_methods,
        table_lookups,
        table_answers,
        table_aggregates,
        table_arithmetic,
        table_expressions,
        table_windows,
        table_comparison,
        table_moments,
        table_numbers,
        table_text,
        table_json,
        table_sets,
        table_updates,
    )
}

CONSTRUCTS: dict[str, list[Construct]] = {
    "keys": constructs.KEYS,
    "pages": constructs.PAGES,
    "groups": constructs.GROUPS,
    "values": constructs.VALUES,
    "writes": constructs.WRITES,
    "builder": constructs.TABLES,
    "operands": constructs.OPERANDS,
}

ELSEWHERE = {"method explain": "asks the server for its plan", "method raw": "is SQL of the user's own"}
"""What needs a server, and why."""

Section = tuple[str, list[str]]
Ask = Callable[[Database, Any], Any]


def sections(area: str) -> list[Section]:
    """What the entries of a table run on SQL Server: the title of each, and its statements.

    Args:
        area: The name of the table.
    """
    if area in CONSTRUCTS:
        return _titled([(each.title, _constructed(each)) for each in CONSTRUCTS[area]])
    with tempfile.TemporaryDirectory() as folder, connect(build(Path(folder) / "language.db")) as sqlite:
        return _titled(_of_entries(sqlite, AREAS[area]))


def _titled(made: Iterable[Section]) -> list[Section]:
    return [(f"{number:03} {title}", statements) for number, (title, statements) in enumerate(made, 1)]


def _constructed(construct: Construct) -> list[str]:
    database, engine = opened(construct.database)
    engine.answers = [list(rows) for rows in construct.answers]
    return _run(database, lambda: plain(construct.ask(database)))


def _of_entries(sqlite: Database, module: ModuleType) -> Iterator[Section]:
    if module is table_updates:
        for update in table_updates.UPDATES:
            yield update.about, _updated(update)
        return
    for entry in module.ENTRIES:
        if not any(name.strip() in ELSEWHERE for name in entry.about.split(",")):
            yield entry.about, _asked(sqlite, entry.ask, entry.first[0])


def _asked(sqlite: Database, ask: Ask, value: object) -> list[str]:
    """The statements of a query; the rows that later ones need are those that SQLite gives."""
    with sqlite.capture() as captured:
        ask_all(ask, sqlite, value)
    answers: list[list[Row]] = [
        [tuple(row) for row in sqlite._engine.fetch(each.statement, each.parameters)] for each in captured
    ]
    database, engine = opened("world")
    engine.answers = answers
    return _run(database, lambda: ask_all(ask, database, value))


def ask_all(ask: Ask, database: Database, value: object) -> None:
    """Ask, and read all of the answer; that there is none, or too much, is one too."""
    answer = ask(database, value)
    plain(answer)


def _updated(update: Any) -> list[str]:
    database, _ = opened("world")
    return _run(database, lambda: update.rows(database).update(**update.values(database, update.first[0])))


def _run(database: Database, call: Callable[[], object]) -> list[str]:
    refused = ""
    with database.capture() as captured:
        try:
            call()
        except NotSupported as error:
            refused = str(error).replace("\n", " ")
        except NoormmeError as error:
            refused = f"{type(error).__name__}: {error}".replace("\n", " ")
    made = [_shown(database, each.statement, each.parameters) for each in captured]
    return [*made, f"-- {refused}"] if refused else made


def _shown(database: Database, statement: str, parameters: Sequence[object]) -> str:
    text = " ".join(statement.split())
    for table in database.schema.tables:
        columns = ", ".join(f"[{table.name}].[{column.name}]" for column in table.columns)
        text = text.replace(columns, f"[{table.name}].…")
    if not parameters:
        return text
    values = ", ".join(f"@P{number} = {value!r}" for number, value in enumerate(parameters, 1))
    return f"{text}\n--   {values}"


def written(made: Sequence[Section]) -> str:
    """Sections as the text of a file."""
    return "\n".join("\n".join([f"-- {title}", *statements, ""]) for title, statements in made)


def main() -> None:
    """Write all files anew."""
    EXPECTED.mkdir(exist_ok=True)
    for area in (*AREAS, *CONSTRUCTS):
        (EXPECTED / f"{area}.sql").write_text(written(sections(area)))


if __name__ == "__main__":
    main()
