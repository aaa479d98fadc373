"""What is written for MySQL where it is not what MariaDB takes; the queries run on MariaDB where that can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from noormme import Database, F, NotSupported, QuerySet, Window, connect
from noormme.engines.server.mysql.dialect import MySQLDialect
from noormme.engines.server.mysql.flavours import Flavour, flavour_of, sequence_of
from noormme.functions import Lag
from noormme.query.compile import compile_plan
from noormme.query.writing.queries import compile_update
from tests.mysql.server import new_database, run_script

SCRIPT = """
CREATE TABLE authors (id int PRIMARY KEY AUTO_INCREMENT, a int, b int, c int, doc json);
CREATE TABLE books (id int PRIMARY KEY AUTO_INCREMENT, author_id int, FOREIGN KEY (author_id) REFERENCES authors(id));
INSERT INTO authors (a, b, c) VALUES (1, 2, 3)
"""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    with new_database(server) as url:
        run_script(url, SCRIPT)
        with connect(url) as database:
            yield database


@pytest.mark.parametrize(
    ("said", "flavour"),
    [
        ("8.0.41", Flavour(is_mariadb=False, version=(8, 0, 41))),
        ("8.4.3-commercial", Flavour(is_mariadb=False, version=(8, 4, 3))),
        ("5.5.5-10.11.19-MariaDB-0+deb12u1", Flavour(is_mariadb=True, version=(10, 11, 19))),
        ("11.4.2-MariaDB-log", Flavour(is_mariadb=True, version=(11, 4, 2))),
    ],
)
def test_what_a_server_says_it_is(said: str, flavour: Flavour) -> None:
    assert flavour_of(said) == flavour
    assert flavour.features.returns_inserted == flavour.is_mariadb


def on_mysql(db: Database) -> MySQLDialect:
    return MySQLDialect(
        lambda: db.schema, Flavour(is_mariadb=False, version=(8, 0, 41)), None, lambda zone: True
    )


def written(db: Database, query: QuerySet[Any]) -> str:
    plan = compile_plan(query.shape, "rows", db.schema, on_mysql(db))
    return " ".join(plan.sql.split())


QUERIES: list[tuple[Callable[[Database], QuerySet[Any]], str]] = [
    (
        lambda db: db.authors.annotate(x=Window(Lag("a", default=0), order_by="id")).values_list("x"),
        "SELECT (lag(`authors`.`a`, %s, %s) OVER ( ORDER BY `authors`.`id` ASC )) AS anon_1 FROM `authors`",
    ),
    (
        lambda db: db.authors.filter(doc={"n": 1}).values_list("id"),
        "SELECT `authors`.`id` FROM `authors` WHERE CAST(`authors`.`doc` AS JSON) = CAST(%s AS JSON)",
    ),
    (
        lambda db: (
            db.books.select_related("author").select_for_update(nowait=True).values_list("id", "author__a")
        ),
        "SELECT `books`.`id`, `authors`.`a` FROM `books` LEFT OUTER JOIN `authors` ON `authors`.`id` = "
        "`books`.`author_id` FOR UPDATE OF `books` NOWAIT",
    ),
]


@pytest.mark.parametrize(("ask", "sql"), QUERIES)
def test_queries(db: Database, ask: Callable[[Database], QuerySet[Any]], sql: str) -> None:
    assert written(db, ask(db)) == sql


def updating(db: Database, **values: Any) -> str:
    assignments = [
        (name, db.authors.annotate(x=value).shape.annotations["x"].expression)
        for name, value in values.items()
    ]
    plan = compile_update(db.authors.filter(id=1).shape, assignments, db.schema, on_mysql(db))
    return " ".join(plan.sql.split())


def test_nothing_is_computed_from_what_was_assigned(db: Database) -> None:
    sql = updating(db, a=F("id"), b=F("a"), c=F("b") + F("c"))
    assert "SET `c`=(`authors`.`b` + `authors`.`c`), `b`=`authors`.`a`, `a`=`authors`.`id` WHERE" in sql
    with pytest.raises(NotSupported, match="one after the other"):
        updating(db, a=F("b"), b=F("a"))
    with db.transaction() as transaction:
        db.authors.filter(id=1).update(a=F("b"), b=F("a"))
        assert db.authors.values_list("a", "b").get() == (2, 1), "MariaDB has a mode for it"
        transaction.rollback()


@pytest.mark.parametrize(
    ("position", "domain", "number"),
    [
        ("0-1-100", 0, 100),
        ("0-2-101", 0, 101),
        ("0-1-100,7-2-5", 7, 5),
        ("7-2-5, 0-1-100", 0, 100),
        ("7-2-5", 0, None),
        ("10-1-5", 1, None),
        ("", 0, None),
    ],
)
def test_positions(position: str, domain: int, number: int | None) -> None:
    assert sequence_of(position, domain) == number
