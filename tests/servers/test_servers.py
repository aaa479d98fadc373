"""The servers that other tests restart do what is said of them."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.servers import mariadb
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
