"""The lists of reserved names say what models and databases really have."""

from __future__ import annotations

from noormme import Database, Model, connect
from noormme.schema.naming import RESERVED_DATABASE_NAMES, RESERVED_FIELD_NAMES, field_name, manager_name


def test_no_field_can_hide_what_a_model_has() -> None:
    assert [name for name in dir(Model) if field_name(name) == name] == []


def test_no_chosen_field_can_hide_what_a_model_has() -> None:
    public = {name for name in dir(Model) if not name.startswith("_")}
    assert public <= RESERVED_FIELD_NAMES


def test_a_warning_stands_for_everything_that_a_database_has() -> None:
    with connect(":memory:") as db:
        owned = {*dir(Database), *vars(db)}
    assert {name for name in owned if manager_name(name) == name} <= RESERVED_DATABASE_NAMES
