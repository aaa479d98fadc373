"""Generated functions give what plain SQL gives, as values of the types that they promise, on every engine."""

from __future__ import annotations

import asyncio
import builtins
import datetime as _dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from uuid import UUID

import msgspec
import pytest

from noormme import Database, DoesNotExist, MultipleObjectsReturned, UsageError, connect
from noormme.codegen.sql import is_fresh, look
from noormme.codegen.sql.files import statements_of
from noormme.codegen.sql.model import Query, Source
from noormme.codegen.sql.prepare import prepare
from noormme.codegen.sql.source import annotation
from noormme.typed_sql import Command, RowQuery, ValueQuery
from tests.codegen.sql import queries as made_for_sqlite
from tests.codegen.sql.test_inference import COLUMNS
from tests.plans.processes import make

STATEMENTS = Path(__file__).with_name("statements")
MODULE = Path(__file__).with_name("queries.py")


@pytest.fixture
def queries(target: str) -> ModuleType:
    """The module as it is made for the engine."""
    found = look(target, [STATEMENTS])
    assert found.problems == ()
    assert found.source is not None
    module = ModuleType("queries")
    exec(compile(found.source, "queries.py", "exec"), vars(module))
    return module


def test_the_module_in_the_repository_is_what_is_made(shops: Callable[[str], str]) -> None:
    source = look(shops("sqlite"), [STATEMENTS]).source
    assert source is not None
    assert is_fresh(MODULE, source)
    assert not is_fresh(MODULE, source.replace("limit: int", "limit: str"))


def test_rows_are_those_of_execute(db: Database, queries: ModuleType) -> None:
    since = _dt.datetime(2024, 2, 1)
    top = queries.top_authors(db, since=since, active=True, limit=5)
    assert [(row.id, row.name, row.books) for row in top] == [(1, "Ada", 1), (2, "Ben", 0)]
    assert top[0].latest == _dt.datetime(2024, 3, 1)
    assert top[0].earned == Decimal("20.25")
    assert isinstance(top[0].earned, Decimal)
    assert (top[1].latest, top[1].earned) == (None, None)
    plain = db.execute("SELECT * FROM books ORDER BY id")
    rows = queries.all_books(db)
    assert [tuple(getattr(row, name) for name in row.__struct_fields__) for row in rows] == [
        *map(tuple, plain)
    ]
    assert type(rows[0]) is queries.BookRow
    authors = queries.active_authors(db)
    assert [row.id for row in authors] == [1, 2]
    assert type(authors[0]) is type(queries.author_by_id(db, id=1)) is queries.AuthorRow


def test_one_optional_scalar_and_column(db: Database, queries: ModuleType) -> None:
    assert queries.author_by_id(db, id=1).born == _dt.date(1815, 12, 10)
    with pytest.raises(DoesNotExist, match="'author_by_id' gives no row"):
        queries.author_by_id(db, id=77)
    assert queries.find_author(db, email="nobody") is None
    assert queries.find_author(db, email="ada@example.com").name == "Ada"
    assert queries.count_books(db, pages=100) == 2
    assert queries.titles(db, word="%o%") == ["One", "Two"]
    assert queries.latest(db, author_id=1) == _dt.datetime(2024, 3, 1)
    assert queries.latest(db, author_id=77) is None
    thick = queries.thick_books(db)
    assert [(row.thick, row.tagged) for row in thick] == [(True, True), (False, False), (True, False)]
    assert all(type(row.thick) is bool and type(row.tagged) is bool for row in thick)
    assert [row.share for row in thick] == [pytest.approx(5.4), None, pytest.approx(6.75)]
    assert [row.details for row in thick] == [{"a": 1}, None, [1, 2]]


def test_several_rows_where_one_was_expected(db: Database) -> None:
    every = ValueQuery[int]("every", "SELECT id FROM books", columns={"id": "integer"})
    with pytest.raises(MultipleObjectsReturned, match="'every' gives 3 rows, and one was expected"):
        every.one(db)
    with pytest.raises(MultipleObjectsReturned):
        asyncio.run(every.aoptional(db))


