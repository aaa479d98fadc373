"""Ctrl-C at any place: what is set on a connection for one statement does not stay for the next."""

from __future__ import annotations

from collections.abc import Callable

from noormme import Database
from noormme.engines.server.mysql.link import MySQLLink
from tests.servers.interrupting import interrupted_at

ASKED = "SELECT @@max_statement_time"


def test_a_time_limit_ends_with_its_statement(opened: Callable[..., Database]) -> None:
    db = opened()
    assert db.execute(ASKED, timeout_s=5)[0][0] > 0
    assert db.execute(ASKED)[0][0] == 0
    line = 1
    while interrupted_at(line, MySQLLink._limit.__code__, lambda: db.execute(ASKED, timeout_s=5)):
        assert db.execute(ASKED)[0][0] == 0, f"after an interrupt at line {line}"
        line += 1
    assert line > 5
