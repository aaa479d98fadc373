"""SQLAlchemy Core: statements from tables, rows as its named tuples with types converted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    tuple_,
    update,
)

from benchmarks.contenders.base import Contender
from benchmarks.data import PRAGMAS

__all__ = ["CONTENDER", "connect"]

metadata = MetaData()
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("age", Integer, nullable=False),
    Column("score", Float),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("views", Integer, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("likes", Integer, nullable=False),
    Column("created_at", DateTime, nullable=False),
)
tags = Table("tags", metadata, Column("id", Integer, primary_key=True), Column("name", Text, nullable=False))
post_tags = Table(
    "post_tags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id"), nullable=False),
    Column("tag_id", ForeignKey("tags.id"), nullable=False),
)
events = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("happened", DateTime, nullable=False),
    Column("note", Text, nullable=False),
)


def connect(database: Path) -> Any:
    """An engine on the database whose connections have the pragmas that every contender sets."""
    engine = create_engine(f"sqlite:///{database}")

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        for name, value in PRAGMAS.items():
            connection.execute(f"pragma {name} = {value}")

    return engine


class SqlalchemyCore(Contender):
    """One connection kept open; relations are pairs of a row and a list."""

    def open(self, database: Path) -> None:
        self._connection = connect(database).connect()
        self._execute = self._connection.execute
        self._commit = self._connection.commit

    def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        self._execute_deep = connect(database).connect().execute
        columns = select(events.c.happened, events.c.id).order_by(events.c.happened, events.c.id)
        return tuple(self._execute_deep(columns.offset(depth - 1).limit(1)).one())

    def get_by_key(self, key: int) -> Row[Any]:
        return self._execute(select(users).where(users.c.id == key)).one()

    def get_by_unique(self, email: str) -> Row[Any]:
        return self._execute(select(users).where(users.c.email == email)).one()

    def page_of_20(self, age: int) -> Sequence[Row[Any]]:
        page = select(users).where(users.c.age == age).order_by(users.c.created_at.desc()).limit(20)
        return self._execute(page).all()

    def filter_1000(self, first: int) -> Sequence[Row[Any]]:
        return self._execute(select(users).where(users.c.id >= first, users.c.id < first + 1_000)).all()

    def touch_1000(self, first: int) -> Sequence[Row[Any]]:
        found = self.filter_1000(first)
        self.touch(found)
        return found

    def all_users(self, _: None) -> Sequence[Row[Any]]:
        return self._execute(select(users)).all()

    def values_1000(self, first: int) -> Sequence[Row[Any]]:
        columns = select(users.c.id, users.c.email, users.c.name, users.c.age)
        return self._execute(columns.where(users.c.id >= first, users.c.id < first + 1_000)).all()

    def values_10000(self, _: None) -> Sequence[Row[Any]]:
        return self._execute(select(users.c.id, users.c.email, users.c.name, users.c.age)).all()

    def count(self, age: int) -> int:
        return self._execute(select(func.count()).select_from(users).where(users.c.age == age)).scalar_one()

    def grouped(self, first: int) -> Sequence[Row[Any]]:
        return self._execute(
            select(posts.c.user_id, func.count(posts.c.id), func.sum(posts.c.views))
            .where(posts.c.user_id >= first, posts.c.user_id < first + 1_000)
            .group_by(posts.c.user_id)
            .order_by(posts.c.user_id)
        ).all()

    def annotated(self, _: None) -> Sequence[Row[Any]]:
        number = select(func.count(posts.c.id)).where(posts.c.user_id == users.c.id).scalar_subquery()
        return self._execute(select(users.c.id, number.label("n")).order_by(users.c.id)).all()

    def join_1000(self, first: int) -> Sequence[Row[Any]]:
        return self._execute(
            select(posts, users)
            .join(users, users.c.id == posts.c.user_id)
            .where(posts.c.id >= first, posts.c.id < first + 1_000)
        ).all()

    def tree_100(self, first: int) -> list[tuple[Row[Any], list[Any]]]:
        found = self._execute(select(users).where(users.c.id >= first, users.c.id < first + 100))
        parents = [(row, []) for row in found]
        posts_of = {row.id: children for row, children in parents}
        comments_of: dict[int, list[Row[Any]]] = {}
        for row in self._execute(select(posts).where(posts.c.user_id.in_(posts_of))):
            comments_of[row.id] = children = []
            posts_of[row.user_id].append((row, children))
        for row in self._execute(select(comments).where(comments.c.post_id.in_(comments_of))):
            comments_of[row.post_id].append(row)
        return parents

    def tagged_200(self, first: int) -> list[tuple[Row[Any], list[Row[Any]]]]:
        found = self._execute(select(posts).where(posts.c.id >= first, posts.c.id < first + 200))
        pairs = [(row, []) for row in found]
        tags_of = {row.id: children for row, children in pairs}
        links = select(tags.c.id, tags.c.name, post_tags.c.post_id)
        joined = links.join(post_tags, post_tags.c.tag_id == tags.c.id)
        for row in self._execute(joined.where(post_tags.c.post_id.in_(tags_of))):
            tags_of[row.post_id].append(row)
        return pairs

    def stream(self, _: None) -> Iterator[Row[Any]]:
        return self._execute(select(posts).execution_options(yield_per=1_000))

    def keyset(self, place: tuple[datetime, int]) -> Sequence[Row[Any]]:
        behind = select(events).where(tuple_(events.c.happened, events.c.id) > place)
        return self._execute_deep(behind.order_by(events.c.happened, events.c.id).limit(20)).all()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._connection.begin():
            yield

    def create(self, row: dict[str, Any]) -> int:
        key = self.create_in_transaction(row)
        self._commit()
        return key

    def create_in_transaction(self, row: dict[str, Any]) -> int:
        return self._execute(insert(users).values(**row)).inserted_primary_key[0]

    def bulk_create_10000(self, rows: list[dict[str, Any]]) -> list[int]:
        made = insert(users).returning(users.c.id, sort_by_parameter_order=True)
        keys = self._execute(made, rows).scalars().all()
        self._commit()
        return list(keys)

    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        user = self.get_by_key(key)
        self._execute(update(users).where(users.c.id == user.id).values(name=name))
        self._commit()

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        count = self._execute(update(users).where(users.c.age == age).values(score=score)).rowcount
        self._commit()
        return count

    def delete(self, key: int) -> int:
        count = self._execute(delete(users).where(users.c.id == key)).rowcount
        self._commit()
        return count

    def get_or_create(self, row: dict[str, Any]) -> Row[Any]:
        found = self._execute(select(users).where(users.c.email == row["email"])).one_or_none()
        if found is None:
            found = self._execute(insert(users).values(**row).returning(users)).one()
            self._commit()
        return found

    def key(self, result: Any) -> int:
        return result

    def keys(self, result: Any) -> list[int]:
        return result

    def discovery(self, database: Path) -> MetaData:
        found = MetaData()
        engine = create_engine(f"sqlite:///{database}")
        found.reflect(engine)
        engine.dispose()
        return found

    def author(self, post: Any) -> tuple[Any, Any]:
        return _Slice(post[:7], posts), _Slice(post[7:], users)

    def children(self, row: Any, relation: str) -> tuple[Any, Iterable[Any]]:
        return row

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        return [(table.name, table.columns.keys()) for table in result.tables.values()]


class _Slice:
    """The part of a joined row that is one table's."""

    def __init__(self, values: Sequence[Any], table: Table) -> None:
        self.__dict__.update(zip(table.columns.keys(), values, strict=True))


CONTENDER = SqlalchemyCore
