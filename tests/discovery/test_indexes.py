"""Indexes and triggers."""

from __future__ import annotations

from noormme.schema import Index, IndexPart, Trigger
from tests.discovery.support import discover, found, only_table


def test_indexes_of_every_sort() -> None:
    table = only_table(
        "CREATE TABLE t(a TEXT COLLATE NOCASE, b UNIQUE, c, PRIMARY KEY(c, a));"
        "CREATE INDEX plain ON t(a);"
        'CREATE UNIQUE INDEX "two ways" ON t(b DESC, a COLLATE BINARY ASC);'
        "CREATE INDEX part ON t(c) WHERE b > 0 /* and */ AND a = ')';"
        "CREATE INDEX made ON t(lower(a) DESC, b || 'x' COLLATE rtrim, c COLLATE RTRIM) WHERE c IS NOT NULL;"
    )
    assert table.indexes == (
        Index(
            "made",
            (
                IndexPart(expression="lower(a)", descending=True),
                IndexPart(expression="b || 'x' COLLATE rtrim"),
                IndexPart("c", collation="RTRIM"),
            ),
            where="c IS NOT NULL",
        ),
        Index("part", (IndexPart("c"),), where="b > 0 /* and */ AND a = ')'"),
        Index("plain", (IndexPart("a", collation="NOCASE"),)),
        Index("sqlite_autoindex_t_1", (IndexPart("b"),), unique=True, origin="unique"),
        Index(
            "sqlite_autoindex_t_2",
            (IndexPart("c"), IndexPart("a", collation="NOCASE")),
            unique=True,
            origin="primary_key",
        ),
        Index("two ways", (IndexPart("b", descending=True), IndexPart("a")), unique=True),
    )  # fmt: skip
    assert table.indexes[0].columns is None
    assert table.indexes[4].columns == ("c", "a")


def test_the_key_of_a_table_without_row_ids_is_an_index() -> None:
    table = only_table("CREATE TABLE t(a, b, PRIMARY KEY(b DESC)) WITHOUT ROWID; CREATE INDEX i ON t(a)")
    assert table.indexes == (
        Index("i", (IndexPart("a"),)),
        Index("sqlite_autoindex_t_1", (IndexPart("b", descending=True),), unique=True, origin="primary_key"),
    )


def test_an_index_is_found_whatever_its_name() -> None:
    table = only_table('CREATE TABLE t(a); CREATE INDEX "É \n\'x" ON t(a) WHERE a; CREATE INDEX "" ON t(a)')
    assert [(index.name, index.where) for index in table.indexes] == [("", None), ("É \n'x", "a")]


def test_triggers() -> None:
    schema = discover(
        "CREATE TABLE T(a, b); CREATE VIEW v AS SELECT a FROM t;"
        "CREATE TRIGGER z UPDATE OF a, b ON t BEGIN SELECT 1; END;"
        "CREATE TRIGGER \"after\" AFTER DELETE ON t WHEN old.a BEGIN SELECT 1; END;"
        "CREATE TRIGGER w INSTEAD OF INSERT ON v BEGIN SELECT 1; END;"
        "CREATE TEMP TRIGGER mine AFTER INSERT ON main.t BEGIN SELECT 1; END"
    )  # fmt: skip
    assert found(schema, "T").triggers == (
        Trigger(
            "after",
            "AFTER",
            "DELETE",
            "CREATE TRIGGER \"after\" AFTER DELETE ON t WHEN old.a BEGIN SELECT 1; END",
        ),
        Trigger("z", "BEFORE", "UPDATE", "CREATE TRIGGER z UPDATE OF a, b ON t BEGIN SELECT 1; END"),
    )  # fmt: skip
    assert [(trigger.name, trigger.timing) for trigger in found(schema, "v").triggers] == [
        ("w", "INSTEAD OF")
    ]
