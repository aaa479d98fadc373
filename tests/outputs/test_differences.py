"""What is said of a file that is out of date; and the headers by which files are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from noormme import Database, connect
from noormme.codegen.differences import Difference, differences
from noormme.codegen.header import header, language_in, source_in, source_name
from noormme.codegen.outputs import OUTPUTS, Language, language_of, render
from tests.outputs.world import SHOP, make

OF_THE_LIBRARY: list[Language] = [language for language in OUTPUTS if language not in ("python", "svg")]


@pytest.mark.parametrize("language", OF_THE_LIBRARY)
def test_tables_that_differ(shop: Database, tmp_path: Path, language: Language) -> None:
    later = [
        *SHOP[:2],
        SHOP[2].replace("parent_id INTEGER REFERENCES orders", "note TEXT"),
        "CREATE TABLE order_notes (id INTEGER PRIMARY KEY)",
        "CREATE TABLE cities (id INTEGER PRIMARY KEY)",
    ]
    old = render(shop.schema, language, source="a test")
    with connect(make(tmp_path / "later.db", later)) as db:
        new = render(db.schema, language, source="a test")
        found = differences(old, new, db.schema)
        assert differences(new, new, db.schema) == []
        back = differences(new, old, shop.schema)
    changed = {each.table: each.what for each in found}
    gone = changed.pop("BigOrder", None)
    assert changed == {
        "cities": "is not in the file",
        "order_notes": "is not in the file",
        "orders": "differs",
    }
    # Views are in no diagram.
    assert gone == (None if language in ("dbml", "mermaid") else "is not in the database")
    names = {"cities", "order_notes"} if language in ("dbml", "mermaid") else {"City", "OrderNote"}
    assert {each.table for each in back if each.what == "is not in the database"} == names
    assert Difference("orders", "differs") in back


def test_a_python_module(shop: Database) -> None:
    old = "import x\n\n\nclass Customer(Model):\n    id: int\n\n\nclass CustomerUpdate(TypedDict):\n    id: int\n\n\n"
    new = f"{old}class OrderInsert(TypedDict):\n    id: int\n\n\nclass _OrderQuery(Base):\n    pass\n"
    assert differences(old, new, shop.schema) == [Difference("orders", "is not in the file")]
    assert differences(old, new.replace("class Customer(Model)", "class Customer(Base)"), shop.schema) == [
        Difference("customers", "differs"),
        Difference("orders", "is not in the file"),
    ]


def test_headers() -> None:
    line = header("app.db (sqlite)", "json-schema")
    assert source_in(f"/**\n * {line}\n */") == "app.db (sqlite)"
    assert language_in(f'{{\n "$comment": "{line}"\n}}') == "json-schema"
    assert source_in("# a file of my own\n") is None
    assert source_in("\n" * 30 + line) is None


@pytest.mark.parametrize(
    ("path", "dialect", "expected"),
    [
        ("/home/ann/app.db", "sqlite", "app.db (sqlite)"),
        (":memory:", "sqlite", "_memory_ (sqlite)"),
        ('/x/odd */ "name"\n.db', "sqlite", "_name__.db (sqlite)"),
        ("postgresql://ann:secret@host:5432/shop?sslmode=require", "postgresql", "shop (postgresql)"),
        ("mysql://ann@host", "mysql", "the default database (mysql)"),
    ],
)
def test_names_of_sources(path: str, dialect: str, expected: str) -> None:
    assert source_name(path, dialect) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("models.py", "python"),
        ("web/DB.TS", "typescript"),
        ("schema.json", "json-schema"),
        ("a.dbml", "dbml"),
        ("a.mmd", "mermaid"),
        ("a.svg", "svg"),
        ("a.txt", None),
    ],
)
def test_languages_of_files(path: str, expected: str | None) -> None:
    assert language_of(path) == expected
