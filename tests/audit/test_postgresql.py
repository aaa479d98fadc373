"""The audit trail on PostgreSQL: what other programs write there, values of its own types, and its schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from secrets import token_hex
from typing import Any
from uuid import UUID

import pytest

from noormme import Database, connect
from tests.audit.test_audit import now

psycopg = pytest.importorskip("psycopg")

pytestmark = pytest.mark.parametrize("path", ["postgresql"], indirect=True)

VALUES: dict[str, Any] = {
    "t": 'é\\ "\n',
    "b": b"\x00\xff",
    "f": False,
    "d": date(2024, 2, 29),
    "m": datetime(2024, 2, 29, 1, 2, 3, 4),
    "z": datetime(2024, 2, 29, 1, 2, 3, 400_000, tzinfo=UTC),
    "c": time(23, 59, 59, 999_999),
    "i": timedelta(days=2, microseconds=-5),
    "n": Decimal("12345678901234567890.1234567890"),
    "u": UUID(int=5),
    "j": {"a": [1, None, "x"], "é": 1.5, "big": 12345678901234567890},
    "k": ["b", {"c": 2.25}],
    "a": [1, None, 3],
    "w": ["a,b", None, "\\", ""],
    "nn": [Decimal("1.10"), Decimal("2")],
    "dd": [date(2024, 1, 1)],
    "g": [[1, 2], [3, 4]],
    "x": 0.1,
    "s": 2**62 + 1,
    "ip": "10.0.0.1",
    "r": "[1,5)",
}
KINDS = """
CREATE TABLE kinds (
    id int PRIMARY KEY, t text, b bytea, f boolean, d date, m timestamp, z timestamptz, c time, i interval,
    n numeric, u uuid, j jsonb, k json, a int[], w text[], nn numeric[], dd date[], g int[][],
    x double precision, s bigint, ip inet, r int4range
)
"""


def run(path: str, *statements: str) -> None:
    """What another program does, with settings of its own."""
    options = (
        "-c TimeZone=Asia/Tokyo -c DateStyle=German -c IntervalStyle=sql_standard -c bytea_output=escape"
    )
    with psycopg.connect(path, autocommit=True, options=options) as connection:
        for statement in statements:
            connection.execute(statement)


def test_values_of_all_kinds_come_back(db: Database, path: str) -> None:
    run(path, KINDS)
    db.refresh()
    db.audit.enable("kinds")
    row = db.kinds.create(id=1, **VALUES)
    moment = now()
    run(path, "UPDATE kinds SET " + ", ".join(f"{name} = NULL" for name in VALUES))
    run(path, "INSERT INTO kinds SELECT 2 AS id", "DELETE FROM kinds WHERE id = 2")
    born, changed = db.history(row)
    for entry in (born.after, changed.before):
        assert entry is not None
        for name, value in VALUES.items():
            assert (entry[name], type(entry[name])) == (value, type(value)), name
    assert changed.after == dict.fromkeys(VALUES)
    assert db.as_of(moment).kinds.get(1).to_dict() == row.to_dict()
    assert [each.id for each in db.as_of(moment).kinds.all()] == [1]
    run(path, "UPDATE kinds SET d = 'infinity', n = 'NaN', x = '-Infinity', m = '0044-03-15 BC'")
    with pytest.warns(UserWarning, match="is returned as it is stored"):
        odd = db.history(row)[-1].after or {}
    assert (odd["d"], str(odd["n"]), odd["x"]) == ("infinity", "NaN", float("-inf"))
    assert "BC" in odd["m"]


def test_other_programs_are_seen_and_can_say_who_they_are(db: Database, path: str) -> None:
    db.audit.enable("users")
    run(
        path,
        "INSERT INTO users (email) VALUES ('a'), ('b')",
        "SET noormme.actor = 'script'",
        "UPDATE users SET age = 5 WHERE email = 'b'",
        "UPDATE users SET age = 5 WHERE email = 'b'",
    )
    with (
        psycopg.connect(path) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY users (email) FROM STDIN") as copy,
    ):
        copy.write_row(["c"])
    assert [(e.action, e.actor, e.transaction is None) for e in db.history("users", 2)] == [
        ("insert", None, False),
        ("update", "script", False),
    ]
    assert [entry.action for entry in db.history("users", 3)] == ["insert"]
    first, second = (db.history("users", key)[0].transaction for key in (1, 2))
    assert first == second


def test_an_actor_is_forgotten_with_its_block(db: Database) -> None:
    db.audit.enable("users")
    with pytest.raises(KeyError), db.audit.actor("ann"), db.transaction():
        db.users.create(email="lost")
        raise KeyError
    ben = db.users.create(email="b")
    with db.audit.actor("cem"):
        db.users.bulk_create([{"email": f"{n}"} for n in range(3)])
        db.users.bulk_update([ben], ["age"])
    assert [entry.actor for entry in db.history(ben)] == [None]
    rows = db.noormme_audit.filter(action="insert").order_by("id").values_list("actor", flat=True)
    assert list(rows) == [None, "cem", "cem", "cem"]


def test_a_table_that_is_emptied(db: Database, path: str) -> None:
    db.audit.enable("users", "posts")
    ann, ben = db.users.bulk_create([{"email": "a"}, {"email": "b"}])
    moment = now()
    run(path, "SET noormme.actor = 'script'", "TRUNCATE users CASCADE")
    assert [(e.action, e.actor, e.before["email"]) for e in db.history(ann)[1:]] == [
        ("delete", "script", "a")
    ]
    assert db.as_of(moment).users.all() == [ann, ben]


def test_a_key_that_is_a_moment(db: Database, path: str) -> None:
    run(path, "CREATE TABLE days (at timestamptz, n numeric(6, 2), note char(5), PRIMARY KEY (at, n, note))")
    db.refresh()
    db.audit.enable("days")
    run(path, "INSERT INTO days VALUES ('2024-01-01 09:00:00.5+09', 1.5, 'ab')")
    key = (datetime(2024, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC), Decimal("1.5"), "ab")
    [entry] = db.history("days", key)
    assert entry.key[:2] == key[:2]
    moment = now()
    run(path, "UPDATE days SET n = 2")
    assert [each.action for each in db.history("days", (key[0], 2, "ab"))] == ["insert", "update"]
    assert db.as_of(moment).days.get(key).n == Decimal("1.50")
    with connect(path, timezone="Europe/Berlin") as other:
        assert len(other.history("days", key)) == 2
        assert other.history("days", key)[0].after["at"].utcoffset() == timedelta(hours=1)


def test_a_long_key_and_names_that_need_quotes(db: Database, path: str) -> None:
    run(
        path,
        """CREATE SCHEMA "o'dd" """,
        """CREATE TABLE "o'dd"."T%\\" ("The 'key'" text PRIMARY KEY, v int)""",
    )
    db.refresh()
    name = "o'dd.T%\\"
    db.audit.enable(name)
    assert db.audit.check() == []
    long = "é" * 5_000
    row = db[name].create(the_key=long, v=1)
    row.update(v=2)
    assert [entry.changes["v"] for entry in db.history(row)] == [(None, 1), (1, 2)]
    run(path, """TRUNCATE "o'dd"."T%\\" """)
    assert [entry.action for entry in db.history(row)] == ["insert", "update", "delete"]


def test_partitions(db: Database, path: str) -> None:
    run(
        path,
        "CREATE TABLE parted (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)",
        "CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE high PARTITION OF parted FOR VALUES FROM (10) TO (20)",
    )
    db.refresh()
    db.audit.enable("parted")
    assert db.audit.check() == []
    run(path, "INSERT INTO low VALUES (1, 1)", "UPDATE parted SET v = 2")
    assert [entry.changes["v"] for entry in db.history("parted", 1)] == [(None, 1), (1, 2)]


def test_the_schema_may_change(db: Database, path: str) -> None:
    db.audit.enable("users", "pairs")
    ann = db.users.create(email="a", age=5)
    run(path, "ALTER TABLE users ADD COLUMN city text", "ALTER TABLE users RENAME COLUMN age TO years")
    assert db.audit.check() == []
    before = now()
    db.users.get(id=ann.id).update(city="Rome")
    assert db.history("users", ann.id)[-1].changes == {"city": (None, "Rome")}
    assert (db.history("users", ann.id)[0].after or {})["age"] == 5
    assert db.as_of(before).users.get(ann.id).city is None
    run(path, "ALTER TABLE pairs DROP CONSTRAINT pairs_pkey, ADD PRIMARY KEY (b)")
    (warning,) = db.audit.check()
    assert (warning.code, warning.table) == ("audit_outdated", "pairs")
    db.audit.enable("pairs")
    assert db.audit.check() == []
    run(path, """DROP TRIGGER "0_noormme_audit_row" ON users""")
    assert [each.code for each in db.audit.check()] == ["audit_triggers_missing"]


def test_triggers_that_write_to_the_table_too(db: Database, path: str) -> None:
    run(
        path,
        "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN UPDATE users SET age = 0 WHERE id = NEW.id; RETURN NULL; END'",
        "CREATE TRIGGER a_later AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION later()",
    )
    db.audit.enable("users")
    assert db.audit.check() == []
    db.users.create(email="a")
    assert [entry.action for entry in db.history("users", 1)] == ["insert", "update"]
    run(path, 'ALTER TRIGGER a_later ON users RENAME TO "!"')
    (warning,) = db.audit.check()
    assert (warning.code, "triggers ! write" in str(warning)) == ("audit_order", True)
    assert "give them names behind" in str(warning)


@pytest.fixture
def role(path: str) -> Iterator[str]:
    """A user of the database; roles belong to the whole server."""
    name = f"noormme_test_{token_hex(4)}"
    run(path, f"CREATE ROLE {name}", f"GRANT ALL ON users, users_id_seq TO {name}")
    try:
        yield name
    finally:
        run(path, f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_who_may_write_the_table_need_not_write_the_trail(db: Database, path: str, role: str) -> None:
    db.audit.enable("users")
    run(path, f"SET ROLE {role}", "SET noormme.actor = 'guest'", "INSERT INTO users (email) VALUES ('a')")
    assert [entry.actor for entry in db.history("users", 1)] == ["guest"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(path, f"SET ROLE {role}", "DELETE FROM noormme_audit")


def test_two_programs_begin_a_trail_at_once(db: Database, path: str) -> None:
    import threading

    failed: list[BaseException] = []

    def enable() -> None:
        try:
            with connect(path) as other:
                other.audit.enable()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=enable) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert db.audit.check() == []
