"""SQL of the user's own for SQL Server: its parameters, and what it would do."""

from __future__ import annotations

import pytest

from noormme import NotSupported, UsageError
from noormme.engines.server.mssql.statements import numbered, only_statement, writes


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("select * from t where a = ? and b = ?", "select * from t where a = @P1 and b = @P2", (None, None)),
        ("select ?2, ?1", "select @P2, @P1", (None, None)),
        ("select :a, :b, :a", "select @P1, @P2, @P1", ("a", "b")),
        ("select @P2", "select @P2", (None, None)),
        ("select '?', [?], \"?\" -- ?", "select '?', [?], \"?\" -- ?", ()),
        ("select '[''?', [a]]?], ?", "select '[''?', [a]]?], @P1", (None,)),
        ("select geography::Point(?, ?, 4326)", "select geography::Point(@P1, @P2, 4326)", (None, None)),
        ("declare @x int = ?", "declare @x int = @P1", (None,)),
        ("select 1 /* ? :a */", "select 1 /* ? :a */", ()),
    ],
)
def test_parameters(sql: str, text: str, names: tuple[str | None, ...]) -> None:
    assert numbered(sql) == (text, names)


@pytest.mark.parametrize("sql", ["select ?, :a", "select @P1, ?", "select :a, @P1"])
def test_parameters_of_two_kinds(sql: str) -> None:
    with pytest.raises(UsageError, match="two kinds"):
        numbered(sql)


@pytest.mark.parametrize(
    ("sql", "text"), [(" select 1; -- end", "select 1"), ("select ';', [;]", "select ';', [;]")]
)
def test_one_statement(sql: str, text: str) -> None:
    assert only_statement(sql) == text


@pytest.mark.parametrize("sql", ["", " -- nothing", "select 1; select 2"])
def test_none_or_several(sql: str) -> None:
    with pytest.raises(UsageError):
        only_statement(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "begin tran",
        "BEGIN TRANSACTION x",
        "commit",
        "rollback",
        "save tran a",
        "set nocount on",
        "use master",
    ],
)
def test_what_changes_the_connection(sql: str) -> None:
    with pytest.raises(NotSupported, match="changes the connection"):
        only_statement(sql)


def test_a_block_is_no_transaction() -> None:
    assert only_statement("begin select 1 end") == "begin select 1 end"


@pytest.mark.parametrize(
    ("sql", "does"),
    [
        ("select 1", False),
        ("select 'update', [delete], 1 -- insert", False),
        ("with a as (select 1 as x) select * from a", False),
        ("with a as (select 1 as x) update a set x = 2", True),
        ("select * into u from t", True),
        ("select * from t with (updlock)", True),
        ("insert into t values (1)", True),
        ("exec sp_help", True),
        ("merge into t using u on 1 = 1 when matched then delete", True),
        ("create table t (a int)", True),
    ],
)
def test_whether_it_writes(sql: str, does: bool) -> None:
    assert writes(sql) is does
