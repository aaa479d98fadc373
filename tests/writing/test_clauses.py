"""What a table makes of rows by its ON CONFLICT clauses and its types: objects hold what their rows hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from noormme import Database, IntegrityError, InvalidValue, UsageError, connect

TABLES = (
    "CREATE TABLE ignoring (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT IGNORE, b INT)",
    "CREATE TABLE replacing (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT REPLACE,"
    " b INT UNIQUE ON CONFLICT REPLACE)",
    "CREATE TABLE by_name (id TEXT PRIMARY KEY ON CONFLICT REPLACE, b INT) WITHOUT ROWID",
    "CREATE TABLE filling (id INTEGER PRIMARY KEY, a TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none', b INT)",
    "CREATE TABLE kinds (id INTEGER PRIMARY KEY, r REAL, t TEXT, n INTEGER, at DATETIME, data BLOB)",
    "CREATE TABLE seconds (id INTEGER PRIMARY KEY, at DATETIME)",
    "CREATE TABLE offsets (id INTEGER PRIMARY KEY, at DATETIME)",
    'CREATE TABLE named (id INTEGER PRIMARY KEY, "self" TEXT, "cls" TEXT)',
    "CREATE TABLE loose (k TEXT PRIMARY KEY, v INT)",
    "CREATE TABLE owner (id INTEGER PRIMARY KEY)",
    "CREATE TABLE owner_kinds (owner_id INT NOT NULL REFERENCES owner (id), kinds_id INT NOT NULL"
    " REFERENCES kinds (id), PRIMARY KEY (owner_id, kinds_id))",
    "INSERT INTO seconds (at) VALUES (1600000000)",
    "INSERT INTO offsets (at) VALUES ('2020-01-01T00:00:00+02:00')",
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "clauses.db"
    path.touch()
    with connect(path) as made:
        for sql in TABLES:
            made.execute(sql)
        made.refresh()
        yield made


# -- ON CONFLICT REPLACE ----------------------------------------------------------------------------


def test_objects_take_over_the_row_that_replaced_theirs(db: Database) -> None:
    made = db.replacing.bulk_create([{"a": "x", "b": 1}, {"a": "x", "b": 2}, {"a": "y", "b": 3}])
    assert [(each.id, each.a, each.b) for each in made] == [(2, "x", 2), (2, "x", 2), (3, "y", 3)]
    made = db.by_name.bulk_create([{"id": "k", "b": 1}, {"id": "k", "b": 2}])
    assert [each.b for each in made] == [2, 2]


def test_an_object_whose_row_left_nothing_is_new(db: Database) -> None:
    made = db.replacing.bulk_create([{"a": "x", "b": 1}, {"a": "x", "b": 2}, {"a": "y", "b": 2}])
    assert [each.pk for each in made] == [None, 3, 3]
    assert made[0].save().pk == db.replacing.get(a="x").pk


def test_what_replacing_did_to_objects_is_rolled_back(db: Database) -> None:
    Replacing = db.model("replacing")  # noqa: N806
    given = [Replacing(a="x", b=1), Replacing(a="x", b=2)]
    with db.transaction() as block:
        db.replacing.bulk_create(given)
        block.rollback()
    assert [(each.id, each.a, each.b) for each in given] == [(None, "x", 1), (None, "x", 2)]


def test_a_default_in_the_place_of_null_is_on_the_object(db: Database) -> None:
    made = [db.filling.create(a=None), *db.filling.bulk_create([{"a": None, "b": 1}, {"a": "given"}])]
    assert [each.a for each in made] == ["none", "none", "given"]
    made[2].update(a=None)
    assert made[2].a == "none"


# -- ON CONFLICT IGNORE -----------------------------------------------------------------------------


def test_what_an_upsert_leaves_out_is_an_error(db: Database) -> None:
    db.ignoring.create(a="x")
    with pytest.raises(IntegrityError, match="ignoring left the row out"):
        db.ignoring.upsert([{"id": 50, "a": "x"}], on=["id"])


def test_what_an_update_leaves_as_it_was_is_an_error_and_not_a_row_that_is_gone(db: Database) -> None:
    db.ignoring.create(a="x")
    item = db.ignoring.create(a="y")
    with pytest.raises(IntegrityError, match="ignoring left the row as it was"):
        item.update(a="x")
    assert item.refresh().a == "y"


def test_an_object_that_bulk_update_did_not_write_keeps_its_changes(db: Database) -> None:
    items = db.ignoring.bulk_create([{"a": "x"}, {"a": "y"}])
    for item in items:
        item.a = "same"
    assert db.ignoring.bulk_update(items, ["a"]) == 1
    db.ignoring.filter(pk=items[0].pk).delete()
    items[1].save()
    assert items[1].refresh().a == "same"


# -- values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "held"),
    [
        ("r", 3, 3.0), ("r", True, 1.0), ("r", 2**62, 2.0**62), ("t", 5, "5"), ("t", 5.5, "5.5"), ("t", True, "1"),
    ],
)  # fmt: skip
def test_a_number_is_what_the_column_makes_of_it(
    db: Database, field: str, value: object, held: object
) -> None:
    made = [db.kinds.create(**{field: value}), *db.kinds.bulk_create([{field: value}])]
    made.append(db.kinds.create().update(**{field: value}))
    for item in made:
        found = getattr(item, field)
        assert (type(found), found) == (type(held), held)
        read = getattr(item.refresh(), field)
        assert (type(read), read) == (type(held), held)


@pytest.mark.parametrize("table", ["kinds", "seconds", "offsets"])
@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=5))])
def test_a_moment_is_what_the_column_makes_of_it(db: Database, table: str, zone: timezone | None) -> None:
    moment = datetime(2020, 1, 1, 1, 2, 3, 456_789, tzinfo=zone)
    made = [db[table].create(at=moment), *db[table].bulk_create([{"at": moment}])]
    for item in made:
        held = item.at
        read = item.refresh().at
        assert (held.tzinfo is None, held) == (read.tzinfo is None, read)


REFUSED: list[tuple[str, object]] = [("n", 10**30), ("r", float("nan")), ("t", "\ud800")]


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_the_error_for_a_value_names_the_field(db: Database, field: str, value: object) -> None:
    item = db.kinds.create()
    ways: list[Callable[[], object]] = [
        lambda: db.kinds.create(**{field: value}),
        lambda: db.kinds.bulk_create([{field: None}, {field: value}]),
        lambda: db.kinds.bulk_create([{field: value}], ignore_conflicts=True),
        lambda: item.update(**{field: value}),
        lambda: db.kinds.bulk_update([item], [field]),
    ]
    for way in ways:
        with pytest.raises(InvalidValue, match=rf"^kinds\.{field}: "):
            way()


# -- objects and arguments --------------------------------------------------------------------------


def test_an_object_that_msgspec_made_without_a_key_is_inserted(db: Database) -> None:
    Kinds = db.model("kinds")  # noqa: N806
    item = msgspec.convert({"t": "converted"}, Kinds)
    assert item.save().pk == db.kinds.get(t="converted").pk
    assert msgspec.structs.replace(Kinds(t="a"), t="replaced").save().pk == 2


def test_names_that_are_none_are_named_errors(db: Database) -> None:
    item = db.kinds.create()
    kinds: Any = db.kinds
    for ways in (
        lambda: item.save(update_fields=5),
        lambda: item.save(update_fields=[5]),
        lambda: kinds.bulk_update([item], [5]),
        lambda: kinds.upsert([{"t": "x"}], on=[5]),
    ):
        with pytest.raises(UsageError):
            ways()
    with pytest.raises(InvalidValue, match="takes a list of objects or dicts, not NoneType"):
        kinds.bulk_create(None)


def test_columns_may_be_called_like_the_arguments_of_a_class(db: Database) -> None:
    made = db.named.bulk_create([{"self": "a", "cls": "b"}])
    assert [(each.self, each.cls) for each in made] == [("a", "b")]
    assert db.model("named")(self="c").save().pk == 2


def test_a_row_whose_key_is_null_is_not_written_to(db: Database) -> None:
    item = db.loose.create(v=1)
    for way in (lambda: item.update(v=2), item.delete, lambda: db.loose.bulk_update([item], ["v"])):
        with pytest.raises(InvalidValue, match=r"the key of this row of loose is NULL.*filter\("):
            way()
    assert db.loose.filter(k=None).update(v=3) == 1


def test_what_is_no_list_of_rows_is_a_named_error(db: Database) -> None:
    rows: Any = db.repository("kinds")
    nothing: Any = None
    for method in (rows.create_many, rows.update_many, rows.delete_many):
        with pytest.raises(UsageError, match="rows are given as a list, not as NoneType"):
            method(nothing)
    tied: Any = db.owner.create().kinds
    kind = db.kinds.create()
    with pytest.raises(InvalidValue, match=r"takes objects and keys, not list; write add\(\*rows\)"):
        tied.add([kind])
    for value in (None, kind, "12"):
        with pytest.raises(InvalidValue, match="is set to a list, not to"):
            tied.set(value)
    with pytest.raises(UsageError, match="through_defaults are a dict"):
        tied.add(kind, through_defaults=5)
