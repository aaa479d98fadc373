"""``Repository``: what ``db.repository("users")`` gives, and what a user's own derive from."""

from __future__ import annotations

from typing import TypeVar

from noormme.orm.repository.async_writing import AsyncWriting

__all__ = ["Repository"]

T = TypeVar("T")


class Repository(AsyncWriting[T]):
    """The rows of one table behind methods that name what they find.

    ``find_by_email("a@x.org")`` gives one object or None, ``find_many_by_status("active")`` a list; fields
    are joined by ``_and_``. A subclass says its table and adds methods of its own; once it is registered,
    ``db.repository`` gives it.

    Args:
        database: The database.
        table: The table, by exact name or manager name; None where the class says it.

    Raises:
        TableNotFound: There is no such table.
        UsageError: No table is given.

    Example:
        ::

            class Users(Repository[Any]):
                table = "users"

                def active(self):
                    return self.query.filter(is_active=True)


            db.register(Users)
            db.repository("users").active().count()
    """
