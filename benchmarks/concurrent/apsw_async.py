"""The floor: APSW by hand, short statements on the loop's thread, others in a worker's.

Which are short its author knows beforehand.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import apsw

from benchmarks.concurrent.base import Asynchronous
from benchmarks.contenders.apsw_contender import User, moment
from benchmarks.contenders.sql import USER_BY_KEY
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]


class Apsw(Asynchronous):
    """A connection for each thread."""

    async def open(self, database: Path) -> None:
        self._database = database
        self._threads = threading.local()
        self._execute = self._connected().execute

    def _connected(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._database))
        for name, value in PRAGMAS.items():
            connection.execute(f"pragma {name} = {value}").fetchall()
        return connection

    async def get(self, key: int) -> User:
        key, email, name, age, score, active, created = self._execute(USER_BY_KEY, (key,)).get
        return User(key, email, name, age, score, active != 0, moment(created))

    async def insert(self, name: str) -> None:
        self._execute("insert into tags (name) values (?)", (name,))

    async def scan(self) -> int:
        return await self.run("select count(*) from posts where instr(body, 'zyzzyva')")

    async def run(self, sql: str) -> int:
        return await asyncio.to_thread(self._run, sql)

    def _run(self, sql: str) -> Any:
        if not hasattr(self._threads, "connection"):
            self._threads.connection = self._connected()
        return self._threads.connection.execute(sql).get


CONTENDER = Apsw
