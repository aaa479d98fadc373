"""Hostile names of tables and columns in the database: every row is read, every column can be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noormme import Avg, Count, Database, F, Max, OrderBy, Prefetch, Q, connect
from tests.hostile.pool import NAMES

# What others show with one name or value, with hundreds: nothing that coverage has not counted there.
pytestmark = pytest.mark.unmeasured


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def distinct(names: list[str]) -> list[str]:
    """Names that SQLite takes for different ones."""
    return list({name.lower(): name for name in names}.values())


def make(path: Path, script: str) -> Database:
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA synchronous = OFF; BEGIN; {script}; COMMIT")
    connection.close()
    return connect(path)


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One table with a column for each name; the value in each is its number."""
    names = distinct(NAMES)
    declared = ", ".join(f"{quoted(name)} TEXT" for name in names)
    values = ", ".join(f"'v{number}'" for number in range(len(names)))
    db = make(
        tmp_path_factory.mktemp("columns") / "x.db",
        f"CREATE TABLE wide (key INTEGER PRIMARY KEY, {declared}); INSERT INTO wide VALUES (1, {values});"
        f"INSERT INTO wide (key) VALUES (2)",
    )
    yield db
    db.close()


@pytest.mark.parametrize("name", distinct(NAMES))
def test_a_column(columns: Database, name: str) -> None:
    wide = columns.wide
    value = f"v{distinct(NAMES).index(name)}"
    table = columns.schema.table("wide")
    assert table is not None
    (column,) = [column for column in table.columns if column.name == name]
    assert getattr(wide.get(key=1), column.field) == value
    # What names a relation or the key itself keeps its meaning; the field's own name is always free.
    exact = [] if name in ("pk", "") else [name]
    for written in (column.field, *exact):
        filters: list[dict[str, Any]] = [
            {written: value},
            {f"{written}__contains": value},
            {f"{written}__in": [value, "x"]},
            {f"{written}__range": (value, value)},
            {f"{written}__regex": f"^{value}$"},
            {f"{written}__isnull": False},
            {f"{written}__iexact": value.upper()},
        ]
        for lookups in filters:
            assert list(wide.filter(**lookups).values_list("key", flat=True)) == [1]
            assert list(wide.exclude(**lookups).values_list("key", flat=True)) == [2]
        assert wide.get(**{written: value}).key == 1
        assert [row.key for row in wide.order_by(OrderBy(written, descending=True))] == [1, 2]
        assert [row.key for row in wide.order_by(OrderBy(written, nulls_last=True))] == [1, 2]
        assert wide.filter(key=F("key"), **{written: F(written)}).count() == 1
        assert wide.order_by("key").values(written)[0] == {written: value}
        assert wide.order_by("key").values_list(written, flat=True)[0] == value
        assert wide.order_by("key").values_list(written, named=True)[0][0] == value
        assert wide.values(written).annotate(n=Count("key")).order_by(F(written).desc())[0] == {
            written: value,
            "n": 1,
        }
        assert wide.aggregate(m=Max(written), n=Count(written, filter=Q(**{written: value}))) == {
            "m": value,
            "n": 1,
        }
        assert wide.annotate(copied=F(written)).filter(copied=value).get().copied == value
        assert wide.only(written).get(key=1).to_dict() == {"key": 1, column.field: value}
        assert column.field not in wide.defer(written).get(key=1).to_dict()
        assert getattr(wide.defer(written).get(key=1), column.field) == value
        if not written.startswith(("-", "+", "?")):
            assert [row.key for row in wide.order_by(f"-{written}")] == [1, 2]
            assert wide.latest(written).key == 1
        assert f"{quoted('wide')}.{quoted(name)}" in wide.filter(**{written: value}).sql().statement


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A table and a view for each name, and tables whose foreign keys lead to and from it."""
    parts = []
    for number, name in enumerate(distinct(NAMES)):
        table, key = quoted(name), quoted(f"k{name}")
        parts.append(
            f"CREATE TABLE {table} ({key} INTEGER PRIMARY KEY, v TEXT); INSERT INTO {table} VALUES (1, 'a'), (2, 'b');"
            f"CREATE TABLE {quoted(f'of {number}')} (id INTEGER PRIMARY KEY, {quoted(name + '_id')} INTEGER"
            f" REFERENCES {table}({key})); INSERT INTO {quoted(f'of {number}')} VALUES (1, 1), (2, 1), (3, NULL);"
            f"CREATE VIEW {quoted(f'view {name}')} AS SELECT * FROM {table}"
        )
    db = make(tmp_path_factory.mktemp("tables") / "x.db", ";".join(parts))
    yield db
    db.close()


@pytest.mark.parametrize("name", distinct(NAMES))
def test_a_table(tables: Database, name: str) -> None:
    table = tables.schema.table(name)
    assert table is not None
    assert table.name == name
    for manager in (tables[name], tables[table.manager], tables.model(name).objects):
        assert [row.v for row in manager.order_by("pk")] == ["a", "b"]
        assert manager.count() == 2
        assert manager.filter(v="a").exists()
        assert manager.get(pk=2).v == "b"
        assert manager.filter(pk__in=[1, 7]).count() == 1
        assert manager.in_bulk([2])[2].v == "b"
        assert manager.filter(pk__in=manager.filter(v="b")).get().pk == 2
        assert manager.order_by("-pk")[:1].count() == 1
        assert manager.all().explain()
    assert tables[f"view {name}"].filter(v="a").count() == 1
    assert not tables.schema.table(name).rowid


@pytest.mark.parametrize("name", distinct(NAMES))
def test_a_relation(tables: Database, name: str) -> None:
    child = f"of {distinct(NAMES).index(name)}"
    (forward,) = tables.schema.relations_of(child).values()
    back = forward.inverse
    assert forward.target == name
    for query in (
        tables[child].all(),
        tables[child].select_related(forward.name),
        tables[child].prefetch_related(forward.name),
    ):
        assert [
            other and other.v for other in (getattr(row, forward.name) for row in query.order_by("id"))
        ] == ["a", "a", None]
    for query in (
        tables[name].all(),
        tables[name].prefetch_related(back),
        tables[name].prefetch_related(Prefetch(back, to_attr="x")),
    ):
        assert [len(getattr(row, back).all()) for row in query.order_by("pk")] == [2, 0]
    assert tables[child].filter(**{f"{forward.name}__v": "a"}).count() == 2
    assert tables[child].exclude(**{f"{forward.name}__v__in": ["a"]}).count() == 1
    assert tables[name].filter(**{f"{back}__id": 2}).get().v == "a"
    assert tables[name].exclude(**{f"{back}__id": 2}).get().v == "b"
    assert [row.n for row in tables[name].annotate(n=Count(back)).order_by("pk")] == [2, 0]
    assert list(tables[child].order_by("id").values_list(f"{forward.name}__v", flat=True)) == ["a", "a", None]
    assert tables[child].aggregate(a=Avg(f"{forward.name}__pk"))["a"] == 1


TOKENS = [
    "a",
    "__",
    "_",
    '"',
    "'",
    "`",
    "[",
    "]",
    "%",
    "(",
    ")s",
    "?",
    ":",
    "$",
    "@",
    "{",
    "}",
    "\\",
    "/",
    ".",
    ";",
    "--",
    " ",
    "\n",
    "é",
    "🔥",
    "1",
]
HOSTILE = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=6).map("".join)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=HOSTILE, column=HOSTILE, value=HOSTILE)
def test_any_names(tmp_path_factory: pytest.TempPathFactory, table: str, column: str, value: str) -> None:
    path = tmp_path_factory.mktemp("any") / "x.db"
    text = value.replace("'", "''")
    script = f"CREATE TABLE {quoted(table)} (key INTEGER PRIMARY KEY, {quoted(column)} TEXT); INSERT INTO {quoted(table)} VALUES (1, '{text}')"
    with make(path, script) as db:
        field = db.schema.tables[0].columns[1].field
        for name in {column, field}:
            assert db[table].filter(**{name: value}).get().key == 1
            assert db[table].values_list(name, flat=True).order_by(F(name)).get() == value
            assert db[table].filter(**{f"{name}__contains": value, f"{name}__in": [value]}).count() == 1


def test_names_beside_what_the_compiler_names(tmp_path: Path) -> None:
    """Tables with the names that aliases, subqueries and parameters have."""
    names = ["users_2", "anon_1", "counted", "found", "numbered", "rows", "value", "count_1"]
    script = ";".join(
        f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {name} TEXT, c0 TEXT, row_number INTEGER, parent_id INTEGER REFERENCES {name}(id));"
        f"INSERT INTO {name} VALUES (1, '{name}', 'x', 5, NULL), (2, CAST(x'ff' AS TEXT), 'y', 6, 1)"
        for name in names
    )
    script += ";CREATE TABLE users (id INTEGER PRIMARY KEY, boss_id INTEGER REFERENCES users(id)); INSERT INTO users VALUES (1, NULL), (2, 1)"
    with make(tmp_path / "x.db", script) as db:
        assert [user.boss and user.boss.id for user in db.users.select_related("boss").order_by("id")] == [
            None,
            1,
        ]
        assert db.users.filter(boss__boss__isnull=True, id=2).count() == 1
        for name in names:
            table = db[name]
            assert [getattr(row, name) for row in table.order_by("id")] == [name, b"\xff"]
            assert table.distinct().count() == 2
            assert table.order_by("id")[:1].exists()
            assert table.order_by("id")[:1].aggregate(n=Max("row_number")) == {"n": 5}
            assert table.values("c0").annotate(n=Count("id")).aggregate(m=Max("n")) == {"m": 1}
            limited = table.prefetch_related(Prefetch("children", table.order_by("-id")[:1], to_attr="last"))
            assert [[child.id for child in row.last] for row in limited.order_by("id")] == [[2], []]
            assert table.filter(id__in=[1, 2], c0__in=["y"]).get().id == 2


def test_names_differ_by_case_only(tmp_path: Path) -> None:
    with make(
        tmp_path / "x.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, É TEXT, é TEXT); INSERT INTO t VALUES (1, 'A', 'b')",
    ) as db:
        assert db.t.filter(É="A", é="b").count() == 1
        assert db.t.filter(É__in=["A"], é__contains="b").count() == 1
        assert db.t.values("É", "é").get() == {"É": "A", "é": "b"}
