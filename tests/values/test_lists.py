"""Lists as one parameter match what their values would match one by one."""

from __future__ import annotations

import gc
import math
from uuid import UUID

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.engines.sqlite.forms import StorageForm, form_of
from noormme.engines.sqlite.lists import bind, group_values, list_binding, nul_binding
from noormme.engines.sqlite.storage import Encoder, encoder
from noormme.errors import InvalidValue

IN = (
    "SELECT c FROM t WHERE c IN (SELECT value FROM carray(?1)"
    " UNION ALL SELECT CAST(value AS TEXT) FROM carray(?2)) ORDER BY rowid"
)


def table(declared: str, rows: list[object], encoding: str = "UTF-8") -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    connection.execute(f"PRAGMA encoding = '{encoding}'; CREATE TABLE t (c {declared})")
    connection.executemany("INSERT INTO t VALUES (?)", [(row,) for row in rows])
    return connection


def matches(
    connection: apsw.Connection, values: list[object], encode: Encoder | None = None, encoding: str = "UTF-8"
) -> list[object]:
    bindings = (list_binding(values, encode), nul_binding(values, encode, encoding=encoding))
    return [row[0] for row in connection.execute(IN, bindings)]


STORED: list[object] = [
    1,
    -5,
    2**63 - 1,
    2**53 + 1,
    1.5,
    math.inf,
    "a",
    "é😀",
    "",
    "a\0b",
    b"a",
    b"\0\xff",
    b"",
    None,
]


@pytest.mark.parametrize("value", STORED[:-1], ids=repr)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_a_value_finds_itself_and_nothing_else(value: object, encoding: str) -> None:
    connection = table("", STORED, encoding)
    assert matches(connection, [value], encoding=encoding) == [value]
    assert matches(connection, [value, None, value], encoding=encoding) == [value]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([None], []),
        ([math.nan], []),
        ([2**63, -(2**70)], []),
        ([2**63, 1], [1]),
        ([math.nan, 1.5], [1.5]),
        ([True, -5], [1, -5]),
        ([1, 1.5], [1, 1.5]),
        ([1.0], [1]),
        ([2**53 + 1, 1.0, 1.5, math.inf], [1, 2**53 + 1]),
        (["a", "a\0b", ""], ["a", "", "a\0b"]),
        (["a\0b"], ["a\0b"]),
        (["a\0"], []),
    ],
    ids=repr,
)
def test_what_can_match_nothing_is_left_out(values: list[object], expected: list[object]) -> None:
    assert sorted(map(repr, matches(table("", STORED), values))) == sorted(map(repr, expected))


@given(
    values=st.lists(st.integers()) | st.lists(st.text(st.characters(codec="utf-8"))) | st.lists(st.binary())
)
def test_every_list_of_one_type_matches_what_it_holds(values: list[object]) -> None:
    fitting = [value for value in values if not isinstance(value, int) or -(2**63) <= value < 2**63]
    connection = table("", [*fitting, 0.25])
    assert matches(connection, values) == fitting


def test_lists_are_encoded_and_affinity_holds() -> None:
    first, second = UUID(int=1), UUID(int=2)
    form = StorageForm(layout="bytes")
    connection = table("BLOB", [first.bytes, second.bytes])
    assert matches(connection, [first, None, str(second)], encoder("uuid", form)) == [
        first.bytes,
        second.bytes,
    ]
    connection = table("INTEGER", [1, 2, 3])
    assert matches(connection, ["1", "3"], encoder("integer", StorageForm())) == [1, 3]
    assert matches(connection, ["1", "3"]) == [1, 3]
    connection = table("DATETIME", [1_700_000_000, 1_700_000_000.5])
    seconds = encoder("datetime", form_of("datetime", [1_700_000_000, 1_700_000_000.5]))
    values: list[object] = ["2023-11-14 22:13:20", "2023-11-14 22:13:20.5"]
    assert matches(connection, values, seconds) == [1_700_000_000, 1_700_000_000.5]


def test_a_list_of_several_storage_classes_is_taken_apart_first() -> None:
    groups = group_values(["a", 1, None, True, 1.5, b"a"])
    assert groups == {"text": ["a"], "integer": [1, True], "real": [1.5], "blob": [b"a"]}
    with pytest.raises(InvalidValue, match="mixes"):
        list_binding(["a", 1])
    for storage_class in groups:
        assert bind(storage_class, []) is None


@pytest.mark.parametrize("values", [["x\ud800"], ["ok", "x\ud800"]])
def test_half_a_surrogate_pair_is_refused(values: list[object]) -> None:
    with pytest.raises(InvalidValue, match="surrogate") as caught:
        list_binding(values)
    assert "x" not in caught.value.message.split()


def test_a_type_that_sqlite_lacks_is_refused() -> None:
    with pytest.raises(InvalidValue, match="UUID"):
        list_binding([UUID(int=1)])


def test_a_binding_keeps_its_values_alive() -> None:
    connection = table("", [f"name {number}" for number in range(1_000)])
    cursor = connection.execute(IN, (list_binding([f"name {number}" for number in range(1_000)]), None))
    gc.collect()
    assert len(cursor.fetchall()) == 1_000
