"""The triggers see every change, whoever makes it, and keep every value as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noormme.engines.sqlite.audit_stamp import AUDIT_TABLE
from noormme.engines.sqlite.audit_triggers import REPLACED_TABLE
from tests.audit.world import audited, entries, replay, stamped, state_of

VALUES = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1]),
    st.floats(allow_nan=False),
    st.sampled_from([1.0, -0.0, 1e300, 5e-324, float("inf"), float("-inf"), 0.1 + 0.2]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    st.sampled_from(
        ["", "a", "A", "a\0b", '"', "'", "[1]", '{"blob": "00"}', "null", "1", "1.5", "é", "\u2028"]
    ),
    st.binary(max_size=3),
)
KEYS = st.one_of(st.integers(1, 4), st.sampled_from(["a", "A", "b", "1", 1.5, b"a", None]))

TABLES = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, v)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, u TEXT UNIQUE COLLATE NOCASE, v REAL)",
    "CREATE TABLE t (id PRIMARY KEY NOT NULL, u TEXT, v NUMERIC); CREATE UNIQUE INDEX i ON t (u COLLATE NOCASE, v)",
    "CREATE TABLE t (id NOT NULL, u NOT NULL, v BLOB, PRIMARY KEY (id, u)) WITHOUT ROWID",
    "CREATE TABLE t (id, u, v)",
    "CREATE TABLE t (id, u UNIQUE ON CONFLICT REPLACE, v INTEGER)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u, v); CREATE UNIQUE INDEX i ON t (u) WHERE v > 1",
    "CREATE TABLE t (id INT PRIMARY KEY NOT NULL, u ANY UNIQUE, v TEXT) STRICT",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, v, w AS (v || u), x AS (hex(u)) STORED UNIQUE)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, v); CREATE TABLE c (id INTEGER PRIMARY KEY, t REFERENCES "
    "t ON DELETE CASCADE ON UPDATE CASCADE, p REFERENCES c ON DELETE SET NULL); CREATE TRIGGER g AFTER INSERT ON t "
    "BEGIN INSERT INTO c (t) VALUES (NEW.id); END",
]

CLAUSES = ["", "", "OR REPLACE", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ROLLBACK"]
UPSERTS = [
    "",
    "",
    "",
    "ON CONFLICT DO NOTHING",
    "ON CONFLICT DO UPDATE SET v = excluded.v",
    "ON CONFLICT DO UPDATE SET id = 3, u = excluded.u",
]


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, tuple[object, ...]]:
    kind = draw(st.integers(0, 9))
    clause = draw(st.sampled_from(CLAUSES))
    if kind < 4:
        upsert = draw(st.sampled_from(UPSERTS)) if not clause else ""
        return f"INSERT {clause} INTO t (id, u, v) VALUES (?, ?, ?), (?, ?, ?) {upsert}", draw(
            st.tuples(KEYS, KEYS, VALUES, KEYS, KEYS, VALUES)
        )
    if kind < 5:
        return f"INSERT {clause} INTO t (u, v) VALUES (?, ?)", draw(st.tuples(KEYS, VALUES))
    if kind < 7:
        column = draw(st.sampled_from(["id", "u", "v"]))
        value = KEYS if column != "v" else VALUES
        return f"UPDATE {clause} t SET {column} = ? WHERE u = ? OR id = ? OR v IS ?", draw(
            st.tuples(value, KEYS, KEYS, VALUES)
        )
    if kind < 8:
        return f"UPDATE {clause} t SET id = id + 1, v = ? WHERE id > ?", draw(
            st.tuples(VALUES, st.integers(0, 3))
        )
    if kind < 9:
        return "DELETE FROM t WHERE u = ? OR id = ?", draw(st.tuples(KEYS, KEYS))
    return draw(
        st.sampled_from(
            [
                "DELETE FROM t",
                "UPDATE t SET v = v",
                "SAVEPOINT s",
                "ROLLBACK TO s",
                "BEGIN",
                "COMMIT",
                "ROLLBACK",
            ]
        )
    ), ()


@given(st.sampled_from(TABLES), st.booleans(), st.booleans(), st.lists(statements(), max_size=25))
@settings(max_examples=300)
def test_the_trail_says_what_the_tables_hold(
    script: str, recursive: bool, stamp: bool, changes: list[tuple[str, tuple[object, ...]]]
) -> None:
    connection, tables = audited(script)
    connection.execute(f"PRAGMA recursive_triggers = {int(recursive)}")
    if stamp:
        stamped(connection)
    for sql, values in changes:
        try:
            connection.execute(sql, values)
        except (apsw.ConstraintError, apsw.MismatchError, apsw.SQLError):
            continue
    said = replay(entries(connection))
    for name, table in tables.items():
        assert said.get(name, {}) == state_of(connection, table)


# ---------------------------------------------------------------- one thing at a time


def test_every_value_is_kept_as_it_is() -> None:
    connection, _ = audited("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
    values = [
        None,
        2**63 - 1,
        -(2**63),
        1,
        1.0,
        0.1 + 0.2,
        5e-324,
        1.7976931348623157e308,
        float("inf"),
        float("-inf"),
        "",
        "a\0b",
        '"\\\n\x01\x7f',
        '{"blob": "00"}',
        "é\U0001f600",
        b"",
        b"\x00\xff",
    ]
    for value in values:
        connection.execute("INSERT INTO t (v) VALUES (?)", (value,))
    connection.execute("INSERT INTO t (v) VALUES (CAST(x'61ff62' AS TEXT))")
    kept = [entry.after["v"] for entry in entries(connection) if entry.after]
    assert [(type(value), value) for value in kept] == [
        (type(value), value) for value in [*values, b"a\xffb"]
    ]


def test_names_of_any_kind() -> None:
    connection, tables = audited(
        """CREATE TABLE "a 'b' ""c"" ;--" ("x ""y"" 'z'" PRIMARY KEY, "select" UNIQUE, "ü\n", "\\")"""
    )
    (table,) = tables.values()
    connection.execute("""INSERT INTO "a 'b' ""c"" ;--" VALUES (1, 2, 3, 4)""")
    connection.execute("""UPDATE "a 'b' ""c"" ;--" SET "\\" = 5, "ü\n" = 6""")
    assert replay(entries(connection))[table.name] == state_of(connection, table)
    assert entries(connection)[1].after == {"ü\n": 6, "\\": 5}


def test_a_table_of_very_many_columns() -> None:
    columns = [f"c{number}" for number in range(1990)]
    connection, tables = audited(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {', '.join(columns)})")
    connection.execute("INSERT INTO t (id, c7, c1989) VALUES (1, 'a', 2.5)")
    connection.execute(f"UPDATE t SET {', '.join(f'{name} = 1' for name in columns)}")
    assert replay(entries(connection))["t"] == state_of(connection, tables["t"])


def test_a_change_that_the_collation_does_not_see() -> None:
    connection, _ = audited("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE)")
    connection.execute("INSERT INTO t (v) VALUES ('ann'); UPDATE t SET v = 'Ann'; UPDATE t SET v = 'Ann'")
    assert [(entry.before, entry.after) for entry in entries(connection)[1:]] == [
        ({"v": "ann"}, {"v": "Ann"})
    ]


def test_a_cascade_is_seen_row_by_row() -> None:
    connection, _ = audited(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, parent REFERENCES t ON DELETE CASCADE);"
        "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)"
    )
    connection.execute("DELETE FROM t WHERE id = 1")
    assert sorted((entry.action, entry.key) for entry in entries(connection)) == [
        ("delete", (1,)),
        ("delete", (2,)),
        ("delete", (3,)),
    ]


def test_replaced_rows_are_deleted_rows() -> None:
    connection, _ = audited(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b UNIQUE); INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)"
    )
    connection.execute("REPLACE INTO t VALUES (3, 1, 2)")
    assert [(entry.action, entry.key, entry.before) for entry in entries(connection)] == [
        ("delete", (1,), {"id": 1, "a": 1, "b": 1}),
        ("delete", (2,), {"id": 2, "a": 2, "b": 2}),
        ("insert", (3,), None),
    ]
    assert connection.execute(f"SELECT count(*) FROM {REPLACED_TABLE}").get == 0


def test_looking_for_replaced_rows_uses_the_indexes() -> None:
    connection, _ = audited(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE, b, c);"
        "CREATE UNIQUE INDEX i ON t (b) WHERE c > 1; CREATE UNIQUE INDEX j ON t (a COLLATE BINARY, c)"
    )
    steps = 0

    def count() -> bool:
        nonlocal steps
        steps += 1
        return False

    taken: list[int] = []
    connection.set_progress_handler(count, 1)
    for rows in (10, 3000):
        connection.execute("DELETE FROM t")
        for number in range(rows):
            connection.execute("INSERT INTO t (a, b, c) VALUES (?, ?, 5)", (f"a{number}", number))
        steps = 0
        connection.execute("INSERT INTO t (a, b, c) VALUES ('x', 'y', 5)")
        taken.append(steps)
    assert taken[1] < taken[0] * 2


PLAIN_SQLITE = """
import sqlite3, sys
if sqlite3.sqlite_version_info < (3, 38):
    sys.exit(3)
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA foreign_keys = ON")
for value in (1, 1.5, 1e999, -1e999, 0.1 + 0.2, "a\\0b", b"\\x00", None, 2**63 - 1):
    connection.execute("INSERT INTO t (v) VALUES (?)", (value,))
