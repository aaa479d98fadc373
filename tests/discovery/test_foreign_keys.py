"""Foreign keys: where they point, and what is wrong with those that point nowhere."""

from __future__ import annotations

import apsw
import pytest

from noormme.engines.sqlite.introspect import introspect
from noormme.schema import ForeignKey
from tests.discovery.support import codes, database, discover, found

TARGETS = (
    "CREATE TABLE Parent(Id INTEGER PRIMARY KEY, code TEXT UNIQUE, part, other, loose, UNIQUE(part, other));"
    "CREATE TABLE pair(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID;"
    "CREATE TABLE keyless(a, b);"
    "CREATE UNIQUE INDEX some ON keyless(a) WHERE b; CREATE UNIQUE INDEX made ON keyless(lower(b));"
    "CREATE TABLE indexed(a); CREATE UNIQUE INDEX every ON indexed(a);"
    "CREATE VIEW seen AS SELECT 1 AS id;"
    "CREATE VIRTUAL TABLE words USING fts5(body);"
)


@pytest.mark.parametrize(
    ("declaration", "columns", "target", "target_columns"),
    [
        ("x REFERENCES parent", ("x",), "Parent", ("Id",)),
        ("x REFERENCES PARENT(ID)", ("x",), "Parent", ("Id",)),
        ("X REFERENCES parent(Code)", ("X",), "Parent", ("code",)),
        ("x, y, FOREIGN KEY(X, y) REFERENCES parent(other, PART)", ("x", "y"), "Parent", ("other", "part")),
        ("x, y, FOREIGN KEY(y, x) REFERENCES pair", ("y", "x"), "pair", ("b", "a")),
        ("x, y, FOREIGN KEY(y, x) REFERENCES pair(a, b)", ("y", "x"), "pair", ("a", "b")),
        ("x REFERENCES indexed(a)", ("x",), "indexed", ("a",)),
        ("id INTEGER PRIMARY KEY, x REFERENCES CHILD", ("x",), "child", ("id",)),
    ],
)
def test_resolved(
    declaration: str, columns: tuple[str, ...], target: str, target_columns: tuple[str, ...]
) -> None:
    schema = discover(f"{TARGETS} CREATE TABLE child({declaration})")
    assert found(schema, "child").foreign_keys == (ForeignKey(columns, target, target_columns),)
    assert not schema.warnings


@pytest.mark.parametrize(
    ("declaration", "target"),
    [
        ("x REFERENCES pair", "pair"),
        ("x REFERENCES keyless", "keyless"),
        ("x REFERENCES parent(loose)", "Parent"),
        ("x REFERENCES parent(nil)", "Parent"),
        ("x REFERENCES parent(rowid)", "Parent"),
        ("x REFERENCES parent(part)", "Parent"),
        ("x, y, FOREIGN KEY(x, y) REFERENCES parent(part, part)", "Parent"),
        ("x, y, FOREIGN KEY(x, y) REFERENCES parent(code, nil)", "Parent"),
        ("x REFERENCES keyless(a)", "keyless"),
        ("x REFERENCES keyless(b)", "keyless"),
        ("x REFERENCES keyless(\"\")", "keyless"),
        ("x REFERENCES Seen(id)", "seen"),
        ("x REFERENCES words(body)", "words"),
    ],
)  # fmt: skip
def test_mismatch(declaration: str, target: str) -> None:
    connection = database(f"{TARGETS} CREATE TABLE child({declaration})")
    schema = introspect(connection)
    (key,) = found(schema, "child").foreign_keys
    assert (key.target, key.target_columns) == (target, ())
    assert codes(schema) == [("foreign_key_mismatch", "child")]
    assert schema.warnings[0].column == ("x" if len(key.columns) == 1 else None)
    # SQLite is of the same mind.
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(apsw.SQLError, match="foreign key mismatch"):
        connection.execute(
            f"INSERT INTO child({', '.join(key.columns)}) VALUES ({', '.join('1' for _ in key.columns)})"
        )


@pytest.mark.parametrize("target", ["missing", "sqlite_schema", "words_data"])
def test_dangling(target: str) -> None:
    schema = discover(f"{TARGETS} CREATE TABLE child(x REFERENCES {target}(id), y REFERENCES parent)")
    child = found(schema, "child")
    assert child.foreign_keys == (ForeignKey(("x",), target), ForeignKey(("y",), "Parent", ("Id",)))
    assert codes(schema) == [("dangling_foreign_key", "child")]
    assert schema.warnings[0].message.startswith(
        f"child: the foreign key (x) references '{target}', but there is"
    )
    assert schema.warnings[0].column == "x"
    assert list(schema.relations_of("child")) == ["y"]


def test_several_keys_are_in_the_order_of_their_declaration() -> None:
    schema = discover(
        f"{TARGETS} CREATE TABLE child(a REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, "
        "b CONSTRAINT second REFERENCES parent(code) ON UPDATE SET NULL, c, d, "
        "CONSTRAINT third FOREIGN KEY(c, d) REFERENCES pair ON DELETE SET DEFAULT DEFERRABLE)"
    )
    assert found(schema, "child").foreign_keys == (
        ForeignKey(("a",), "Parent", ("Id",), None, "NO ACTION", "CASCADE", True, True),
        ForeignKey(("b",), "Parent", ("code",), "second", "SET NULL"),
        ForeignKey(("c", "d"), "pair", ("b", "a"), "third", "NO ACTION", "SET DEFAULT", True),
    )


def test_names_differ_beyond_ascii() -> None:
    schema = discover("CREATE TABLE É(id INTEGER PRIMARY KEY); CREATE TABLE child(x REFERENCES é)")
    assert codes(schema) == [("dangling_foreign_key", "child")]
