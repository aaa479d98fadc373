"""What is sent for a statement and its parameters, and how pymssql writes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pymssql import _mssql

from noormme import InvalidValue
from noormme.engines.server.mssql.batches import END, batch, counting, sql_type, without_parameters
from noormme.engines.server.mssql.marked import LegacyDateTime, Narrow

MOMENT = datetime(2024, 3, 5, 10, 20, 30, 123456)


def test_a_statement_is_one_call_whose_parameters_have_types() -> None:
    sql, values = batch("SELECT @P1, @P2 WHERE @P1 = 1", (1, "a"))
    assert sql == "EXEC sp_executesql %s, %s, @P1 = %s, @P2 = %s"
    assert values == ("SELECT @P1, @P2 WHERE @P1 = 1", "@P1 bigint, @P2 nvarchar(4000)", 1, "a")
    assert batch("SELECT 1", ()) == ("EXEC sp_executesql %s", ("SELECT 1",))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "bit"),
        (5, "bigint"),
        (2**63 - 1, "bigint"),
        (2**64, "decimal(38, 0)"),
        (1.5, "float"),
        ("a", "nvarchar(4000)"),
        ("a" * 4001, "nvarchar(max)"),
        (Narrow("a"), "varchar(8000)"),
        (Narrow("a" * 8001), "varchar(max)"),
        (b"a", "varbinary(8000)"),
        (b"a" * 8001, "varbinary(max)"),
        (date(2024, 1, 1), "date"),
        (time(1, 2), "time(6)"),
        (MOMENT, "datetime2(6)"),
        (MOMENT.replace(tzinfo=UTC), "datetimeoffset(6)"),
        (LegacyDateTime(2024, 1, 1), "datetime"),
        (UUID(int=1), "uniqueidentifier"),
        (Decimal("1.5"), "decimal(38, 6)"),
        (Decimal("1E+3"), "decimal(38, 6)"),
        (Decimal("0.1234567"), "decimal(38, 12)"),
        (Decimal("1234567890123456789012345678.1234567"), "decimal(38, 7)"),
    ],
)
def test_types_of_parameters(value: object, name: str) -> None:
    assert sql_type(value) == name


@pytest.mark.parametrize("value", [Decimal("1E+40"), Decimal("1." + "1" * 40), timedelta(1), object()])
def test_values_without_a_type(value: object) -> None:
    with pytest.raises(InvalidValue):
        sql_type(value)


def test_a_missing_value_is_null_of_no_type() -> None:
    _, values = batch("INSERT INTO t VALUES (@P1, @P2, @P11, '@P1', [@P1])", (None, 5, *[0] * 8, None))
    assert values[0] == "INSERT INTO t VALUES (NULL, @P2, NULL, '@P1', [@P1])"
    assert values[1] == "@P2 bigint, " + ", ".join(f"@P{n} bigint" for n in range(3, 11))
    assert batch("SELECT @P1", (None,)) == ("EXEC sp_executesql %s", ("SELECT NULL",))


def test_the_bounds_of_a_frame_are_numbers() -> None:
    sql = "SUM(x) OVER (ORDER BY @P2 ROWS BETWEEN @P1 PRECEDING AND @P3 FOLLOWING)"
    _, values = batch(sql, (2, 7, 3))
    assert values[0] == "SUM(x) OVER (ORDER BY @P2 ROWS BETWEEN 2 PRECEDING AND 3 FOLLOWING)"


def test_a_page_of_no_rows() -> None:
    sql = "SELECT a FROM (SELECT b ORDER BY 1 OFFSET 0 ROWS FETCH NEXT @P1 ROWS ONLY) ORDER BY a OFFSET @P2 ROWS FETCH NEXT @P3 ROWS ONLY"
    assert batch(sql, (5, 0, 7))[1][0] == sql
    none = "OFFSET CAST(9223372036854775807 AS BIGINT) ROWS"
    assert batch(sql, (0, 1, 0))[1][0] == f"SELECT a FROM (SELECT b ORDER BY 1 {none}) ORDER BY a {none}"


def test_what_ends_a_statement_is_a_semicolon_outside_of_texts() -> None:
    assert batch(f"MERGE '{END}' {END}", ())[1] == (f"MERGE '{END}' ;",)


def test_a_statement_that_is_only_looked_at_has_no_parameters() -> None:
    assert without_parameters("SELECT @P1, @P12, '@P1'", 12) == "SELECT NULL, NULL, '@P1'"


@pytest.mark.parametrize(
    ("sql", "counted"),
    [
        ("UPDATE t SET a = 1", f"UPDATE t SET a = 1 {END} SELECT @@ROWCOUNT"),
        (f"MERGE INTO t {END}", f"MERGE INTO t {END} SELECT @@ROWCOUNT"),
        (
            f"SET IDENTITY_INSERT [t] ON {END} INSERT INTO [t] DEFAULT VALUES",
            f"SET IDENTITY_INSERT [t] ON {END} INSERT INTO [t] DEFAULT VALUES {END} SELECT @@ROWCOUNT",
        ),
        ("DELETE FROM t OUTPUT deleted.[a]", None),
        ("INSERT INTO t OUTPUT inserted.[a] VALUES (1)", None),
        ("SELECT 1", None),
        ("WITH a AS (SELECT 1 AS x) SELECT x FROM a", None),
    ],
)
def test_changes_are_counted_by_the_server(sql: str, counted: str | None) -> None:
    assert counting(sql) == counted


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("it's é %s", "N'it''s é %s'"),
        (Narrow("a'b"), "N'a''b'"),
        (b"\x00\xff", "0x00ff"),
        ("a\0é", "0x61000000e900"),
        (Narrow("a\0"), "0x6100"),
        (True, "1"),
        (-5, "-5"),
        (1.5e300, "1.5e+300"),
        (Decimal("1E+3"), "N'1000'"),
        (MOMENT, "N'2024-03-05T10:20:30.123456'"),
        (MOMENT.replace(tzinfo=UTC), "N'2024-03-05T10:20:30.123456+00:00'"),
        (LegacyDateTime(2024, 3, 5, 10, 20, 30, 123000), "N'2024-03-05T10:20:30.123'"),
        (date(2024, 3, 5), "N'2024-03-05'"),
        (time(10, 20, 30, 5), "N'10:20:30.000005'"),
        (UUID(int=1), "N'00000000-0000-0000-0000-000000000001'"),
    ],
)
def test_pymssql_writes_values_without_a_loss(value: object, written: str) -> None:
    sql, values = batch("SELECT @P1", (value,))
    text = _mssql.substitute_params(sql, values).decode()
    assert text == f"EXEC sp_executesql N'SELECT @P1', N'@P1 {sql_type(value)}', @P1 = {written}"