connection.execute("UPDATE t SET v = 1e999 WHERE id = 1")
connection.execute("REPLACE INTO t VALUES (2, 'new')")
connection.execute("DELETE FROM t WHERE id = 3")
connection.commit()
"""


def test_a_program_without_noormme_writes_as_before_and_is_seen(tmp_path: Path) -> None:
    path = str(tmp_path / "t.db")
    connection, tables = audited("CREATE TABLE t (id INTEGER PRIMARY KEY, v)", path)
    stamped(connection)
    connection.close()
    # Another process: two SQLite libraries must never have one file open in the same one.
    done = subprocess.run([sys.executable, "-c", PLAIN_SQLITE, path], capture_output=True, text=True)
    if done.returncode == 3:
        pytest.skip("the SQLite of this Python is older than the triggers need")
    assert (done.returncode, done.stderr) == (0, "")
    connection = apsw.Connection(path)
    assert replay(entries(connection))["t"] == state_of(connection, tables["t"])
    assert connection.execute(f"SELECT count(*), count(actor) FROM {AUDIT_TABLE}").get == (13, 0)


def test_entries_are_documents() -> None:
    connection, _ = audited("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
    connection.execute("INSERT INTO t VALUES (1, x'00ff'), (2, 1.0)")
    after = [json.loads(row[0]) for row in connection.execute(f"SELECT after FROM {AUDIT_TABLE} ORDER BY id")]
    assert after == [{"id": 1, "v": {"blob": "00FF"}}, {"id": 2, "v": 1.0}]
