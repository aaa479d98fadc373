"""Lists as parameters: ``IN :ids``, of any length, on every engine."""

from __future__ import annotations

import datetime as _dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from noormme import Database, InvalidValue, connect
from noormme.codegen.sql import look
from noormme.codegen.sql.places import placed
from tests.codegen.sql.conftest import Shape

Infer = Callable[..., Shape]
Problems = Callable[..., list[str]]

FILE = """
-- name: named :column
SELECT title FROM books WHERE title IN :titles ORDER BY id;

-- name: others :column
SELECT title FROM books
WHERE id NOT
    IN :ids -- those that are known
ORDER BY id;

-- name: of_days :column
SELECT id FROM books WHERE published IN :days AND price in @prices;

-- name: by_name :column
-- param: names list[str]
SELECT name FROM authors WHERE LOWER(name) IN :names OR id IN (:first, :second) ORDER BY id;

-- name: add_pages :execrows
UPDATE books SET pages = pages + :more WHERE id IN :ids AND author_id IN :authors;
"""


@pytest.fixture
def queries(target: str, tmp_path: Path) -> ModuleType:
    """The functions, as they are made for the engine."""
    path = tmp_path / "lists.sql"
    path.write_text(FILE.replace("@", ":"))
    found = look(target, [path])
    assert found.problems == ()
    assert found.source is not None
    module = ModuleType("lists")
    exec(compile(found.source, "lists.py", "exec"), vars(module))
    return module


def test_lists_are_found(inferred: Infer) -> None:
    sql = "SELECT id FROM books WHERE id IN :ids AND title NOT IN :titles AND published IN :days"
    assert inferred(sql)[0] == {"ids": "list[int]", "titles": "list[str]", "days": "list[_dt.datetime]"}
    assert inferred("SELECT id FROM books WHERE pages + 1 IN ?")[0] == {"p1": "list[int]"}
    assert inferred("SELECT id FROM books WHERE id IN (:one, :two)")[0] == {"one": "int", "two": "int"}


def test_rows(db: Database, queries: ModuleType) -> None:
    assert queries.named(db, titles=["Three", "One", "None"]) == ["One", "Three"]
    assert queries.named(db, titles=("Two",)) == queries.named(db, titles={"Two"}) == ["Two"]
    assert queries.named(db, titles=[]) == []
    assert queries.others(db, ids=[2, 77]) == ["One", "Three"]
    assert queries.others(db, ids=[]) == ["One", "Two", "Three"]
    assert queries.others(db, ids=range(1, 1000)) == []
    days = [_dt.datetime(2024, 1, 31, 10, 30), _dt.datetime(2030, 1, 1)]
    assert queries.of_days(db, days=days, prices=[Decimal("9.5")]) == [1]
    assert queries.by_name(db, names=["ada"], first=3, second=4) == ["Ada", "Cid"]


def test_writes(target: str, queries: ModuleType) -> None:
    with connect(target) as db, db.transaction():
        assert queries.add_pages(db, more=1, ids=[1, 3], authors=[1]) == 1
        assert db.books.get(id=1).pages == 121
        assert queries.add_pages(db, more=-1, ids=[1], authors=[1, 2]) == 1


def test_one_value_is_no_list(db: Database, queries: ModuleType) -> None:
    with pytest.raises(
        InvalidValue, match=r"a list of values is wanted, not a value of type str; write \[value\]"
    ):
        queries.named(db, titles="One")
    with pytest.raises(InvalidValue, match="not a value of type int"):
        queries.others(db, ids=1)


def test_text_with_a_nul(db: Database, queries: ModuleType, engine: str) -> None:
    titles = ["One", "Th\0ree"]
    if engine == "sqlite":
        with pytest.raises(
            InvalidValue, match=r"cannot hold text with a NUL character on SQLite; .* '= :text'"
        ):
            queries.named(db, titles=titles)
        with pytest.raises(InvalidValue, match="NUL"):
            queries.by_name(db, names=["\0"], first=3, second=4)
    elif engine == "postgresql":
        with pytest.raises(InvalidValue, match="NUL"):
            queries.named(db, titles=titles)
    else:
        assert queries.named(db, titles=titles) == ["One"]


def test_what_a_list_holds_must_be_known(problems: Problems, engine: str) -> None:
    hint = "compare it with a column, or write '-- param: x list[int]' above the statement"
    said = f"what the list 'x' holds is not known, or it stands for one value at another place; {hint}"
    found = problems("-- name: a :many\nSELECT id FROM authors\nWHERE id IN :ids AND id\n  IN :x AND id = :x")
    if engine == "postgresql":
        assert [each.partition(": ")[0] for each in found] == ["4:16"], (
            "it says itself that a list is no number"
        )
    else:
        assert found == [f"4:3: {said}"]


def test_a_mistake_behind_a_list_is_at_its_place(problems: Problems) -> None:
    found = problems("-- name: a :many\nSELECT id FROM authors\nWHERE id NOT IN :ids AND emial = 1")
    assert [each.split(":")[:2] for each in found] == [["3", "26"]]
    found = problems("-- name: a :many\nSELECT id FROM authors\nWHERE emial IN :ids AND id IN :more")
    assert [each.split(":")[:2] for each in found] == [["3", "7"]]


@pytest.mark.parametrize(
    ("dialect", "sent"),
    [
        (
            "sqlite",
            "x IN (SELECT value FROM carray(:a)) AND y NOT IN (SELECT value FROM carray(:b)) AND z = :c",
        ),
        ("postgresql", "x = ANY(:a) AND y <> ALL(:b) AND z = :c"),
        ("mysql", "x IN :a AND y NOT IN :b AND z = :c"),
        ("mssql", "x IN :a AND y not  IN /* b */ :b AND z = :c"),
    ],
)
def test_places(dialect: str, sent: str) -> None:
    sql = "x IN :a AND y not  IN /* b */ :b AND z = :c"
    found = placed(sql, dialect)
    assert found.sql == sent
    assert found.parsed == sql.replace(":a", ":noormme_0").replace(":b", ":noormme_1").replace(
        ":c", ":noormme_2"
    )
    assert [found.sql[each.start : each.stop] for each in found.places] == [":a", ":b", ":c"]
    assert found.in_file(found.sql.index(" AND z")) == sql.index(" AND z")
    assert found.in_file(found.sql.index("AND y")) == sql.index("AND y")
    assert found.in_file(0) == 0


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_the_text_that_position_looks_in_is_no_list(dialect: str) -> None:
    found = placed(
        "SELECT position('x' IN :text) FROM t WHERE (position((:part) IN :text) > 1) AND id IN :ids", dialect
    )
    assert (found.names, found.lists) == (("text", "part", "ids"), frozenset({2}))
    assert found.sql.startswith("SELECT position('x' IN :text) FROM t WHERE (position((:part) IN :text) > 1)")
