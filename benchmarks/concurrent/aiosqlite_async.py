"""aiosqlite by hand: constant SQL, bare tuples, one connection, whose thread runs everything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import aiosqlite

from benchmarks.concurrent.base import Asynchronous
from benchmarks.contenders.sql import USER_BY_KEY
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]


class Aiosqlite(Asynchronous):
    """Awaited statements."""

    async def open(self, database: Path) -> None:
        self._connection = await aiosqlite.connect(database, isolation_level=None)
        for name, value in PRAGMAS.items():
            await self._connection.execute(f"pragma {name} = {value}")

    async def get(self, key: int) -> Any:
        [row] = await self._connection.execute_fetchall(USER_BY_KEY, (key,))
        return row

    async def insert(self, name: str) -> None:
        await self._connection.execute("insert into tags (name) values (?)", (name,))

    async def scan(self) -> int:
        return await self.run("select count(*) from posts where instr(body, 'zyzzyva')")

    async def run(self, sql: str) -> int:
        [[number]] = await self._connection.execute_fetchall(sql)
        return number

    async def close(self) -> None:
        await self._connection.close()

    def user(self, row: Any) -> list[object]:
        key, email, _, age, _, active, created = row
        return [key, email, age, bool(active), datetime.fromisoformat(created).isoformat()]


CONTENDER = Aiosqlite
