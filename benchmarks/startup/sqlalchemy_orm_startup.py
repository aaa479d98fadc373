import sys
from datetime import datetime

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    age: Mapped[int]
    score: Mapped[float | None]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


with Session(create_engine(f"sqlite:///{sys.argv[1]}")) as session:
    print(session.get_one(User, 1).email)
