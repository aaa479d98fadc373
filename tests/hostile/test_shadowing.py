"""Tables with the names of what noormme writes into its SQL: functions, schemas, columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noormme import ConnectionFailed, Database, connect
from tests.orm.support import count_queries, ids, sql

FUNCTIONS = [
    "carray",
    "json_each",
    "pragma_foreign_key_list",
    "pragma_index_list",
    "pragma_index_xinfo",
    "pragma_table_list",
    "pragma_table_xinfo",
]

NAMES = [
    "value",
    "key",
    "json",
    "json_extract",
    "main",
    "temp",
    "rowid",
    "_rowid_",
    "oid",
    "found",
    "found_",
    "c0",
    "schema",
    "sqlite",
    "sqliteschema",
    "schema_sqlite",
    "dbstat",
    "table",
    "from",
    "select",
    "noormme_casefold",
]

SCRIPT = """
CREATE TABLE items(id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB, value);
INSERT INTO items VALUES
  (1, 1, 0.5, 'a', x'00ff', 1), (2, 9007199254740993, 1e300, 'b' || char(0) || 'c', x'', 'a'),
  (3, -9223372036854775808, -1.5, '', x'61', 2.5), (4, NULL, NULL, NULL, NULL, x'61');
CREATE TABLE places(row INTEGER, col TEXT, PRIMARY KEY (row, col));
INSERT INTO places VALUES (1, 'a'), (1, 'b'), (2, 'a');
CREATE TABLE pieces(id INTEGER PRIMARY KEY, item INTEGER REFERENCES items, row INTEGER, col TEXT,
  FOREIGN KEY (row, col) REFERENCES places);
INSERT INTO pieces VALUES (1, 1, 1, 'a'), (2, 2, 1, 'b'), (3, 2, 2, 'a'), (4, NULL, NULL, NULL);
"""

Opened = Callable[..., Database]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A function that opens the small world above with more tables beside it."""

    def build(*statements: str) -> Database:
        path = tmp_path_factory.mktemp("world") / "world.db"
        connection = apsw.Connection(str(path))
        connection.execute(SCRIPT + ";".join(statements))
        connection.close()
        return connect(path)

    return build


@pytest.fixture(scope="module")
def plain(opened: Opened) -> Database:
    return opened()


@pytest.fixture(scope="module")
def hidden(opened: Opened) -> Database:
    return opened(*(f'CREATE TABLE "{name.upper()}"(id INTEGER PRIMARY KEY, value)' for name in FUNCTIONS))


LISTS: list[dict[str, list[Any]]] = [
    {"i__in": [1, 9007199254740993, -(2**63), 2**70, 5]},
    {"r__in": [0.5, 1e300, float("inf"), 7]},
    {"t__in": ["a", "", "b\0c", "c"]},
    {"t__in": ["b\0c"]},
    {"t__in": ["b"]},
    {"b__in": [b"\0\xff", b"", b"a\0"]},
    {"value__in": [1, "a", 2.5, b"a"]},
    {"value__in": ["1", b"2.5"]},
    {"pieces__item__in": [2, None]},
    {"t__in": []},
]


@pytest.mark.parametrize("lookup", LISTS, ids=str)
def test_lists(plain: Database, hidden: Database, lookup: dict[str, list[Any]]) -> None:
    assert ids(hidden["items"].filter(**lookup).order_by("id")) == ids(
        plain["items"].filter(**lookup).order_by("id")
    )
    assert ids(hidden["items"].exclude(**lookup).order_by("id")) == ids(
        plain["items"].exclude(**lookup).order_by("id")
    )


VALUES = st.one_of(
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=False),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.none(),
)


@settings(max_examples=40)
@given(st.lists(VALUES, max_size=4))
def test_any_list_finds_what_the_values_find(hidden: Database, values: list[Any]) -> None:
    items = hidden["items"]
    one_by_one = {pk for value in values if value is not None for pk in ids(items.filter(value=value))}
    assert set(ids(items.filter(value__in=values))) == one_by_one


def test_the_rows_of_lists(hidden: Database) -> None:
    found = {str(lookup): ids(hidden["items"].filter(**lookup).distinct().order_by("id")) for lookup in LISTS}
    assert list(found.values()) == [[1, 2, 3], [1, 2], [1, 2, 3], [2], [], [1, 2], [1, 2, 3, 4], [], [2], []]


def test_lists_of_composite_keys(hidden: Database) -> None:
    query = hidden["places"].filter(pk__in=[(1, "b"), (2, "a"), (2, "b")])
    assert sorted(ids(query)) == [(1, "b"), (2, "a")]
    assert "FROM temp.json_each(?)" in sql(query)


