"""Every row of every sample database comes out of its manager, as a bare connection reads it.

What SQLite itself can select from must be readable here, to the last row and value; what it cannot
must be explained by a warning. Values are compared with those of ``reference``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

import noormme
from noormme.schema import Table

from .reference import canonical, decode

FILES = (
    "chinook",
    "chromium_history",
    "datasette_fixtures",
    "django_wagtail",
    "drizzle",
    "kitchen_sink",
    "nasty",
    "northwind",
    "pocketbase",
    "rails",
    "sakila",
    "spatialite",
)

AS_STORED = {
    "kitchen_sink": {
        ("types", "j", "2024-02-30"),
        ("types", "m", "25:61"),
        ("types", "n", "{bad json"),
        ("types", "o", "not-a-uuid"),
    },
    "spatialite": {
        ("geometry_columns_time", column, "0000-01-01T00:00:00.000Z")
        for column in ("last_insert", "last_update", "last_delete")
    },
}
"""All values in these files that are not what their column says."""

NASTY_ROWS = """
INSERT INTO users (id, email, status, manager) VALUES
  (1, 'a@x.org', 'active', NULL), (2, 'B@x.org', 'banned', 1);
INSERT INTO message VALUES (1, 1, 2, 'hello'), (2, 2, 1, NULL);
INSERT INTO category VALUES (1, 'tools');
INSERT INTO product (sku, category, price, meta, "class", "unit price", "2nd", untyped) VALUES
  ('h-1', 1, 9.99, '{"size": [1, null]}', 'A', 1.5, 'two', x'00ff'),
  ('h-2', NULL, 10, 'null', NULL, NULL, '', 7);
INSERT INTO orders VALUES ('eu', 1, 1), ('eu', 2, 2);
INSERT INTO order_line VALUES (1, 'eu', 1, 'h-1', 3);
INSERT INTO tag VALUES (1, 'new');
INSERT INTO product_tag VALUES ('h-1', 1);
INSERT INTO log VALUES ('2024-01-02', 'started'), ('2024-01-02', 'started');
INSERT INTO uid VALUES (x'000102030405060708090a0b0c0d0e0f', 'sixteen bytes');
INSERT INTO doc_fts VALUES ('title', 'some body');
INSERT INTO metadata VALUES (1, 'declarative', 'base');
"""


@pytest.fixture(scope="module", params=FILES)
def path(
    request: pytest.FixtureRequest,
    shared: Path,
    copied: Callable[[str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    if request.param != "nasty":
        return copied(request.param)
    made: Path = tmp_path_factory.mktemp("nasty") / "nasty.sqlite"
    connection = apsw.Connection(str(made))
    try:
        connection.execute((shared / "reference" / "nasty.sql").read_text() + NASTY_ROWS)
    finally:
        connection.close()
    return made


@pytest.fixture(scope="module")
def raw(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def db(path: Path) -> Iterator[noormme.Database]:
    with noormme.connect(str(path)) as database:
        yield database


def test_every_table_is_modelled_or_hidden(db: noormme.Database, raw: apsw.Connection) -> None:
    found = {table.name for table in db.schema} | set(db.schema.hidden_tables)
    names = raw.execute(
        """SELECT name FROM sqlite_schema
           WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'"""
    )
    assert found == {name for (name,) in names}
    shadows = {name for (name,) in raw.execute("SELECT name FROM pragma_table_list WHERE type = 'shadow'")}
    assert set(db.schema.hidden_tables) == shadows


def test_what_sqlite_can_read_is_readable_and_the_rest_is_explained(
    db: noormme.Database, raw: apsw.Connection
) -> None:
    explained = {warning.table for warning in db.schema.warnings}
    for table in db.schema:
        readable = stored_rows(raw, table) is not None
        assert table.readable == readable, table.name
        assert readable or table.name in explained, table.name


@pytest.mark.filterwarnings("ignore:.*as (it is|they are) stored")
def test_every_row_comes_out(db: noormme.Database, raw: apsw.Connection, path: Path) -> None:
    as_stored: set[tuple[str, str, object]] = set()
    total = 0
    for table in filter(lambda table: table.readable, db.schema):
        columns = [column for column in table.columns if not column.hidden]
        expected: list[tuple[str, ...]] = []
        for row in stored_rows(raw, table) or []:
            values = [decode(column.kind, value) for column, value in zip(columns, row, strict=True)]
            as_stored |= {
                (table.name, column.name, value)
                for column, (value, read) in zip(columns, values, strict=True)
                if not read
            }
            expected.append(tuple(canonical(value) for value, _ in values))
        got = [tuple(canonical(getattr(row, column.field)) for column in columns) for row in db[table.name]]
        assert Counter(got) == Counter(expected), table.name
        assert db[table.name].count() == len(expected)
        total += len(expected)
    assert total > 10
    assert as_stored == AS_STORED.get(path.stem, set())


def stored_rows(raw: apsw.Connection, table: Table) -> list[tuple[object, ...]] | None:
    """The rows as SQLite has them, text that is not UTF-8 as bytes; None where it cannot select them."""
    parts = []
    for column in table.columns:
        if not column.hidden:
            name = quoted(column.name)
            parts += [
                f"typeof({name})",
                f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END",
            ]
    try:
        rows = raw.execute(f"SELECT {', '.join(parts) or '*'} FROM {quoted(table.name)}").fetchall()
    except apsw.Error:
        return None
    return [tuple(map(stored, row[::2], row[1::2])) for row in rows]


def stored(storage: str, value: object) -> object:
    """Text from its bytes, where they are text."""
    if storage != "text" or not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
