"""What is known of the parameters and the columns of a statement, on every engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Infer = Callable[..., tuple[dict[str, str], dict[str, str]]]

COLUMNS = {
    # Columns are what their tables say.
    "SELECT id, email, born, active FROM authors": "int, str | None, _dt.date | None, bool",
    "SELECT published, price, rating, details FROM books": "_dt.datetime | None, Decimal | None, float | None, object",
    "SELECT b.title AS name FROM books AS b": "str",
    # An outer join leaves out one side, or both.
    "SELECT a.name, b.title, b.id FROM authors a LEFT JOIN books b ON b.author_id = a.id": "str, str | None, int | None",
    "SELECT a.name, b.title FROM authors a JOIN books b ON b.author_id = a.id": "str, str",
    "SELECT a.name, b.title FROM authors a RIGHT JOIN books b ON b.author_id = a.id": "str | None, str",
    "SELECT a.id, x.title FROM authors a LEFT JOIN (SELECT author_id, title FROM books) x ON x.author_id = a.id": "int, str | None",
    # A condition lets through what is not NULL.
    "SELECT email, born FROM authors WHERE email IS NOT NULL AND born > :born": "str, _dt.date",
    "SELECT email FROM authors WHERE email IS NOT NULL OR id = 1": "str | None",
    "SELECT b.title FROM authors a LEFT JOIN books b ON b.author_id = a.id WHERE b.pages > 3": "str | None",
    "SELECT b.pages FROM authors a LEFT JOIN books b ON b.author_id = a.id WHERE b.pages > 3": "int",
    # Aggregates of no row are NULL, but for counts; groups have rows.
    "SELECT COUNT(*) AS n, MAX(pages) AS p FROM books": "int, int | None",
    "SELECT author_id, MAX(pages) AS p, MAX(rating) AS r FROM books GROUP BY author_id": "int, int, float | None",
    "SELECT MAX(published) AS latest FROM books": "_dt.datetime | None",
    "SELECT COALESCE(MAX(pages), 0) AS p, COALESCE(email, name) AS e FROM books, authors GROUP BY email, name": "int, str",
    # What is asked is answered with a truth value.
    "SELECT pages > 100 AS thick, rating > 3 AS good, rating IS NULL AS unrated FROM books": "bool, bool | None, bool",
    "SELECT EXISTS (SELECT 1 FROM books) AS some, NOT active AS retired FROM authors": "bool, bool",
    # Expressions.
    "SELECT pages + 1 AS p, pages * rating AS q FROM books": "int, float | None",
    "SELECT CASE WHEN pages > 1 THEN title ELSE 'none' END AS a, CASE WHEN pages > 1 THEN title END AS b FROM books": "str, str | None",
    "SELECT UPPER(title) AS u, LENGTH(title) AS n, NULLIF(title, 'x') AS x FROM books": "str, int, str | None",
    "SELECT ROW_NUMBER() OVER (ORDER BY id) AS n, LAG(pages) OVER (ORDER BY id) AS p FROM books": "int, int | None",
    "SELECT (SELECT COUNT(*) FROM books) AS n, (SELECT title FROM books WHERE id = 1) AS t": "int, str | None",
    # Queries in queries.
    "WITH x AS (SELECT id, email AS e FROM authors) SELECT id, e FROM x": "int, str | None",
    "WITH x (a, b) AS (SELECT id, name FROM authors) SELECT a, b FROM x": "int, str",
    "SELECT t.n FROM (SELECT COUNT(*) AS n FROM books) AS t": "int",
    "SELECT name FROM authors UNION ALL SELECT email FROM authors": "str | None",
    "SELECT id, name FROM authors UNION SELECT id, title FROM books": "int, str",
    "SELECT a.name FROM authors AS a WHERE EXISTS (SELECT 1 FROM books AS b WHERE b.author_id = a.id)": "str",
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c": "int",
    "WITH RECURSIVE c AS (SELECT id, email FROM authors UNION SELECT * FROM c) SELECT * FROM c": "int, str | None",
    "SELECT email FROM authors WHERE email NOT IN (SELECT email FROM authors WHERE id = 77)": "str | None",
    "SELECT email FROM authors WHERE email IN (SELECT email FROM authors)": "str",
    "SELECT SUBSTRING(title, 1, 2) AS s, ABS(pages) AS a FROM books": "str, int",
    "SELECT a.name, x.n FROM authors a LEFT JOIN (SELECT author_id, COUNT(*) AS n FROM books GROUP BY author_id) x ON x.author_id = a.id": "str, int | None",
    "SELECT b.* FROM authors a JOIN tags b ON b.book_id = a.id": "str, int",
}


@pytest.mark.parametrize("sql", COLUMNS)
def test_columns(inferred: Infer, sql: str) -> None:
    assert ", ".join(inferred(sql)[1].values()) == COLUMNS[sql]


@pytest.mark.sqlite("bare columns beside an aggregate are refused elsewhere")
def test_a_column_beside_an_aggregate_of_no_row_is_null(inferred: Infer) -> None:
    assert inferred("SELECT name, COUNT(*) AS n FROM authors")[1] == {"name": "str | None", "n": "int"}


PARAMETERS = {
    "SELECT id FROM authors WHERE name = :name AND born > :since": "name: str, since: _dt.date",
    "SELECT id FROM authors WHERE id = ?": "id: int",
    "SELECT id FROM authors WHERE id BETWEEN ? AND ?": "id: int, id_2: int",
    "SELECT id FROM authors LIMIT :n OFFSET :start": "n: int, start: int",
    "SELECT id FROM authors WHERE id IN (:a, :b)": "a: int, b: int",
    "SELECT id FROM authors WHERE name LIKE :pattern": "pattern: str",
    "SELECT id FROM books WHERE (author_id, title) > (:a, :t) AND price >= :p": "a: int, t: str, p: Decimal",
    "SELECT id FROM authors WHERE (CAST(:name AS CHAR(80)) IS NULL OR name = :name)": "name: str | None",
    "SELECT id FROM authors WHERE id IN (SELECT author_id FROM books WHERE pages > :n)": "n: int",
    "SELECT id FROM authors WHERE UPPER(name) = UPPER(:name)": "name: str",
    "SELECT id FROM authors WHERE born = COALESCE(:born, born)": "born: _dt.date | None",
    "SELECT id FROM authors WHERE active = :active AND :x = email": "active: bool, x: str",
    "SELECT COUNT(*) AS n FROM books GROUP BY author_id HAVING COUNT(*) > :n": "n: int",
    "INSERT INTO authors (name, email, born) VALUES (:name, :email, :born)": "name: str, email: str | None, born: _dt.date | None",
    "INSERT INTO tags VALUES (?, ?)": "name: str, book_id: int | None",
    "INSERT INTO tags (book_id, name) SELECT :book, name FROM authors WHERE id = :id": "book: int | None, id: int",
    "UPDATE authors SET email = :email, name = :name WHERE id = :id": "email: str | None, name: str, id: int",
    "UPDATE authors SET name = COALESCE(:name, name) WHERE id = :id": "name: str | None, id: int",
    "DELETE FROM books WHERE published < :before": "before: _dt.datetime",
    "SELECT id FROM authors WHERE name = :from AND email = ':no' -- :neither": "from_: str",
}


@pytest.mark.parametrize("sql", PARAMETERS)
def test_parameters(inferred: Infer, sql: str) -> None:
    found = inferred(sql, command="many" if sql.startswith("SELECT") else "exec")[0]
    assert ", ".join(f"{name}: {type_}" for name, type_ in found.items()) == PARAMETERS[sql]


def test_hints_come_first(inferred: Infer) -> None:
    comments = "-- param: since datetime?\n-- column: n decimal not null\n-- column: title ?"
    sql = "SELECT title, COUNT(*) + 0.5 AS n FROM books WHERE title <> :since GROUP BY title"
    assert inferred(sql, comments) == (
        {"since": "_dt.datetime | None"},
        {"title": "str | None", "n": "Decimal"},
    )


def test_lists_of_postgresql(inferred: Infer, engine: str) -> None:
    if engine != "postgresql":
        pytest.skip("only PostgreSQL has arrays")
    parameters, columns = inferred(
        "SELECT ARRAY_AGG(title) AS titles, id::text AS t, '{}'::jsonb ? 'a' AS has"
        " FROM books WHERE id = ANY(:ids) AND published > :since::timestamp GROUP BY id".replace(
            "? 'a'", "?? 'a'"
        )
    )
    assert parameters == {"ids": "list[int]", "since": "_dt.datetime"}
    assert columns == {"titles": "list[object] | None", "t": "str", "has": "bool | None"}


def test_what_postgresql_says_of_unions_and_laterals(inferred: Infer, engine: str) -> None:
    if engine != "postgresql":
        pytest.skip("only PostgreSQL says the types of such columns")
    sql = "SELECT pages FROM books UNION SELECT random()"
    assert inferred(sql)[1] == {"pages": "float | None"}
    sql = "SELECT a.id, b.title FROM authors a CROSS JOIN LATERAL (SELECT title FROM books LIMIT 1) b"
    assert inferred(sql)[1] == {"id": "int", "title": "str | None"}


@pytest.mark.sqlite("other databases refuse it, or make one type of both")
def test_a_union_of_several_types_promises_none(inferred: Infer) -> None:
    assert inferred("SELECT born FROM authors UNION SELECT title FROM books")[1] == {"born": "object"}


def test_dollar_quotes_hold_no_parameters(inferred: Infer, engine: str) -> None:
    if engine != "postgresql":
        pytest.skip("only PostgreSQL has dollar quotes")
    sql = "SELECT id, $x$ it's :a ; $$ ? $x$ AS t FROM authors WHERE name = @name /* :b /* :c */ ; */"
    assert inferred(sql) == ({"name": "str"}, {"id": "int", "t": "str"})


def test_rows_given_back(inferred: Infer, engine: str) -> None:
    if engine == "mysql":
        pytest.skip("MySQL gives no rows back")
    sql = "INSERT INTO authors (name) VALUES (:name) RETURNING id, email, UPPER(name) AS shout"
    assert inferred(sql) == ({"name": "str"}, {"id": "int", "email": "str | None", "shout": "str"})
    sql = "UPDATE authors SET name = :name RETURNING *"
    assert list(inferred(sql)[1].values()) == ["int", "str", "str | None", "_dt.date | None", "bool"]


@pytest.mark.sqlite("only SQLite takes NULL for the key, and has row ids")
def test_row_ids(inferred: Infer) -> None:
    assert inferred("SELECT rowid AS r FROM tags WHERE rowid = $r") == ({"r": "int"}, {"r": "int"})
    assert inferred("SELECT value FROM json_each(:j)")[1] == {"value": "object"}


def test_what_cannot_be_known_is_not_promised(inferred: Infer) -> None:
    assert inferred("SELECT :x AS x")[0] == {"x": "object"} or inferred("SELECT :x AS x")[0] == {"x": "str"}
    sql = "SELECT a.name, t.name AS tag FROM authors a LEFT JOIN tags t ON t.book_id = a.id GROUP BY a.name, t.name"
    assert inferred(sql)[1] == {"name": "str", "tag": "str | None"}
