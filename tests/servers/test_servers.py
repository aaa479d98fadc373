"""The servers that other tests restart do what is said of them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from time import time
from typing import Any

import pytest

from tests.servers import mariadb
from tests.servers.names import new_name
from tests.servers.programs import folder, run, spawn


@pytest.mark.skipif(find_spec("psycopg") is None, reason="psycopg is not installed")
def test_postgresql_comes_back() -> None:
    from tests.servers import postgresql

    with postgresql.new_server() as server:
        if server is None:
            pytest.skip(postgresql.NO_PROGRAMS)
        server.execute("CREATE TABLE kept AS SELECT 1 AS n")
        server.kill()
        server.start()
        server.restart()
        assert server.execute("SELECT n FROM kept") == [(1,)]
        home = server.home
    assert not home.exists()


def test_mariadb_comes_back() -> None:
    with mariadb.new_server() as server:
        if server is None:
            pytest.skip(mariadb.NO_PROGRAMS)
        server.execute("CREATE TABLE kept AS SELECT 1 AS n", "test")
        server.kill()
        server.start()
        server.restart()
        assert server.execute("SELECT n FROM kept", "test").split() == ["1"]


def test_what_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no-such-option"):
        run(["ls", "--no-such-option"])
    with folder() as home:
        process = spawn(["sh", "-c", "echo said"], home / "log")
        assert process.wait(10) == 0
        assert (home / "log").read_text() == "said\n"


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_databases_of_killed_tests_are_dropped_a_day_later(engine: str) -> None:
    if find_spec({"postgresql": "psycopg", "mysql": "pymysql"}[engine]) is None:
        pytest.skip("no driver")
    server: Any = import_module(f"tests.{engine}.server")
    with server.running() as url:
        if url is None:
            pytest.skip(server.NO_SERVER)
        old, new = new_name(time() - 100_000), new_name()
        for name in (old, new):
            _said(engine, url, f"CREATE DATABASE {name}")
        try:
            server.drop_left_behind(url)
            listed = _said(engine, url, _LISTED[engine])
            assert (old in listed, new in listed) == (False, True)
        finally:
            _said(engine, url, f"DROP DATABASE {new}")


_LISTED = {
    "postgresql": "SELECT datname FROM pg_database",
    "mysql": "SELECT schema_name FROM information_schema.schemata",
}


def _said(engine: str, url: str, sql: str) -> list[str]:
    if engine == "mysql":
        from tests.mysql.server import raw_connection

        with raw_connection(url) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [row[0] for row in cursor.fetchall()]
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        return [row[0] for row in cursor.fetchall()] if cursor.description else []
