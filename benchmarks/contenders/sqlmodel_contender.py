"""SQLModel: Pydantic models over SQLAlchemy's ORM, one session emptied after each operation."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from pydantic import NaiveDatetime
from sqlalchemy import delete, func, inspect, tuple_, update
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, select

from benchmarks.contenders.base import Contender
from benchmarks.contenders.sqlalchemy_core_contender import connect
from benchmarks.contenders.sqlalchemy_orm_contender import emptied

__all__ = ["CONTENDER"]


class PostTag(SQLModel, table=True):
    __tablename__ = "post_tags"
    post_id: int = Field(foreign_key="posts.id", primary_key=True)
    tag_id: int = Field(foreign_key="tags.id", primary_key=True)


class User(SQLModel, table=True):
    __tablename__ = "users"
    id: int = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    age: int
    score: float | None
    is_active: bool
    created_at: NaiveDatetime
    posts: list["Post"] = Relationship(back_populates="user")


class Post(SQLModel, table=True):
    __tablename__ = "posts"
    id: int = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    title: str
    body: str
    views: int
    published: bool
    created_at: NaiveDatetime
    user: User = Relationship(back_populates="posts")
    comments: list["Comment"] = Relationship(back_populates="post")
    tags: list["Tag"] = Relationship(link_model=PostTag)


class Comment(SQLModel, table=True):
    __tablename__ = "comments"
    id: int = Field(primary_key=True)
    post_id: int = Field(foreign_key="posts.id")
    user_id: int = Field(foreign_key="users.id")
    body: str
    likes: int
    created_at: NaiveDatetime
    post: Post = Relationship(back_populates="comments")


class Tag(SQLModel, table=True):
    __tablename__ = "tags"
    id: int = Field(primary_key=True)
    name: str


class Event(SQLModel, table=True):
    __tablename__ = "events"
    id: int = Field(primary_key=True)
    kind: int
    happened: NaiveDatetime
    note: str


class Sqlmodel(Contender):
    """One session on one connection."""

    unsupported: ClassVar[dict[str, str]] = {"discovery": "no discovery of its own; see SQLAlchemy"}

    def open(self, database: Path) -> None:
        self.session = Session(connect(database).connect())

    def open_deep(self, database: Path, depth: int) -> tuple[datetime, int]:
        self.deep = Session(connect(database).connect())
        columns = select(Event.happened, Event.id).order_by(Event.happened, Event.id)
        return tuple(self.deep.exec(columns.offset(depth - 1).limit(1)).one())

    @emptied
    def get_by_key(self, key: int) -> User:
        return self.session.get_one(User, key)

    @emptied
    def get_by_unique(self, email: str) -> User:
        return self.session.exec(select(User).where(User.email == email)).one()

    @emptied
    def page_of_20(self, age: int) -> Sequence[User]:
        page = select(User).where(User.age == age).order_by(User.created_at.desc()).limit(20)
        return self.session.exec(page).all()

    @emptied
    def filter_1000(self, first: int) -> Sequence[User]:
        return self.session.exec(select(User).where(User.id >= first, User.id < first + 1_000)).all()

    def touch_1000(self, first: int) -> Sequence[User]:
        users = self.filter_1000(first)
        self.touch(users)
        return users

    @emptied
    def all_users(self, _: None) -> Sequence[User]:
        return self.session.exec(select(User)).all()

    def values_1000(self, first: int) -> Sequence[Any]:
        columns = select(User.id, User.email, User.name, User.age)
        return self.session.exec(columns.where(User.id >= first, User.id < first + 1_000)).all()

    def values_10000(self, _: None) -> Sequence[Any]:
        return self.session.exec(select(User.id, User.email, User.name, User.age)).all()

    def count(self, age: int) -> int:
        return self.session.exec(select(func.count()).select_from(User).where(User.age == age)).one()

    def grouped(self, first: int) -> Sequence[Any]:
        return self.session.exec(
            select(Post.user_id, func.count(Post.id), func.sum(Post.views))
            .where(Post.user_id >= first, Post.user_id < first + 1_000)
            .group_by(Post.user_id)
            .order_by(Post.user_id)
        ).all()

    def annotated(self, _: None) -> Sequence[Any]:
        number = select(func.count(Post.id)).where(Post.user_id == User.id).scalar_subquery()
        return self.session.exec(select(User.id, number.label("n")).order_by(User.id)).all()

    @emptied
    def join_1000(self, first: int) -> Sequence[Post]:
        posts = select(Post).where(Post.id >= first, Post.id < first + 1_000)
        return self.session.exec(posts.options(joinedload(Post.user, innerjoin=True))).all()

    @emptied
    def tree_100(self, first: int) -> Sequence[User]:
        users = select(User).where(User.id >= first, User.id < first + 100)
        return self.session.exec(users.options(selectinload(User.posts).selectinload(Post.comments))).all()

    @emptied
    def tagged_200(self, first: int) -> Sequence[Post]:
        posts = select(Post).where(Post.id >= first, Post.id < first + 200)
        return self.session.exec(posts.options(selectinload(Post.tags))).all()

    def stream(self, _: None) -> Iterator[Post]:
        yield from self.session.exec(select(Post).execution_options(yield_per=1_000))
        self.session.expunge_all()

    def keyset(self, place: tuple[datetime, int]) -> Sequence[Event]:
        behind = select(Event).where(tuple_(Event.happened, Event.id) > place)
        events = self.deep.exec(behind.order_by(Event.happened, Event.id).limit(20)).all()
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
        count = self.session.exec(update(User).where(User.age == age).values(score=score)).rowcount
        self.session.commit()
        return count

    def delete(self, key: int) -> int:
        count = self.session.exec(delete(User).where(User.id == key)).rowcount
        self.session.commit()
        return count

    @emptied
    def get_or_create(self, row: dict[str, Any]) -> User:
        user = self.session.exec(select(User).where(User.email == row["email"])).one_or_none()
        if user is None:
            user = User(**row)
            self.session.add(user)
            self.session.commit()
        return user

    def key(self, result: Any) -> int:
        return result

    def keys(self, result: Any) -> list[int]:
        return result


CONTENDER = Sqlmodel
