"""SQLAlchemy's ORM: mapped classes, one session kept open and emptied after each operation.

Emptying the session is what makes the next read go to the database; a session made anew for each
operation, which the documentation shows, measured slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Table,
    create_engine,
    delete,
    func,
    inspect,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from benchmarks.contenders.base import Contender
from benchmarks.contenders.sqlalchemy_core_contender import connect

__all__ = ["CONTENDER"]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    age: Mapped[int]
    score: Mapped[float | None]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    posts: Mapped[list[Post]] = relationship(back_populates="user")


post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    body: Mapped[str]
    views: Mapped[int]
    published: Mapped[bool]
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship(back_populates="posts")
    comments: Mapped[list[Comment]] = relationship(back_populates="post")
    tags: Mapped[list[Tag]] = relationship(secondary=post_tags)


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str]
    likes: Mapped[int]
    created_at: Mapped[datetime]
    post: Mapped[Post] = relationship(back_populates="comments")


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Event(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[int]
    happened: Mapped[datetime]
    note: Mapped[str]


def emptied(method: Any) -> Any:
    """An operation after which the session has forgotten what it loaded."""

    @wraps(method)
    def operation(self: SqlalchemyOrm, argument: Any) -> Any:
        result = method(self, argument)
        self.session.expunge_all()
        return result

    return operation


class SqlalchemyOrm(Contender):
    """One session on one connection."""

    def open(self, database: Path) -> None:
        self.session = Session(connect(database).connect())

    def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        self.deep = Session(connect(database).connect())
        columns = select(Event.happened, Event.id).order_by(Event.happened, Event.id)
        return tuple(self.deep.execute(columns.offset(depth - 1).limit(1)).one())

    @emptied
    def get_by_key(self, key: int) -> User:
        return self.session.get_one(User, key)

    @emptied
    def get_by_unique(self, email: str) -> User:
        return self.session.scalars(select(User).where(User.email == email)).one()

    @emptied
    def page_of_20(self, age: int) -> Sequence[User]:
        page = select(User).where(User.age == age).order_by(User.created_at.desc()).limit(20)
        return self.session.scalars(page).all()

    @emptied
    def filter_1000(self, first: int) -> Sequence[User]:
        return self.session.scalars(select(User).where(User.id >= first, User.id < first + 1_000)).all()

    def touch_1000(self, first: int) -> Sequence[User]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    @emptied
    def all_users(self, _: None) -> Sequence[User]:
        return self.session.scalars(select(User)).all()

    def values_1000(self, first: int) -> Sequence[Any]:
        columns = select(User.id, User.email, User.name, User.age)
        return self.session.execute(columns.where(User.id >= first, User.id < first + 1_000)).all()

    def values_10000(self, _: None) -> Sequence[Any]:
        return self.session.execute(select(User.id, User.email, User.name, User.age)).all()

    def count(self, age: int) -> int:
        return self.session.scalar(select(func.count()).select_from(User).where(User.age == age))

    def grouped(self, first: int) -> Sequence[Any]:
        return self.session.execute(
            select(Post.user_id, func.count(Post.id), func.sum(Post.views))
            .where(Post.user_id >= first, Post.user_id < first + 1_000)
            .group_by(Post.user_id)
            .order_by(Post.user_id)
        ).all()

    def annotated(self, _: None) -> Sequence[Any]:
        number = select(func.count(Post.id)).where(Post.user_id == User.id).scalar_subquery()
        return self.session.execute(select(User.id, number.label("n")).order_by(User.id)).all()

    @emptied
    def join_1000(self, first: int) -> Sequence[Post]:
        posts = select(Post).where(Post.id >= first, Post.id < first + 1_000)
        return self.session.scalars(posts.options(joinedload(Post.user, innerjoin=True))).all()

    @emptied
    def tree_100(self, first: int) -> Sequence[User]:
        users = select(User).where(User.id >= first, User.id < first + 100)
        children = selectinload(User.posts).selectinload(Post.comments)
        return self.session.scalars(users.options(children)).all()

    @emptied
    def tagged_200(self, first: int) -> Sequence[Post]:
        posts = select(Post).where(Post.id >= first, Post.id < first + 200)
        return self.session.scalars(posts.options(selectinload(Post.tags))).all()

    def stream(self, _: None) -> Iterator[Post]:
        yield from self.session.scalars(select(Post).execution_options(yield_per=1_000))
        self.session.expunge_all()

    def keyset(self, place: tuple[datetime, int]) -> Sequence[Event]:
        behind = select(Event).where(tuple_(Event.happened, Event.id) > place)
        events = self.deep.scalars(behind.order_by(Event.happened, Event.id).limit(20)).all()
        self.deep.expunge_all()
        return events

    def given(self, operation: str, value: Any) -> Any:
        return [User(**row) for row in value] if operation == "bulk_create_10000" else value

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield
        self.session.commit()
        self.session.expunge_all()

    def create(self, row: dict[str, Any]) -> int:
        user = User(**row)
        self.session.add(user)
        self.session.commit()
        # Before the session forgets it, for a commit makes it forget what it holds.
        key = inspect(user).identity[0]
        self.session.expunge_all()
        return key

    def create_in_transaction(self, row: dict[str, Any]) -> int:
        user = User(**row)
        self.session.add(user)
        self.session.flush()
        return user.id

    def bulk_create_10000(self, users: list[User]) -> list[int]:
        self.session.add_all(users)
        self.session.flush()
        keys = [user.id for user in users]
        self.session.commit()
        self.session.expunge_all()
        return keys

    @emptied
    def save(self, change: tuple[int, str]) -> None:
        key, name = change
        self.session.get_one(User, key).name = name
        self.session.commit()

    def update_filter(self, change: tuple[int, float]) -> int:
        age, score = change
        count = self.session.execute(update(User).where(User.age == age).values(score=score)).rowcount
        self.session.commit()
        return count

    def delete(self, key: int) -> int:
        count = self.session.execute(delete(User).where(User.id == key)).rowcount
        self.session.commit()
        return count

    @emptied
    def get_or_create(self, row: dict[str, Any]) -> User:
        user = self.session.scalars(select(User).where(User.email == row["email"])).one_or_none()
        if user is None:
            user = User(**row)
            self.session.add(user)
            self.session.commit()
        return user

    def key(self, result: Any) -> int:
        return result

    def keys(self, result: Any) -> list[int]:
        return result

    def discovery(self, database: Path) -> Any:
        base = automap_base()
        engine = create_engine(f"sqlite:///{database}")
        base.prepare(engine)
        engine.dispose()
        return base

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        return [(mapped.__table__.name, mapped.__table__.columns.keys()) for mapped in result.classes]


CONTENDER = SqlalchemyOrm
