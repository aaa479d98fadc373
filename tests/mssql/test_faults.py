"""Errors as pymssql raises them: the server's number and its message, and what the driver says behind it."""

from __future__ import annotations

import pymssql
import pytest

from noormme import (
    CheckViolation,
    ConnectionFailed,
    DatabaseLocked,
    FieldNotFound,
    ForeignKeyViolation,
    InvalidValue,
    NoormmeError,
    NotNullViolation,
    NotSupported,
    QueryFailed,
    QueryTimeout,
    ReadOnly,
    TableNotFound,
    TransactionError,
    UniqueViolation,
)
from noormme.engines.server.mssql.faults import fault_of, not_found, open_error, statement_error
from noormme.engines.server.mssql.introspect import schema_of
from noormme.errors import ConnectionLost, DatabaseClosed, DiskFull
from noormme.schema.model import Schema
from tests.mssql.offline import catalog_of

SECRET = "s3cret"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return schema_of(catalog_of("estate"))


def raised(number: int, message: str, kind: type[Exception] = pymssql.OperationalError) -> Exception:
    """An exception as the driver makes it of a message of the server."""
    behind = "DB-Lib error message 20018, severity 14:\nGeneral SQL Server error: Check messages from the SQL Server\n"
    return kind((number, (message + behind).encode()))


def test_the_number_and_the_message_are_those_of_the_server() -> None:
    fault = fault_of(raised(208, "Invalid object name 'nothing'."))
    assert (fault.number, fault.text) == (208, "Invalid object name 'nothing'.")
    plain = fault_of(pymssql.ProgrammingError(208, b"Invalid object name 'nothing'."))
    assert plain == fault
    alone = fault_of(
        pymssql.OperationalError(
            (20009, b"DB-Lib error message 20009, severity 9:\nUnable to connect (host)\n")
        )
    )
    assert (alone.number, alone.text) == (20009, "Unable to connect (host)")
    assert fault_of(pymssql.InterfaceError("Connection is closed.")).number == 0


CONSTRAINTS = [
    (
        2627,
        f"Violation of UNIQUE KEY constraint 'UQ_customers_code'. Cannot insert duplicate key in object 'dbo.customers'. The duplicate key value is ({SECRET}).",
        UniqueViolation,
        "customers",
        ("code",),
    ),
    (
        2627,
        "Violation of PRIMARY KEY constraint 'PK_order_lines'. Cannot insert duplicate key in object 'sales.order_lines'. The duplicate key value is (1, 2).",
        UniqueViolation,
        "sales.order_lines",
        ("order_id", "line_no"),
    ),
    (
        2601,
        f"Cannot insert duplicate key row in object 'dbo.customers' with unique index 'UX_customers_email'. The duplicate key value is ({SECRET}).",
        UniqueViolation,
        "customers",
        ("email",),
    ),
    (
        547,
        'The INSERT statement conflicted with the FOREIGN KEY constraint "FK_orders_customer". The conflict occurred in database "shop", table "dbo.customers", column \'id\'.',
        ForeignKeyViolation,
        "sales.orders",
        ("customer_id",),
    ),
    (
        547,
        'The DELETE statement conflicted with the REFERENCE constraint "FK_order_lines_order". The conflict occurred in database "shop", table "sales.order_lines", column \'order_id\'.',
        ForeignKeyViolation,
        "sales.order_lines",
        ("order_id",),
    ),
    (
        547,
        'The INSERT statement conflicted with the CHECK constraint "CK_customers_status". The conflict occurred in database "shop", table "dbo.customers", column \'status\'.',
        CheckViolation,
        "customers",
        ("status",),
    ),
    (
        515,
        "Cannot insert the value NULL into column 'name', table 'shop.dbo.customers'; column does not allow nulls. INSERT fails.",
        NotNullViolation,
        "customers",
        ("name",),
    ),
    (
        515,
        "Cannot insert the value NULL into column 'x', table 'shop.dbo.unknown'; …",
        NotNullViolation,
        "unknown",
        ("x",),
    ),
]


@pytest.mark.parametrize(("number", "message", "kind", "table", "columns"), CONSTRAINTS)
def test_constraints(
    schema: Schema, number: int, message: str, kind: type[NoormmeError], table: str, columns: tuple[str, ...]
) -> None:
    made = statement_error(raised(number, message, pymssql.IntegrityError), schema)
    assert type(made) is kind
    assert (made.table, made.columns) == (table, columns)
    assert SECRET not in str(made)