def test_loading(hidden: Database) -> None:
    with count_queries(hidden) as counted:
        pieces = list(hidden["pieces"].order_by("id"))
        assert [piece.item and piece.item.t for piece in pieces] == ["a", "b\0c", "b\0c", None]
        assert [piece.place and piece.place.pk for piece in pieces] == [(1, "a"), (1, "b"), (2, "a"), None]
    assert len(counted.statements) == 3
    with count_queries(hidden) as counted:
        items = list(hidden["items"].prefetch_related("pieces").order_by("id"))
        assert [ids(item.pieces.all()) for item in items] == [[1], [2, 3], [], []]
        places = list(hidden["places"].prefetch_related("pieces").order_by("pk"))
        assert [ids(place.pieces.all()) for place in places] == [[1], [2], [3]]
    assert len(counted.statements) == 4


def test_only_the_names_that_are_taken_are_written_otherwise(plain: Database, opened: Opened) -> None:
    assert "FROM carray(?)" in sql(plain["items"].filter(i__in=[1]))
    db = opened("CREATE VIEW carray AS SELECT 1 AS one")
    assert "FROM temp.carray(?)" in sql(db["items"].filter(i__in=[1]))
    assert "FROM json_each(?)" in sql(db["places"].filter(pk__in=[(1, "a")]))


def test_a_name_that_is_taken_later(tmp_path: Path) -> None:
    path = tmp_path / "later.db"
    writer = apsw.Connection(str(path))
    writer.execute("CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    db = connect(path)
    assert ids(db.t.filter(id__in=[2])) == [2]
    writer.execute("CREATE TABLE carray(id)")
    db.refresh()
    assert ids(db.t.filter(id__in=[2])) == [2]
    writer.execute("DROP TABLE carray")
    db.refresh()
    assert ids(db.t.filter(id__in=[2])) == [2]
    assert "temp" not in sql(db.t.filter(id__in=[2]))


@pytest.mark.parametrize("name", [*FUNCTIONS, *NAMES])
def test_a_table_of_that_name_works_like_any_other(opened: Opened, name: str) -> None:
    db = opened(
        f'CREATE TABLE "{name}"(id INTEGER PRIMARY KEY, value TEXT, up INTEGER REFERENCES "{name}")',
        f"INSERT INTO \"{name}\" VALUES (1, 'x', NULL), (2, 'y' || char(0), 1), (3, NULL, 1)",
        f'CREATE TABLE leaf(id INTEGER PRIMARY KEY, up INTEGER REFERENCES "{name}")',
        "INSERT INTO leaf VALUES (1, 2), (2, 3)",
    )
    assert {warning.code for warning in db.schema.warnings} <= {"reserved_name", "name_collision"}
    rows = db[name]
    assert rows.count() == 3
    assert ids(rows.filter(value__in=["x", "y\0"]).order_by("id")) == [1, 2]
    assert ids(rows.filter(pk__in=[1, 3]).order_by("-id")) == [3, 1]
    assert ids(db["leaf"].filter(up__value__in=["y\0"])) == [1]
    assert [leaf.up.value for leaf in db["leaf"].order_by("id")] == ["y\0", None]
    assert [leaf.up.value for leaf in db["leaf"].select_related("up").order_by("id")] == ["y\0", None]
    assert [row.up and row.up.pk for row in rows.order_by("id")] == [None, 1, 1]
    assert ids(rows.filter(up__value="x").order_by("id")) == [2, 3]
    assert rows.filter(value__startswith="y").values_list("value", flat=True).get() == "y\0"
    assert [row.pk for row in rows.order_by("id").iterator()] == [1, 2, 3]


@pytest.mark.parametrize("name", [*FUNCTIONS, "found", "main", "temp", "value"])
def test_text_that_is_none_in_a_table_of_that_name(opened: Opened, name: str) -> None:
    db = opened(f'CREATE TABLE "{name}"(id INTEGER PRIMARY KEY, value TEXT)',
                f"INSERT INTO \"{name}\" VALUES (1, CAST(x'ff' AS TEXT)), (2, 'ok')")  # fmt: skip
    rows = db[name].filter(id__in=[1, 2]).order_by("id").values_list("value", flat=True)
    assert list(rows) == [b"\xff", "ok"]


def test_a_schema_that_cannot_be_read_has_nothing_to_do_with_permissions(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE t(a)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[47] = 9  # the schema format; no SQLite knows more than four
    path.write_bytes(content)
    with pytest.raises(ConnectionFailed, match=r"the schema of .* cannot be read: unsupported") as caught:
        connect(path)
    assert "permission" not in str(caught.value)
    assert apsw.sqlite_lib_version() in str(caught.value)
