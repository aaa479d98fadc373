"""SQL of the user's: its parameters, and whether it writes. No server is needed."""

from __future__ import annotations

import pytest

from noormme import NotSupported, UsageError
from noormme.engines.server.postgresql.statements import numbered, only_statement, writes


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", ("SELECT 1", ())),
        ("a = ? AND b = ?", ("a = $1 AND b = $2", (None, None))),
        ("a = ?2 AND b = ?1", ("a = $2 AND b = $1", (None, None))),
        ("a = :x AND b = :y OR c = :x", ("a = $1 AND b = $2 OR c = $1", ("x", "y"))),
        ("a = $2 AND b = $1", ("a = $2 AND b = $1", (None, None))),
        ("a::text = ? AND b[1:2] = c", ("a::text = $1 AND b[1:2] = c", (None,))),
        (
            "a = '?' AND b = \"?\" -- ?\n AND c /* ? */ = ?",
            ("a = '?' AND b = \"?\" -- ?\n AND c /* ? */ = $1", (None,)),
        ),
        (
            r"a = E'\'?' AND b = $$ ? $$ AND c = $x$ ? $$ $x$ AND d = ?",
            (r"a = E'\'?' AND b = $$ ? $$ AND c = $x$ ? $$ $x$ AND d = $1", (None,)),
        ),
        ("a ?? 'x' AND b ?| c AND d ?& e AND f = ?", ("a ? 'x' AND b ?| c AND d ?& e AND f = $1", (None,))),
    ],
)
def test_parameters(sql: str, expected: tuple[str, tuple[str | None, ...]]) -> None:
    assert numbered(sql) == expected


def test_parameters_of_two_kinds() -> None:
    with pytest.raises(UsageError, match="parameters of two kinds"):
        numbered("a = ? AND b = :x")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1", False),
        ("VALUES (1)", False),
        ("WITH a AS (SELECT 'insert') SELECT * FROM a", False),
        ("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", True),
        ("SELECT * INTO t FROM u", True),
        ("SELECT * FROM t FOR UPDATE", True),
        ("EXPLAIN SELECT 1", False),
        ("EXPLAIN ANALYZE SELECT 1", True),
        ("INSERT INTO t VALUES (1)", True),
        ("CREATE TABLE t (a int)", True),
    ],
)
def test_what_writes(sql: str, expected: bool) -> None:
    assert writes(sql) is expected


def test_one_statement() -> None:
    assert only_statement(" select ';' ; -- done\n") == "select ';'"
    with pytest.raises(UsageError, match="several statements"):
        only_statement("select 1; select 2")
    with pytest.raises(UsageError, match="no statement"):
        only_statement(" -- nothing\n ;")
    for sql in ("begin", "COMMIT", "set timezone = 'UTC'", "copy t from stdin"):
        with pytest.raises(NotSupported, match="changes the connection"):
            only_statement(sql)