OTHERS = [
    (
        1205,
        "Transaction (Process ID 55) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.",
        DatabaseLocked,
    ),
    (1222, "Lock request time out period exceeded.", DatabaseLocked),
    (3960, "Snapshot isolation transaction aborted due to update conflict.", DatabaseLocked),
    (
        3930,
        "The current transaction cannot be committed and cannot support operations that write to the log file.",
        TransactionError,
    ),
    (3906, 'Failed to update database "shop" because the database is read-only.', ReadOnly),
    (
        544,
        "Cannot insert explicit value for identity column in table 'customers' when IDENTITY_INSERT is set to OFF.",
        ReadOnly,
    ),
    (
        271,
        'The column "label" cannot be modified because it is either a computed column or is the result of a UNION operator.',
        ReadOnly,
    ),
    (9002, "The transaction log for database 'shop' is full due to 'LOG_BACKUP'.", DiskFull),
    (245, f"Conversion failed when converting the nvarchar value '{SECRET}' to data type int.", InvalidValue),
    (8152, "String or binary data would be truncated.", InvalidValue),
    (
        2628,
        f"String or binary data would be truncated in table 'shop.dbo.customers', column 'code'. Truncated value: '{SECRET}'.",
        InvalidValue,
    ),
    (8115, "Arithmetic overflow error converting expression to data type int.", InvalidValue),
    (
        130,
        "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.",
        NotSupported,
    ),
    (421, "The xml data type cannot be selected as DISTINCT because it is not comparable.", NotSupported),
    (208, "Invalid object name 'nothing'.", QueryFailed),
    (207, "Invalid column name 'nothing'.", QueryFailed),
    (102, "Incorrect syntax near 'frm'.", QueryFailed),
    (20003, "DB-Lib error message 20003, severity 6:\nAdaptive Server connection timed out\n", QueryTimeout),
    (20047, "DB-Lib error message 20047, severity 9:\nDBPROCESS is dead or not enabled\n", ConnectionLost),
    (20004, "DB-Lib error message 20004, severity 9:\nRead from the server failed\n", ConnectionLost),
]


@pytest.mark.parametrize(("number", "message", "kind"), OTHERS)
def test_others(number: int, message: str, kind: type[NoormmeError]) -> None:
    made = statement_error(raised(number, message))
    assert type(made) is kind
    assert SECRET not in str(made)


def test_a_closed_connection_and_a_text_that_is_none() -> None:
    assert type(statement_error(pymssql.InterfaceError("Connection is closed."))) is DatabaseClosed
    with pytest.raises(UnicodeEncodeError) as caught:
        "\ud800".encode()
    assert type(statement_error(caught.value)) is InvalidValue


def chained(number: int, message: str) -> NoormmeError:
    error = statement_error(raised(number, message))
    error.__cause__ = raised(number, message)
    return error


def test_names_that_do_not_exist(schema: Schema) -> None:
    table = not_found(chained(208, "Invalid object name 'custmers'."), schema)
    assert type(table) is TableNotFound
    assert "did you mean 'customers'" in str(table)
    column = not_found(chained(207, "Invalid column name 'emial'."), schema)
    assert type(column) is FieldNotFound
    assert "did you mean 'email'" in str(column)
    other = chained(102, "Incorrect syntax near 'frm'.")
    assert not_found(other, schema) is other


@pytest.mark.parametrize(
    ("number", "message", "said"),
    [
        (
            18456,
            "Login failed for user 'ann'.",
            "the user or the password is wrong; check the user and the password",
        ),
        (4060, 'Cannot open database "shop" requested by the login. The login failed.', "no such database"),
        (
            20009,
            "DB-Lib error message 20009, severity 9:\nUnable to connect: TDS server is unavailable or does not exist (h)\n",
            "Unable to connect: TDS server is unavailable",
        ),
    ],
)
def test_opening(number: int, message: str, said: str) -> None:
    made = open_error(raised(number, message), "mssql://ann@h/shop")
    assert type(made) is (ConnectionLost if number > 20_000 else ConnectionFailed)
    assert said in str(made)
    assert str(made).startswith("mssql://ann@h/shop cannot be opened: ")
