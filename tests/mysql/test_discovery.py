"""What a database on MariaDB says about itself, in the schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from noormme import Database, NotSupported, ReadOnly, TableNotFound, connect
from noormme.engines.server.mysql.catalog import Catalog
from noormme.engines.server.mysql.introspect import schema_of
from tests.mysql.scripts import run_client_script

SCRIPT = r"""
CREATE TABLE users (
    id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(100) NOT NULL UNIQUE,
    name varchar(20) COLLATE utf8mb4_general_ci DEFAULT 'it''s \\ "x"' COMMENT 'the name',
    age int CHECK (age >= 0), mood enum('sad','o''k') DEFAULT 'sad', flags set('a','b'),
    active tinyint(1) NOT NULL DEFAULT 1, small tinyint,
    made timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp,
    at datetime(3) DEFAULT now(3), data json, one bit, many bit(8), y year, big bigint unsigned,
    balance decimal(10,2) DEFAULT 0.00, wakes time(6), born date DEFAULT '2024-01-01', uid uuid DEFAULT uuid(),
    ip inet6, place point, raw binary(16), photo blob, notes text,
    initial varchar(1) GENERATED ALWAYS AS (substr(email,1,1)) STORED, upper_name varchar(20) AS (upper(name)),
    ratio float, exact double, secret int INVISIBLE, nothing int DEFAULT NULL,
    CONSTRAINT named CHECK (name in ('a','it\'s','b\\c') or email like '%@%'), CHECK (length(name) < 21),
    KEY beginning (notes(10), age DESC), FULLTEXT KEY words (notes), UNIQUE KEY start (notes(5)), UNIQUE (name, age)
) COMMENT='the people';
CREATE TABLE orders (
    id int AUTO_INCREMENT PRIMARY KEY, user_id int unsigned,
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE TABLE `lines` (order_id int, n int, what text, PRIMARY KEY (order_id, n),
    CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES orders(id) ON UPDATE CASCADE);
CREATE TABLE notes (id int PRIMARY KEY, order_id int, n int, FOREIGN KEY (order_id, n) REFERENCES `lines`(order_id, n));
CREATE TABLE counters (place int, n int AUTO_INCREMENT UNIQUE, PRIMARY KEY (place));
CREATE VIEW adults AS SELECT id, email, active FROM users WHERE age >= 18;
CREATE TABLE gone (id int);
CREATE VIEW broken AS SELECT id FROM gone;
DROP TABLE gone;
CREATE SEQUENCE numbers;
CREATE TABLE versions (id int PRIMARY KEY, since TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
    until TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)) WITH SYSTEM VERSIONING;
CREATE TABLE logs (at datetime NOT NULL, message text) PARTITION BY RANGE (year(at)) (
    PARTITION p2024 VALUES LESS THAN (2025), PARTITION later VALUES LESS THAN MAXVALUE);
