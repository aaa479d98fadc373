import sys

from pydantic import NaiveDatetime
from sqlmodel import Field, Session, SQLModel, create_engine


class User(SQLModel, table=True):
    __tablename__ = "users"
    id: int = Field(primary_key=True)
    email: str
    name: str
    age: int
    score: float | None
    is_active: bool
    created_at: NaiveDatetime


with Session(create_engine(f"sqlite:///{sys.argv[1]}")) as session:
    print(session.get_one(User, 1).email)
