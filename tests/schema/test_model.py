"""The schema as pure data: it compares, hashes, travels as JSON, and finds things by both names."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from msgspec.structs import replace

from noormme.schema import __all__ as exported
from noormme.schema import model, search_index
from noormme.schema.model import Column, Index, IndexPart, Schema, SchemaWarning, Table
from tests.schema.build import schema, table, unique_index


@pytest.fixture
def found() -> Schema:
    view = replace(table("Active Users", "id", key=""), kind="view")
    return schema(
        table("users", "id UserName class"),
        table("posts", "id author_id slug!", "author_id > users"),
        views=[view],
    )


def test_json_round_trip(found: Schema) -> None:
    assert Schema.from_json(found.to_json()) == found
    assert Schema.from_json(found.to_json().decode()).fingerprint == found.fingerprint


def test_json_that_is_no_schema() -> None:
    with pytest.raises(msgspec.ValidationError):
        Schema.from_json('{"tables": 1}')


def test_pickle_and_hash(found: Schema) -> None:
    assert found.relations_of("users")
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found
    assert hash(copy) == hash(found)
    assert copy.relations_of("users") == found.relations_of("users")


def test_the_fingerprint_follows_the_schema(found: Schema) -> None:
    assert len(found.fingerprint) == 64
    assert replace(found, warnings=(SchemaWarning("a", "b", "c"),)).fingerprint != found.fingerprint
    assert replace(found).fingerprint == found.fingerprint


def test_a_table_by_exact_name_or_manager(found: Schema) -> None:
    assert [item.name for item in found] == ["posts", "users", "Active Users"]
    assert found.table("Active Users") is found.table("active_users") is found.views[0]
    assert found.table("missing") is None


def test_the_exact_name_wins_over_a_manager() -> None:
    found = Schema("sqlite", tables=(Table("a", manager="b"), Table("b", manager="a")))
    assert found.table("a") is found.tables[0]


def test_a_column_by_exact_name_or_field(found: Schema) -> None:
    users = found.table("users")
    assert users is not None
    assert users.column("UserName") is users.column("user_name") is users.columns[1]
    assert users.column("class") is users.column("class_")
    assert users.column("missing") is None


def test_the_exact_name_wins_over_a_field() -> None:
    swapped = Table("t", columns=(Column("a", "b"), Column("b", "a")))
    assert swapped.column("a") is swapped.columns[0]


def test_relations_of_a_table_without_any(found: Schema) -> None:
    assert found.relations_of("Active Users") == {}


def test_unique_keys() -> None:
    indexed = replace(
        table("t", "a b! c d e", unique=["c d"]),
        indexes=(
            unique_index("e"),
            unique_index("d", where="a > 1"),
            Index("i", (IndexPart(column="c"),)),
            Index("x", (IndexPart(column="c"), IndexPart(expression="lower(d)")), unique=True),
        ),
    )
    assert indexed.unique_keys == {frozenset(key) for key in ("a", "b", "cd", "e")}
    assert replace(indexed, primary_key=()).unique_keys == {frozenset(key) for key in ("b", "cd", "e")}


def test_the_columns_of_an_index() -> None:
    assert Index("i", (IndexPart(column="a"), IndexPart(column="b"))).columns == ("a", "b")
    assert Index("i", (IndexPart(column="a"), IndexPart(expression="1"))).columns is None


def test_a_warning_reads_as_its_message() -> None:
    assert str(SchemaWarning("code", "t", "what, where, what to do")) == "what, where, what to do"


def test_the_package_exports_the_model() -> None:
    assert exported == sorted([*model.__all__, *search_index.__all__])
