"""What type checkers know of a generated module; checked by ``test_typing.py``, never run."""

from datetime import datetime
from typing import assert_type

from noormme import connect
from tests.codegen.sql import queries
from tests.codegen.sql.queries import AuthorRow, FindAuthorRow, TopAuthorsRow

db = connect("shop.db")
top = queries.top_authors(db, since=datetime(2024, 1, 1), active=True, limit=5)
assert_type(top, list[TopAuthorsRow])
assert_type(top[0].latest, datetime | None)
assert_type(top[0].books, int)
queries.top_authors(db, since="2024", active=True, limit=5)  # error
queries.top_authors(db, since=datetime(2024, 1, 1), active=True)  # error
top[0].books = 3  # error
assert_type(queries.author_by_id(db, id=1), AuthorRow)
assert_type(queries.find_author(db, email="x"), FindAuthorRow | None)
assert_type(queries.count_books(db, pages=1), int)
assert_type(queries.titles(db, word="x"), list[str])
assert_type(queries.latest(db, author_id=1), datetime | None)
assert_type(queries.rename_author(db, name="x", old="y"), int)
queries.find_author(db, email=None)  # error


async def awaited() -> None:
    assert_type(
        await queries.atop_authors(db, since=datetime(2024, 1, 1), active=True, limit=5), list[TopAuthorsRow]
    )
    assert_type(await queries.acount_books(db, pages=1), int)
