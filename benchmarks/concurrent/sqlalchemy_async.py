"""SQLAlchemy's asyncio extension over aiosqlite: a session for each question, from its pool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.concurrent.base import Asynchronous
from benchmarks.contenders.sqlalchemy_orm_contender import Post, Tag, User
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER"]


class SQLAlchemy(Asynchronous):
    """Sessions, which must not be shared by tasks."""

    async def open(self, database: Path) -> None:
        self._engine = create_async_engine(f"sqlite+aiosqlite:///{database}", pool_size=5, max_overflow=0)

        @event.listens_for(self._engine.sync_engine, "connect")
        def prepare(connection: Any, record: object) -> None:
            for name, value in PRAGMAS.items():
                connection.execute(f"pragma {name} = {value}")

        self._session = async_sessionmaker(self._engine, expire_on_commit=False)

    async def get(self, key: int) -> Any:
        async with self._session() as session:
            return await session.get_one(User, key)

    async def insert(self, name: str) -> Any:
        async with self._session.begin() as session:
            tag = Tag(name=name)
            session.add(tag)
        return tag

    async def scan(self) -> int:
        async with self._session() as session:
            return await session.scalar(
                select(func.count()).select_from(Post).where(func.instr(Post.body, "zyzzyva"))
            )

    async def run(self, sql: str) -> int:
        async with self._session() as session:
            return await session.scalar(text(sql))

    async def close(self) -> None:
        await self._engine.dispose()


CONTENDER = SQLAlchemy
