"""How rows find each other: keys of every kind, and what the database takes for equal."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

from noormme import Database
from tests.orm.support import count_queries, ids


def both_ways(db: Database, child: str, forward: str, parent: str, back: str) -> None:
    """Each way of following a relation gives the same rows."""
    joined = {row.pk: getattr(row, forward) for row in db[child].select_related(forward)}
    expected = {key: other and other.pk for key, other in joined.items()}
    loaded = [
        list(db[child].all()),
        list(db[child].prefetch_related(forward)),
        [db[child].get(pk=key) for key in expected],
    ]
    for rows in loaded:
        assert {row.pk: (other := getattr(row, forward)) and other.pk for row in rows} == expected
    held: dict[object, list[object]] = {row.pk: [] for row in db[parent]}
    for key, other in expected.items():
        if other is not None:
            held[other].append(key)
    for rows in (
        list(db[parent].all()),
        list(db[parent].prefetch_related(back)),
        [db[parent].get(pk=key) for key in held],
    ):
        assert {row.pk: sorted(ids(getattr(row, back).all())) for row in rows} == held
        assert {row.pk: getattr(row, back).count() for row in rows} == {
            key: len(each) for key, each in held.items()
        }
    for key, each in held.items():
        assert sorted(ids(db[child].filter(**{forward: key}))) == each
        assert sorted(ids(db[child].filter(**{f"{forward}__in": [key]}))) == each
        assert sorted(ids(db[child].filter(**{forward: db[parent].get(pk=key)}))) == each
        assert sorted(ids(db[child].filter(**{f"{forward}__pk": key}))) == each
        found = db[parent].filter(**{f"{back}__in": each}).distinct()
        assert ids(found) == ([key] if each else [])
        without = db[parent].exclude(**{f"{back}__pk__in": each})
        assert sorted(ids(without), key=str) == sorted(
            (other for other in held if other != key or not each), key=str
        )


@pytest.mark.parametrize(
    ("child", "forward", "parent", "back"),
    [
        ("posts", "author", "users", "posts_as_author"),
        ("posts", "editor", "users", "posts_as_editor"),
        ("comments", "parent", "comments", "children"),
        ("memberships", "team", "teams", "memberships"),
        ("lines", "order", "orders", "lines"),
        ("cities", "country", "countries", "cities"),
    ],
)
def test_relations_of_the_world(db: Database, child: str, forward: str, parent: str, back: str) -> None:
    both_ways(db, child, forward, parent, back)


@pytest.mark.sqlite("numbers and texts are not equal elsewhere")
def test_text_without_case_is_found_in_any_case(db: Database) -> None:
    assert [city.country and city.country.name for city in db.cities.order_by("id")] == [
        "Germany",
        "Germany",
        "France",
        None,
    ]
    assert [ids(country.cities.all()) for country in db.countries.order_by("name")] == [[3], [1, 2], []]
    assert ids(db.countries.filter(cities__name="Berlin")) == ["DE"]
    assert ids(db.countries.exclude(cities__name="Berlin").order_by("code")) == ["fr", "none"]
    assert ids(db.cities.filter(country="De")) == [1, 2]
    assert db.countries.get(code="FR").name == "France"


@pytest.mark.sqlite("numbers and texts are not equal elsewhere")
def test_a_null_key_is_no_text(db: Database) -> None:
    """There are rows with the keys 'none' and 'None'."""
    assert db.cities.get(id=4).country is None
    assert db.sales.get(id=4).part is None
    assert [sale.part and sale.part.name for sale in db.sales.order_by("id")] == [
        "seven",
        "eight",
        "seven",
        None,
    ]
    assert [city.country and city.country.code for city in db.cities.order_by("id")] == [
        "DE",
        "DE",
        "fr",
        None,
    ]


@pytest.mark.sqlite("numbers and texts are not equal elsewhere")
def test_numbers_that_refer_to_text(db: Database) -> None:
    for sales in (db.sales.all(), db.sales.prefetch_related("part"), db.sales.select_related("part")):
        assert [sale.part and sale.part.code for sale in sales.order_by("id")] == ["7", "8", "7", None]
    for parts in (db.parts.all(), db.parts.prefetch_related("sales")):
        assert [sorted(ids(part.sales.all())) for part in parts.order_by("code")] == [[1, 3], [2], [], []]
    assert [part.sales.count() for part in db.parts.order_by("code")] == [2, 1, 0, 0]


def key_kinds(parent_type: str, child_type: str, parents: str, children: str) -> str:
    return (
        f"CREATE TABLE parents (id {parent_type} PRIMARY KEY, name TEXT);"
        f"CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id {child_type} REFERENCES parents(id));"
        f"INSERT INTO parents SELECT column1, 'p' FROM (VALUES {parents});"
        f"INSERT INTO children (parent_id) VALUES {children}"
    )


@pytest.mark.parametrize(
    ("parent_type", "child_type", "parents", "children"),
    [
        (
            "INTEGER",
            "INTEGER",
            "(1), (-9223372036854775808), (9223372036854775807)",
            "(1), (1), (9223372036854775807)",
        ),
        ("TEXT", "TEXT", "('a'), ('b'), ('é'), ('🔥'), ('')", "('a'), ('🔥'), (''), (NULL)"),
        ("TEXT", "TEXT", "('a' || char(0) || 'b'), ('a')", "('a' || char(0) || 'b'), ('a')"),
        ("TEXT COLLATE NOCASE", "TEXT", "('a'), ('É'), ('é')", "('A'), ('é'), ('É'), (NULL)"),
        ("TEXT COLLATE NOCASE", "TEXT COLLATE NOCASE", "('a'), ('b')", "('A'), ('B'), ('a')"),
        ("TEXT", "TEXT COLLATE NOCASE", "('a'), ('A')", "('a'), ('A'), ('A')"),
        ("TEXT COLLATE RTRIM", "TEXT", "('a'), ('b ')", "('a  '), ('b'), ('c')"),
        ("BLOB", "BLOB", "(x'00'), (x'0102')", "(x'00'), (x'0102'), (NULL)"),
        (
            "UUID",
            "UUID",
            "('12345678-1234-5678-1234-567812345678')",
            "('12345678-1234-5678-1234-567812345678')",
        ),
        ("DATE", "DATE", "('2024-01-02')", "('2024-01-02'), (NULL)"),
        (
            "DATETIME",
            "DATETIME",
            "('2024-01-02 10:00:00'), ('2024-01-02 10:00:00.5')",
            "('2024-01-02 10:00:00')",
        ),
        ("NUMERIC", "NUMERIC", "(1), (2.5)", "(1), (2.5)"),
        ("INTEGER", "NUMERIC", "(1), (2)", "(1), (2), (NULL)"),
        ("NUMERIC", "INTEGER", "(1), (2)", "(1), (2)"),
        ("INTEGER", "REAL", "(1), (2)", "(1), (2)"),
        ("INTEGER", "BOOLEAN", "(0), (1)", "(0), (1), (1)"),
        ("INTEGER", "TEXT", "(1), (23)", "('1'), ('23'), ('x'), ('')"),
        ("TEXT", "INTEGER", "('1'), ('23'), ('x')", "(1), (23), (NULL)"),
        ("INTEGER", "", "(1), (23)", "(1), ('23'), ('x')"),
        ("TEXT", "BOOLEAN", "('1'), ('0')", "(1), (0)"),
        ("REAL", "TEXT", "(1.5), (2)", "('1.5'), ('2')"),
        ("DATE", "TEXT", "('2024-01-02')", "('2024-01-02'), ('x')"),
    ],
)
def test_keys_of_any_kind(
    opened: Callable[..., Database], parent_type: str, child_type: str, parents: str, children: str
) -> None:
    db = opened(key_kinds(parent_type, child_type, parents, children))
    joined = {row.id: row.parent and row.parent.pk for row in db.children.select_related("parent")}
    for rows in (
        list(db.children),
        list(db.children.prefetch_related("parent")),
        [db.children.get(id=key) for key in joined],
    ):
        assert {row.id: row.parent and row.parent.pk for row in rows} == joined
    held = {row.pk: [] for row in db.parents}
    for key, parent in joined.items():
        if parent is not None:
            held[parent].append(key)
    for rows in (
        list(db.parents),
        list(db.parents.prefetch_related("children")),
        [db.parents.get(pk=key) for key in held],
    ):
        assert {row.pk: sorted(ids(row.children.all())) for row in rows} == held
        assert {row.pk: row.children.count() for row in rows} == {
            key: len(each) for key, each in held.items()
        }
    for key, each in held.items():
        assert sorted(ids(db.children.filter(parent__pk=key))) == each
        assert db.parents.filter(pk=key, children__id__gt=0).count() == len(each)


def test_keys_that_cannot_be_read(opened: Callable[..., Database]) -> None:
    db = opened(
        key_kinds(
            "UUID",
            "UUID",
            "('garbage'), ('12345678-1234-5678-1234-567812345678')",
            "('garbage'), ('12345678-1234-5678-1234-567812345678')",
        )
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for rows in (
            list(db.children),
            list(db.children.prefetch_related("parent")),
            list(db.children.select_related("parent")),
        ):
            assert [str(row.parent.id)[:3] for row in rows] == ["gar", "123"]
        for parents in (list(db.parents), list(db.parents.prefetch_related("children"))):
            assert sorted(ids(parent.children.all())[0] for parent in parents) == [1, 2]
        assert [parent.children.count() for parent in db.parents.all()] == [1, 1]


def test_a_reference_to_a_unique_column(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT UNIQUE);"
        "CREATE TABLE children (id INTEGER PRIMARY KEY, parent_code TEXT REFERENCES parents(code));"
        "INSERT INTO parents VALUES (1, 'a'), (2, NULL), (3, NULL); INSERT INTO children VALUES (1, 'a'), (2, NULL)"
    )
    for parents in (list(db.parents), list(db.parents.prefetch_related("children"))):
        assert [ids(parent.children.all()) for parent in parents] == [[1], [], []]
        assert [parent.children.count() for parent in parents] == [1, 0, 0]
        assert [ids(parent.children.filter(id__gt=0)) for parent in parents] == [[1], [], []]
    assert [child.parent and child.parent.id for child in db.children.all()] == [1, None]


def test_a_composite_reference_to_a_unique_key(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE rooms (id INTEGER PRIMARY KEY, house TEXT, number INTEGER, UNIQUE (house, number));"
        "CREATE TABLE beds (id INTEGER PRIMARY KEY, house TEXT, number INTEGER,"
        " FOREIGN KEY (house, number) REFERENCES rooms(house, number));"
        "INSERT INTO rooms VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1), (4, NULL, 1);"
        "INSERT INTO beds VALUES (1, 'a', 1), (2, 'b', 1), (3, 'a', NULL), (4, 'a', 1)"
    )
    for beds in (db.beds.all(), db.beds.prefetch_related("room"), db.beds.select_related("room")):
        with count_queries(db) as counted:
            assert [bed.room and bed.room.id for bed in beds.order_by("id")] == [1, 3, None, 1]
        assert counted.number <= 2
    for rooms in (db.rooms.all(), db.rooms.prefetch_related("beds")):
        assert [ids(room.beds.all()) for room in rooms.order_by("id")] == [[1, 4], [], [2], []]
    assert ids(db.beds.filter(room__id=1)) == [1, 4]


def test_a_dangling_reference_is_none(opened: Callable[..., Database]) -> None:
    db = opened(key_kinds("INTEGER", "INTEGER", "(1)", "(1), (99)"))
    for children in (
        db.children.all(),
        db.children.select_related("parent"),
        db.children.prefetch_related("parent"),
    ):
        assert [child.parent and child.parent.id for child in children.order_by("id")] == [1, None]


def test_composite_keys_with_text_that_holds_nul(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE a (x TEXT COLLATE NOCASE, y INTEGER, PRIMARY KEY (x, y));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, x TEXT, y TEXT, FOREIGN KEY (x, y) REFERENCES a(x, y));"
        "INSERT INTO a VALUES ('k' || char(0), 1), ('L', 2); INSERT INTO b VALUES (1, 'k' || char(0), '1'), (2, 'l', '2')"
    )
    for rows in (list(db.b), list(db.b.prefetch_related("a")), list(db.b.select_related("a"))):
        assert [row.a.y for row in rows] == [1, 2]
    for parents in (list(db.a.order_by("y")), list(db.a.order_by("y").prefetch_related("b"))):
        assert [ids(parent.b.all()) for parent in parents] == [[1], [2]]


def test_a_many_to_many_relation_of_mixed_kinds(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE a (id TEXT PRIMARY KEY COLLATE NOCASE); CREATE TABLE b (id INTEGER PRIMARY KEY);"
        "CREATE TABLE a_b (a_id TEXT REFERENCES a(id), b_id TEXT REFERENCES b(id), PRIMARY KEY (a_id, b_id));"
        "INSERT INTO a VALUES ('x'), ('y'); INSERT INTO b VALUES (1), (2); INSERT INTO a_b VALUES ('X', '1'), ('Y', '2')"
    )
    with count_queries(db) as counted:
        for query in (db.a.all(), db.a.prefetch_related("b")):
            assert [ids(row.b.all()) for row in query.order_by("id")] == [[1], [2]]
        for query in (db.b.all(), db.b.prefetch_related("a")):
            assert [ids(row.a.all()) for row in query.order_by("id")] == [["x"], ["y"]]
    assert counted.number == 8
    assert ids(db.a.filter(b=1)) == ["x"]
    assert ids(db.b.filter(a="Y")) == [2]
    assert [row.b.count() for row in db.a.all()] == [1, 1]
