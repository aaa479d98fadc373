"""noormme: the awaited form of each method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.concurrent.base import Asynchronous
from benchmarks.data import PRAGMAS
from noormme import connect

__all__ = ["CONTENDER"]


class Noormme(Asynchronous):
    """Twins of the methods."""

    async def open(self, database: Path) -> None:
        self.db = connect(str(database), mmap_size_bytes=int(PRAGMAS["mmap_size"]))

    async def get(self, key: int) -> Any:
        return await self.db.users.aget(id=key)

    async def insert(self, name: str) -> Any:
        return await self.db.tags.acreate(name=name)

    async def scan(self) -> int:
        return await self.db.posts.filter(body__contains="zyzzyva").acount()

    async def run(self, sql: str) -> int:
        [[number]] = await self.db.aexecute(sql)
        return number

    async def close(self) -> None:
        await self.db.aclose()


CONTENDER = Noormme