CREATE TABLE `odd``name%` (`the key` int PRIMARY KEY, `select` text, `a:b` text, `%s` text);
CREATE TRIGGER shout BEFORE INSERT ON users FOR EACH ROW SET NEW.name = upper(NEW.name);
"""


@pytest.fixture
def db(opened: Callable[..., Database]) -> Database:
    return opened(SCRIPT)


def table(db: Database, name: str) -> Any:
    found = db.schema.table(name)
    assert found is not None
    return found


def test_what_is_there(db: Database) -> None:
    tables_and_views(db)
    kinds(db)
    columns(db)
    defaults(db)
    checks(db)
    indexes_and_triggers(db)
    foreign_keys(db)
    odd_names(db)
    what_can_only_be_read(db)


def tables_and_views(db: Database) -> None:
    assert db.tables == ["counters", "lines", "logs", "notes", "odd`name%", "orders", "users", "versions"]
    assert db.views == ["adults", "broken"]
    assert db.schema.dialect == "mysql"
    assert db.schema.hidden_tables == ("numbers",)
    assert [(each.code, each.table) for each in db.schema.warnings] == [
        ("broken_view", "broken"),
        ("no_primary_key", "logs"),
    ]
    with pytest.raises(TableNotFound):
        db["numbers"]
    assert table(db, "adults").sql.startswith("select ")
    assert table(db, "users").comment == "the people"


def kinds(db: Database) -> None:
    assert {column.name: column.kind for column in table(db, "users").columns} == {
        "id": "integer",
        "email": "text",
        "name": "text",
        "age": "integer",
        "mood": "text",
        "flags": "text",
        "active": "boolean",
        "small": "integer",
        "made": "datetime",
        "at": "datetime",
        "data": "json",
        "one": "boolean",
        "many": "integer",
        "y": "integer",
        "big": "integer",
        "balance": "decimal",
        "wakes": "time",
        "born": "date",
        "uid": "uuid",
        "ip": "text",
        "place": "any",
        "raw": "blob",
        "photo": "blob",
        "notes": "text",
        "initial": "text",
        "upper_name": "text",
        "ratio": "real",
        "exact": "real",
        "secret": "integer",
        "nothing": "integer",
    }
    assert {column.name: column.kind for column in table(db, "adults").columns}["active"] == "boolean"


def columns(db: Database) -> None:
    users = table(db, "users")
    assert users.primary_key == ("id",)
    assert (users.column("id").declared_type, users.column("id").autoincrement) == ("int(10) unsigned", True)
    assert (users.column("email").nullable, users.column("name").nullable) == (False, True)
    assert users.column("name").comment == "the name"
    assert users.column("name").collation == "utf8mb4_general_ci"
    assert users.column("data").declared_type == "json"
    assert (users.column("initial").generated, users.column("upper_name").generated) == ("stored", "virtual")
    assert users.column("initial").expression == "substr(`email`,1,1)"
    assert users.column("made").on_update == "current_timestamp()"
    assert users.column("at").on_update is None
    assert table(db, "versions").primary_key == ("id",)
    assert table(db, "versions").column("since").generated == "stored"
    assert [column.autoincrement for column in table(db, "counters").columns] == [False, True]


def defaults(db: Database) -> None:
    assert {
        column.name: column.default for column in table(db, "users").columns if column.default is not None
    } == {
        "name": "'it''s \\ \"x\"'",
        "mood": "'sad'",
        "active": "1",
        "made": "current_timestamp()",
        "at": "current_timestamp(3)",
        "balance": "0.00",
        "born": "'2024-01-01'",
        "uid": "uuid()",
    }
    made = db.users.create(email="ann@x")
    assert (made.mood, made.active, made.balance) == ("sad", True, 0)
    assert (made.born.year, made.at.year >= 2024, made.uid is not None) == (2024, True, True)
    made.delete()


def checks(db: Database) -> None:
    assert [(check.name, check.expression, check.column) for check in table(db, "users").checks] == [
        ("age", "`age` >= 0", "age"),
        ("CONSTRAINT_1", "octet_length(`name`) < 21", None),
        ("named", "`name` in ('a','it''s','b\\c') or `email` like '%@%'", None),
    ]


def indexes_and_triggers(db: Database) -> None:
    users = table(db, "users")
    indexes = {index.name: index for index in users.indexes}
    assert sorted(indexes) == ["PRIMARY", "beginning", "email", "name", "start", "words"]
    assert [(part.column, part.expression, part.descending) for part in indexes["beginning"].parts] == [
        (None, "`notes`(10)", False),
        ("age", None, True),
    ]
    assert (indexes["words"].method, indexes["words"].columns) == ("fulltext", ("notes",))
    assert (indexes["start"].unique, indexes["start"].columns) == (True, None)
    assert {index.origin for index in users.indexes} == {"index", "unique", "primary_key"}
    assert users.unique_keys == {frozenset({"id"}), frozenset({"email"}), frozenset({"name", "age"})}
    assert [(each.name, each.timing, each.event, each.sql) for each in users.triggers] == [
        ("shout", "BEFORE", "INSERT", "SET NEW.name = upper(NEW.name)")
    ]


def foreign_keys(db: Database) -> None:
    [key] = table(db, "orders").foreign_keys
    assert (key.target, key.target_columns, key.on_delete) == ("users", ("id",), "CASCADE")
    [key] = table(db, "lines").foreign_keys
    assert (key.name, key.on_update) == ("of_order", "CASCADE")
    [key] = table(db, "notes").foreign_keys
    assert (key.columns, key.target, key.target_columns) == (("order_id", "n"), "lines", ("order_id", "n"))
    assert {(each.source, each.name, each.target) for each in db.schema.relations if each.forward} == {
        ("lines", "order", "orders"),
        ("notes", "line", "lines"),
        ("orders", "user", "users"),
    }


def odd_names(db: Database) -> None:
    odd = db["odd`name%"]
    odd.create(the_key=1, select="x", a_b="y")
    assert [row.the_key for row in odd.filter(select__contains="x", a_b="y").order_by("select")] == [1]
    assert odd.filter(pk=1).update(select="%s $1 :a") == 1
    assert odd.bulk_create([{"the_key": 2, "select": "z%%"}])[0].select == "z%%"
    assert odd.get(select="%s $1 :a").a_b == "y"


def what_can_only_be_read(db: Database) -> None:
    db.users.create(email="ann@x.org", age=40)
    assert (db.adults.get().email, db.adults.get().active) == ("ann@x.org", True)
    with pytest.raises(ReadOnly):
        db.adults.create(id=2, email="b@x.org")
    with pytest.raises(NotSupported):
        db.broken.count()
    db.execute("INSERT INTO logs VALUES (?, ?)", ["2024-05-05 10:00:00", "up"])
    assert db.logs.filter(at__year=2024).count() == 1
    with pytest.raises(ReadOnly):
        db.logs.all()[0].update(message="down")


def mysql(columns: list[tuple[Any, ...]], **more: Any) -> Catalog:
    """The catalogue of a MySQL server with one table; no server is asked."""
    found: dict[str, Any] = {
        "database": [(b"shop", "8.4.2", 0)],
        "relations": [("users", "BASE TABLE", ""), ("old", "VIEW", BROKEN)],
        "views": [("old", b"select 1")],
        "columns": [
            ("users", name, default, nullable, *rest, "", 1) for name, default, nullable, *rest in columns
        ],
        "keys": [],
        "checks": [],
        "indexes": [("users", "PRIMARY", 1, "id", 0, None, "BTREE", None)],
        "triggers": [],
        "search": [],
    }
    return Catalog({**found, **more})


BROKEN = (
    "View 'shop.old' references invalid table(s) or column(s) or function(s) or definer/invoker of view lack "
    "rights to use them"
)


def test_what_mysql_says_is_read_alike() -> None:
    catalog = mysql(
        [
            ("id", None, 0, "bigint", "bigint unsigned", None, "auto_increment", ""),
            ("name", 'it\'s \\ "x"', 1, "varchar", "varchar(20)", "utf8mb4_0900_ai_ci", "", ""),
            ("mood", b"sad", 1, b"enum", b"enum('sad','o''k')", "utf8mb4_0900_ai_ci", "", ""),
            ("n", "0", 0, "int", "int", None, "", ""),
            ("price", "0.00", 0, "decimal", "decimal(10,2)", None, "", ""),
            ("flag", "b'1'", 1, "bit", "bit(1)", None, "", ""),
            ("made", "CURRENT_TIMESTAMP", 0, "timestamp", "timestamp", None, ON_UPDATE, ""),
            ("born", "2024-01-01", 1, "date", "date", None, "", ""),
            ("code", "uuid()", 1, "char", "char(36)", "ascii_bin", "DEFAULT_GENERATED", ""),
            (
                "word",
                "_utf8mb4\\'a\\\\\\\\b\\'",
                1,
                "varchar",
                "varchar(9)",
                "ascii_bin",
                "DEFAULT_GENERATED",
                "",
            ),
            ("data", None, 1, "json", "json", None, "", ""),
            (
                "big",
                None,
                1,
                "text",
                "text",
                "utf8mb4_bin",
                "VIRTUAL GENERATED",
                "concat(`name`,_utf8mb4\\'!\\')",
            ),
            ("plain", None, 1, "tinyint", "tinyint(1)", None, "INVISIBLE", ""),
        ],
        checks=[
            ("users", "users_chk_1", "(`mood` in (_utf8mb4\\'sad\\',_utf8mb4\\'o\\\\\\'k\\'))"),
            ("users", "users_chk_2", "((length(`name`) > 2) and (char_length(`length(x)`) < 9))"),
        ],
        indexes=[
            ("users", "PRIMARY", 1, "id", 0, None, "BTREE", None),
            ("users", "lowered", 0, None, 1, None, "BTREE", "lower(`name`)"),
        ],
    )
    schema = schema_of(catalog)
    [users] = schema.tables
    assert [(each.name, each.default, each.kind) for each in users.columns] == [
        ("id", None, "integer"),
        ("name", "'it''s \\ \"x\"'", "text"),
        ("mood", "'sad'", "text"),
        ("n", "0", "integer"),
        ("price", "0.00", "decimal"),
        ("flag", "b'1'", "boolean"),
        ("made", "CURRENT_TIMESTAMP", "datetime"),
        ("born", "'2024-01-01'", "date"),
        ("code", "uuid()", "text"),
        ("word", "'a\\b'", "text"),
        ("data", None, "json"),
        ("big", None, "text"),
        ("plain", None, "boolean"),
    ]
    assert users.columns[0].autoincrement
    assert users.columns[6].on_update == "CURRENT_TIMESTAMP"
    assert (users.columns[11].generated, users.columns[11].expression) == ("virtual", "concat(`name`,'!')")
    assert [check.expression for check in users.checks] == [
        "(`mood` in ('sad','o''k'))",
        "((octet_length(`name`) > 2) and (char_length(`length(x)`) < 9))",
    ]
    [part] = users.indexes[1].parts
    assert (part.column, part.expression, part.descending) == (None, "lower(`name`)", True)
    assert [(each.code, each.table) for each in schema.warnings] == [("broken_view", "old")]
    assert not schema.views[0].readable


ON_UPDATE = "DEFAULT_GENERATED on update CURRENT_TIMESTAMP"


def test_a_fixed_number_of_queries(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE one (id int PRIMARY KEY)")
    with db.capture() as statements:
        db.refresh()
    few = len(statements)
    db.execute("CREATE TABLE two (id int PRIMARY KEY, one_id int REFERENCES one(id), KEY (one_id))")
    db.execute("CREATE VIEW three AS SELECT id FROM two")
    with db.capture() as statements:
        db.refresh()
    assert db.views == ["three"]
    assert (few, len(statements)) == (9, 9)


def test_a_foreign_key_that_leads_to_another_database(opened: Callable[..., Database], url: str) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    db = opened(f"CREATE DATABASE {name}_2")
    try:
        db.execute(f"CREATE TABLE {name}_2.far (id int PRIMARY KEY)")
        db.execute(
            f"CREATE TABLE near (id int PRIMARY KEY, far_id int, FOREIGN KEY (far_id) REFERENCES {name}_2.far(id))"
        )
        db.refresh()
        [warning] = db.schema.warnings
        assert (warning.code, warning.table) == ("dangling_foreign_key", "near")
        assert "which is not read" in warning.message
        assert db.tables == ["near"]
    finally:
        db.execute("DROP TABLE near")
        db.execute(f"DROP DATABASE {name}_2")


def test_a_table_that_may_not_be_read(opened: Callable[..., Database], url: str) -> None:
    user = f"{url.partition('?')[0].rpartition('/')[2]}_u"
    owner = opened("""
        CREATE TABLE open_one (id int PRIMARY KEY); CREATE TABLE closed_one (id int PRIMARY KEY);
        CREATE TABLE hidden_one (id int PRIMARY KEY);
    """)
    owner.execute(f"CREATE USER {user}")
    try:
        owner.execute(f"GRANT SELECT ON open_one TO {user}")
        owner.execute(f"GRANT INSERT ON closed_one TO {user}")
        with connect(url.replace("//root@", f"//{user}@")) as db:
            assert db.tables == ["closed_one", "open_one"]
            assert db.open_one.count() == 0
            assert [each.code for each in db.schema.warnings][-1] == "no_permission"
            with pytest.raises(NotSupported, match="may not read it"):
                db.closed_one.count()
    finally:
        owner.execute(f"DROP USER {user}")


def test_chinook_of_its_own_script(url: str, shared: Path, copied: Any) -> None:
    run_client_script(url, shared / "data" / "chinook_mysql_autoincrementpks.sql")
    with connect(url) as db, connect(copied("chinook"), readonly=True) as other:
        assert described(db) == described(other)
        assert not db.schema.warnings
        assert [table.primary_key for table in db.schema.tables] == [
            table.primary_key for table in other.schema.tables
        ]
        assert db.track.count() == other.track.count()
        names = [
            list(
                each.track.filter(album__artist__name="AC/DC").order_by("name").values_list("name", flat=True)
            )
            for each in (db, other)
        ]
        assert names[0] == names[1]
        made = db.artist.create(name="New")
        assert made.artist_id == db.artist.count()


def test_sakila_of_its_own_script(url: str, shared: Path, copied: Any) -> None:
    run_client_script(url, shared / "data" / "sakila_mysql_schema.sql", database="sakila")
    with connect(url) as db, connect(copied("sakila"), readonly=True) as other:
        assert db.schema.warnings == other.schema.warnings
        assert set(other.views) <= set(db.views)
        ours, theirs = described(db), described(other)
        # A store has a manager of its own here, by a unique key that SQLite's port leaves out.
        managed = {
            "store": ("manager_staff", "one_to_one"),
            "staff": ("store_as_manager_staff", "one_to_one"),
        }
        for name, relation in managed.items():
            assert relation in ours[name][2]
            assert ours[name][:2] == theirs[name][:2]
            assert [each for each, _ in ours.pop(name)[2]] == [each for each, _ in theirs.pop(name)[2]]
        assert ours == theirs
        language = db.language.create(name="English")
        film = db.film.create(title="A", language=language)
        assert (film.rental_duration, film.rating, film.last_update is not None) == (3, "G", True)
        assert db.film_text.get().title == "A"


def described(db: Database) -> dict[str, tuple[Any, ...]]:
    """Models, fields and relations of each table, by its manager."""
    return {
        table.manager: (
            table.model,
            tuple(column.field for column in table.columns),
            tuple(sorted((each.name, each.kind) for each in db.schema.relations_of(table.name).values())),
        )
        for table in db.schema.tables
    }
