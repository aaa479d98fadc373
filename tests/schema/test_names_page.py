"""What ``docs/names.md`` says in its tables is so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec

from noormme.engines.sqlite.introspect import introspect
from noormme.schema.naming import NameOverrides, field_name, model_name
from tests.schema.build import attributes, fields

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "names.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_field_names() -> None:
    rows = re.findall(r"^\| (.*?`.*?) \| (.*?) \| .*? \|$", section("Fields and managers"), re.MULTILINE)
    assert len(rows) == 10
    for written, given in rows:
        names, expected = (re.findall(r"`([^`]+)`", cell) for cell in (written, given))
        assert [field_name(name) for name in names] == expected * (len(names) if len(expected) == 1 else 1)


def test_model_names() -> None:
    pairs = re.findall(r"`(\w+)`\s+(?:gives\s+)?`(\w+)`", section("Models"))
    assert len(pairs) == 4
    for table, model in pairs:
        assert model_name(table) == model


def test_chosen_names(copied: Callable[[str], Path]) -> None:
    settings = tomllib.loads(section("Your own names").partition("```toml\n")[2].partition("```")[0])
    names = msgspec.convert(settings["names"], NameOverrides)
    connection = apsw.Connection(str(copied("northwind")), flags=apsw.SQLITE_OPEN_READONLY)
    found = introspect(connection, names=names)
    connection.close()
    assert found.warnings == ()
    details = found.table("order_lines")
    assert details is not None
    assert (details.name, details.model) == ("Order Details", "OrderLine")
    assert fields(found, "Orders")["ShipVia"] == "shipper_number"
    assert "shipper" in attributes(found, "Orders")
