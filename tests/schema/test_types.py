"""Declared types and the kinds that they mean."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import get_args
from uuid import UUID

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.schema.model import Column, Kind
from noormme.schema.types import PYTHON_TYPES, affinity_of, annotation, kind_of, length_of

KNOWN = {
    kind: text.split("; ")
    for kind, text in {
        "any": "; ANY; GEOMETRY; STRING; POINT; MULTIPOINT; INTERVAL; unusual type; BIT(8); ENUM('a')",
        "integer": "INT; INTEGER; integer; TINYINT; SMALLINT; MEDIUMINT; BIGINT; UNSIGNED BIG INT; INT2; "
        "int8; BIGINT UNSIGNED; smallint unsigned; TINYINT(4); INTEGER NON; SERIAL; YEAR; "
        "CHARINT; FLOATING POINT",
        "real": "REAL; DOUBLE; DOUBLE PRECISION; FLOAT; float8; FLOAT(7,4)",
        "text": "TEXT; CHARACTER(20); VARCHAR(255); VARYING CHARACTER(255); NCHAR(55); NATIVE CHARACTER(70); "
        "NVARCHAR(100); CLOB; LONGVARCHAR; character varying; BLOB SUB_TYPE TEXT; xml",
        "blob": "BLOB; LONGBLOB; VARBINARY(16); BINARY; bytea; IMAGE",
        "boolean": "BOOLEAN; bool; Boolean; BIT; BIT(1); TINYINT(1); tinyint ( 1 )",
        "date": "DATE; date",
        "time": "TIME; TIME(6); TIME WITH TIME ZONE; timetz",
        "datetime": "DATETIME; datetime(6); TIMESTAMP; TIMESTAMP WITH TIME ZONE; timestamptz; TIMESTAMP_NTZ; "
        "timestamp(3) without time zone; datetime2; SmallDateTime",
        "duration": "duration; DURATION",
        "decimal": "DECIMAL; DECIMAL(10,2); decimal (10, 2) unsigned; NUMERIC; numeric(5); NUMBER(10); MONEY",
        "uuid": "UUID; guid; UNIQUEIDENTIFIER",
        "json": "JSON; jsonb",
    }.items()
}


@pytest.mark.parametrize(
    ("declared", "kind"), [(name, kind) for kind, names in KNOWN.items() for name in names]
)
def test_declared_types(declared: str, kind: Kind) -> None:
    assert kind_of(declared) == kind


def test_every_kind_has_a_declared_type_and_a_python_type() -> None:
    # No type of SQLite's is an array.
    assert {*KNOWN, "array"} == set(PYTHON_TYPES) == set(get_args(Kind))


def test_python_types() -> None:
    assert PYTHON_TYPES["datetime"] is datetime
    assert PYTHON_TYPES["decimal"] is Decimal
    assert PYTHON_TYPES["json"] is object


def test_an_override_without_arguments_is_for_all_arguments() -> None:
    overrides: dict[str, Kind] = {"Decimal": "real", "money": "integer"}
    assert kind_of("DECIMAL(10, 2)", overrides) == "real"
    assert kind_of("MONEY", overrides) == "integer"
    assert kind_of("DATE", overrides) == "date"
    assert kind_of("DECIMAL(10, 2)") == "decimal"


def test_an_override_with_arguments_is_for_these_and_wins() -> None:
    overrides: dict[str, Kind] = {"decimal": "real", "DECIMAL( 10,2 )": "text"}
    assert kind_of("decimal(10, 2)", overrides) == "text"
    assert kind_of("decimal(9, 2)", overrides) == "real"


def test_an_override_of_no_type() -> None:
    assert kind_of("", {"": "text"}) == "text"


def test_overrides_do_not_stay() -> None:
    assert kind_of("tinyint(1)", {"tinyint(1)": "integer"}) == "integer"
    assert kind_of("tinyint(1)", {}) == "boolean"
    assert kind_of("tinyint(1)", {"tinyint(1)": "text"}) == "text"


@pytest.mark.parametrize(
    ("declared", "length"),
    [
        ("VARCHAR(50)", 50),
        ("varchar ( 50 )", 50),
        ("CHAR(2)", 2),
        ("NVARCHAR(100)", 100),
        ("NCHAR(55)", 55),
        ("CHARACTER(20)", 20),
        ("CHARACTER VARYING(20)", 20),
        ("VARYING CHARACTER(255)", 255),
        ("NATIVE CHARACTER(70)", 70),
        ("VARCHAR2(10) NOT NULL", 10),
        ("VARCHAR", None),
        ("VARCHAR(0)", None),
        ("VARCHAR(MAX)", None),
        ("VARCHAR(20 BYTE)", None),
        ("VARCHAR(-1)", None),
        ("VARCHAR(²)", None),
        ("VARCHAR(", None),
        ("TEXT(50)", None),
        ("INT(11)", None),
        ("DECIMAL(10,2)", None),
        ("", None),
    ],
)
def test_how_long_a_text_may_be(declared: str, length: int | None) -> None:
    assert length_of(declared) == length


@given(
    st.one_of(
        st.sampled_from([name for names in KNOWN.values() for name in names]),
        st.text(st.sampled_from("INTCHARLOBEXFDUu ")),
    )
)
def test_the_affinity_is_the_one_that_sqlite_gives(declared: str) -> None:
    connection = apsw.Connection(":memory:")
    quoted = '"' + declared + '"' if declared else ""
    connection.execute(f"CREATE TABLE t (c {quoted})")
    connection.execute("INSERT INTO t VALUES ('1'), (1), ('1.5')")
    stored = tuple(kind for (kind,) in connection.execute("SELECT typeof(c) FROM t ORDER BY rowid"))
    assert (
        stored
        == {
            "integer": ("integer", "integer", "real"),
            "numeric": ("integer", "integer", "real"),
            "real": ("real", "real", "real"),
            "text": ("text", "text", "text"),
            "blob": ("text", "integer", "text"),
        }[affinity_of(declared)]
    )


@given(st.text())
def test_any_text_has_a_kind(declared: str) -> None:
    assert kind_of(declared) in PYTHON_TYPES
    assert kind_of(declared.lower()) == kind_of(declared.lower().upper().lower())


@pytest.mark.parametrize(
    ("kind", "nullable", "expected"),
    [
        ("datetime", True, "datetime | None"),
        ("datetime", False, "datetime"),
        ("integer", False, "int"),
        ("uuid", True, "UUID | None"),
        ("any", True, "Any"),
        ("json", False, "Any"),
    ],
)
def test_annotation(kind: Kind, nullable: bool, expected: str) -> None:
    assert annotation(Column("c", "c", kind=kind, nullable=nullable)) == expected


def test_annotations_are_names_of_python_types() -> None:
    names = {
        "bool",
        "bytes",
        "date",
        "datetime",
        "Decimal",
        "float",
        "int",
        "str",
        "time",
        "timedelta",
        "UUID",
        "Any",
        "list[Any]",
    }
    assert {annotation(Column("c", "c", kind=kind, nullable=False)) for kind in PYTHON_TYPES} == names
    assert {date.__name__, time.__name__, Decimal.__name__, UUID.__name__} <= names