def test_awaited_functions_are_the_same(db: Database, queries: ModuleType) -> None:
    async def ask() -> list[object]:
        since = _dt.datetime(2024, 2, 1)
        return [
            await queries.atop_authors(db, since=since, active=True, limit=5),
            await queries.aauthor_by_id(db, id=1),
            await queries.afind_author(db, email="nobody"),
            await queries.acount_books(db, pages=100),
            await queries.atitles(db, word="%o%"),
            await queries.arename_author(db, name="Nobody", old="Nobody"),
        ]

    top, ada, nobody, count, titles, renamed = asyncio.run(ask())
    assert top == queries.top_authors(db, since=_dt.datetime(2024, 2, 1), active=True, limit=5)
    assert (ada, nobody, count, titles, renamed) == (
        queries.author_by_id(db, id=1),
        None,
        2,
        ["One", "Two"],
        0,
    )


def test_what_is_written_belongs_to_the_transaction(db: Database, queries: ModuleType) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction():
        assert queries.add_author(db, name="Dot", email=None, born=_dt.date(1992, 1, 2)) is None
        assert db.authors.get(name="Dot").born == _dt.date(1992, 1, 2)
        assert queries.rename_author(db, name="Eve", old="Dot") == 1
        assert queries.rename_author(db, name="Eve", old="Dot") == 0
        raise ZeroDivisionError
    assert db.authors.count() == 3

    async def write() -> None:
        async with db.transaction():
            await queries.aadd_author(db, name="Dot", email=None, born=None)
            assert await queries.arename_author(db, name="Eve", old="Dot") == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(write())
    assert db.authors.count() == 3


@pytest.mark.parametrize("sql", COLUMNS)
def test_no_value_breaks_a_promise(db: Database, sql: str) -> None:
    registry = db._registry
    (statement,), _ = statements_of(Source("a.sql", f"-- name: it :many\n{sql}"), registry.schema.dialect)
    query = prepare(statement, registry.schema, registry.engine)
    assert isinstance(query, Query)
    fields = [(each.field, annotation(each)) for each in query.columns]
    names = {"_dt": _dt, "Decimal": Decimal, "UUID": UUID, "builtins": builtins}
    types = [eval(written, names) for _, written in fields]
    columns = {each.name: each.value for each in query.columns}
    parameters = {each.name: each.value for each in query.parameters}
    rows = RowQuery("it", made_for_sqlite.AuthorRow, sql, parameters=parameters, columns=columns)
    rows._style, rows._row = "tuple", None
    found = rows.all(db, *[_dt.date(1800, 1, 1)] * len(parameters))
    assert found
    for row in found:
        for value, type_ in zip(row, types, strict=True):
            assert isinstance(value, type_), (value, type_)


def test_a_statement_that_has_changed_is_refused(db: Database) -> None:
    columns = {"id": "integer", "nmae": "text"}
    stale = RowQuery("stale", made_for_sqlite.AuthorRow, "SELECT id, name FROM authors", columns=columns)
    with pytest.raises(UsageError, match="'stale' gives other columns than when its function was made"):
        stale.all(db)
    with pytest.raises(UsageError, match="run 'noormme sql generate' again"):
        Command("stale", "DELETE FROM tags WHERE name = :name").run(db)


class _Row(msgspec.Struct):
    id: int
    a: str


def test_a_table_that_changes_while_the_program_runs_is_told(tmp_path: Path) -> None:
    path = make(
        tmp_path / "shop.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x')"
    )
    everything = RowQuery("everything", _Row, "SELECT * FROM t", columns={"id": "integer", "a": "text"})
    with connect(path) as db:
        assert everything.all(db) == [_Row(1, "x")]
        make(path, "ALTER TABLE t ADD COLUMN b TEXT")
        for _ in range(2):
            with pytest.raises(UsageError, match="'everything' gives other columns than when its function"):
                everything.all(db)
        make(path, "ALTER TABLE t DROP COLUMN b")
        assert everything.all(db) == [_Row(1, "x")]


def test_its_plans_are_seen(db: Database) -> None:
    counted = ValueQuery[int]("counted", "SELECT COUNT(*) FROM tags WHERE 7 = 7", columns={"n": "integer"})
    assert counted.one(db) == counted.one(db) == 2
    (plan,) = [plan for plan in db.plans if "7 = 7" in plan.sql]
    assert plan.statistics.calls == 2
