"""Copies to MySQL or MariaDB and back; skipped where there is no such server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from noormme import CheckViolation, InvalidValue, UniqueViolation, connect
from noormme.copying import copy
from tests.copying.contents import hashes
from tests.copying.test_interruption import killed_five_times
from tests.copying.test_keys import CIRCLE

pytestmark = pytest.mark.skipif(find_spec("pymysql") is None, reason="PyMySQL is not installed")


@pytest.fixture(scope="module")
def mysql_server() -> Iterator[str]:
    """The URL of a server."""
    from tests.mysql.server import NO_SERVER, running

    with running() as found:
        if found is None:
            pytest.skip(NO_SERVER)
        yield found


@pytest.fixture
def mysql(mysql_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    from tests.mysql.server import new_database

    with new_database(mysql_server) as made:
        yield made


@pytest.mark.parametrize("name", ["drizzle", "sakila"])
def test_from_engine_to_engine(
    name: str, thinned: Callable[[str], Path], url: str, mysql: str, tmp_path: Path
) -> None:
    source, back = thinned(name), tmp_path / "back.db"
    assert copy(source, url).verified
    assert copy(url, mysql).verified
    assert copy(mysql, back).verified
    assert hashes(back) == hashes(source)


def test_killed_five_times(copied: Callable[[str], Path], mysql: str) -> None:
    killed_five_times(copied("chinook"), mysql)


def test_keys_numbers_and_replacing(made: Callable[..., Path], mysql: str, tmp_path: Path) -> None:
    source = made(CIRCLE)
    for replace in (False, True):
        report = copy(source, mysql, replace=replace)
        assert report.verified
        assert report.differences == ()
    with connect(mysql) as db:
        keys = {key.columns: (key.target, key.on_delete) for key in db.schema.table("people").foreign_keys}
        assert keys.keys() == {("team_id",), ("boss_id",)}
        assert keys["team_id",] == ("teams", "CASCADE")
        assert db.people.create(name="Di", team_id=1).id == 4
    back = tmp_path / "back.db"
    assert copy(mysql, back).verified
    with connect(back) as db:
        assert db.people.create(name="Ed", team_id=1).id == 5


def test_what_it_cannot_hold(made: Callable[..., Path], mysql: str, tmp_path: Path) -> None:
    source = made(
        """
        CREATE TABLE t (
            code TEXT PRIMARY KEY, n REAL, long TEXT, at TIMESTAMPTZ, share NUMERIC DEFAULT 0.25,
            flag BOOLEAN NOT NULL DEFAULT 1, made DATETIME DEFAULT CURRENT_TIMESTAMP, per_cent TEXT DEFAULT '100 %'
        );
        INSERT INTO t VALUES
            ('A', 1.5, 'x', '2024-01-01 12:00:00+02:00', 0.1, 1, '2024-01-01 00:00:00.123456', '5 %'),
            ('a', 2, NULL, NULL, 12.345, 0, NULL, 'ü🔥'), ('a ', NULL, '', NULL, NULL, 1, NULL, '');
        CREATE INDEX some ON t (n) WHERE n > 0;
        """
    )
    report = copy(source, mysql)
    assert report.verified
    said = [str(each) for each in report.differences]
    assert "t.code: it is declared TEXT; in a key it has 36 characters at most" in said
    assert "t.at: it is declared TIMESTAMPTZ; its moments are those of UTC, without an offset" in said
    assert "t: index some: an index of some rows (WHERE n > 0); it indexes all rows" in said
    with connect(mysql, readonly=True) as db:
        # Keys that differ in case, or by a space at the end, are not alike.
        assert db.t.count() == 3
        assert str(db.t.get(code="A").at) == "2024-01-01 10:00:00"
        assert db.schema.table("t").column("per_cent").default == "'100 %'"
    assert copy(mysql, tmp_path / "back.db").verified
    assert hashes(tmp_path / "back.db") == hashes(source)
    infinite = made(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n REAL); INSERT INTO t VALUES (4, 9e999)", "two.db"
    )
    with pytest.raises(InvalidValue, match=r"t\.n \(real\) has 1 value that is none, .* key 4"):
        copy(infinite, mysql, replace=True)


def test_its_own_types_elsewhere(mysql: str, url: str, tmp_path: Path) -> None:
    with connect(mysql) as db:
        db.execute(
            "CREATE TABLE own (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, kind ENUM('a', 'it''s') NOT NULL DEFAULT 'a',"
            " marks SET('x', 'y'), big BIGINT UNSIGNED, year YEAR, tiny TINYINT UNSIGNED, bits BIT(1),"
            " stamp TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),"
            " parent_id INT UNSIGNED REFERENCES own (id), doc JSON, name VARCHAR(20) COMMENT 'a name', hash BINARY(4))"
        )
        db.execute(
            "INSERT INTO own VALUES (7, 'it''s', 'x,y', 18446744073709551615, 2024, 255, 1,"
            " '2024-01-01 10:00:00.123', NULL, '{\"a\": [1.0, null]}', 'ü', 'abcd'),"
            " (8, 'a', NULL, NULL, NULL, NULL, 0, NULL, 7, 'null', NULL, NULL)"
        )
    for target in (url, str(tmp_path / "target.db")):
        report = copy(mysql, target)
        assert report.verified
        with connect(target, readonly=True) as db:
            own = db.own.get(id=7)
            assert (own.kind, own.marks, int(own.big), own.year, own.tiny) == (
                "it's",
                "x,y",
                2**64 - 1,
                2024,
                255,
            )
            assert own.bits is True
            assert own.hash == b"abcd"
            [check] = [each for each in db.schema.table("own").checks if "kind" in each.expression]
            assert "it''s" in check.expression


def test_whole_numbers_without_a_sign_whatever_was_looked_at(mysql: str, url: str, tmp_path: Path) -> None:
    with connect(mysql) as db:
        db.execute("CREATE TABLE t (id INT PRIMARY KEY, large BIGINT UNSIGNED, small BIGINT UNSIGNED)")
        db.execute("INSERT INTO t VALUES (1, 18446744073709551615, 5), (2, NULL, NULL)")
    for target in (url, str(tmp_path / "target.db")):
        report = copy(mysql, target, on_bad_value="text")
        assert report.verified
        with connect(target, readonly=True) as db:
            row = db.t.get(id=1)
            assert (row.large, row.small) == (2**64 - 1, 5)
            assert type(row.small) is int


def test_times_with_an_offset_keep_it(
    made: Callable[..., Path], mysql: str, url: str, tmp_path: Path
) -> None:
    source = made(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TIME);"
        "INSERT INTO t VALUES (1, '10:00:00+02:00'), (2, '23:59:59.5-11:30'), (3, NULL)"
    )
    assert copy(source, url).verified
    with connect(url, readonly=True) as db:
        assert db.schema.table("t").column("at").declared_type == "time with time zone"
    report = copy(url, mysql)
    assert report.verified
    assert [str(each) for each in report.differences] == [
        "t.at: it is declared time with time zone; a time with an offset becomes text"
    ]
    assert copy(source, tmp_path / "same.db").verified
    assert hashes(mysql) == hashes(source)
    with connect(mysql, readonly=True) as db:
        assert db.t.get(id=2).at == "23:59:59.500000-11:30"


def test_unique_texts_without_case(made: Callable[..., Path], mysql: str) -> None:
    source = made(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20) COLLATE NOCASE UNIQUE);"
        "INSERT INTO t VALUES (1, 'Muller'), (2, 'Müller'), (3, 'muller '), (4, 'a')"
    )
    assert copy(source, mysql).verified
    with connect(mysql) as db:
        assert db.t.get(name="MULLER").id == 1
        with pytest.raises(UniqueViolation):
            db.t.create(name="A")


def test_collations_in_which_case_does_not_matter(mysql: str, tmp_path: Path) -> None:
    with connect(mysql) as db:
        for name in ("one", "two"):
            db.execute(
                f"CREATE TABLE {name} (id int PRIMARY KEY, a varchar(9) COLLATE utf8mb4_general_ci,"
                " b text COLLATE utf8mb4_bin, c enum('x', 'y') COLLATE utf8mb4_general_ci)"
            )
    report = copy(mysql, tmp_path / "target.db")
    assert report.verified
    assert [str(each) for each in report.differences if "collation" in each.what] == [
        "one.a and 3 other columns: the collation utf8mb4_general_ci, in which case does not matter; "
        "text compares as the database does by itself"
    ]
    with connect(tmp_path / "target.db") as db, pytest.raises(CheckViolation):
        db.execute("INSERT INTO one (id, c) VALUES (1, 'z')")
