"""Tortoise: its one aiosqlite connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tortoise import Tortoise, connections

from benchmarks.concurrent.base import Asynchronous
from benchmarks.contenders.tortoise_contender import Post, Tag, TortoiseOrm, User

__all__ = ["CONTENDER"]


class TortoiseAsync(Asynchronous):
    """Awaited query sets."""

    async def open(self, database: Path) -> None:
        await TortoiseOrm().open(database)

    async def get(self, key: int) -> Any:
        return await User.get(id=key)

    async def insert(self, name: str) -> Any:
        return await Tag.create(name=name)

    async def scan(self) -> int:
        return await Post.filter(body__contains="zyzzyva").count()

    async def run(self, sql: str) -> int:
        _, [row] = await connections.get("default").execute_query(sql)
        return row[0]

    async def close(self) -> None:
        await Tortoise.close_connections()


CONTENDER = TortoiseAsync
