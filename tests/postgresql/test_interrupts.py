"""Ctrl-C at any place: what is set on a connection for one statement does not stay for the next."""

from __future__ import annotations

from collections.abc import Callable

from noormme import Database
from noormme.engines.server.postgresql.link import PostgreSQLLink
from tests.servers.interrupting import interrupted_at

ASKED = "SELECT current_setting('statement_timeout'), current_setting('noormme.actor', true)"


def test_a_time_limit_and_an_actor_end_with_their_statement(opened: Callable[..., Database]) -> None:
    db = opened()

    def limited() -> None:
        with db.audit.actor("ann"):
            assert db.execute(ASKED, timeout_s=500)[0][1] == "ann"

    limited()
    line = 1
    while interrupted_at(line, PostgreSQLLink._prepare.__code__, limited):
        assert db.execute(ASKED) == [("0", "")], f"after an interrupt at line {line}"
        line += 1
    assert line > 8
