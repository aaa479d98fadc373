"""What a contender is, and how its results become plain Python so that they can be compared.

Invariant: an operation's method takes one argument and gives everything that was asked for, made into
the objects which that library's users hold. Nothing is left to load later, except where the operation is
to stream. Methods of an asynchronous contender are coroutine functions (``stream``: an asynchronous
generator).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.data import COMMENT_FIELDS, EVENT_FIELDS, POST_FIELDS, TAG_FIELDS, USER_FIELDS

__all__ = ["Contender"]

Plain = tuple[object, ...]


class Contender:
    """One library, used as its documentation recommends.

    The methods of the operations have the names of ``operations.OPERATIONS``; a missing one means that the
    library has no such thing, and ``unsupported`` says why.

    Attributes:
        asynchronous: Whether the methods are coroutine functions.
        unsupported: Why an operation is missing, by its key.
    """

    asynchronous: ClassVar[bool] = False
    unsupported: ClassVar[dict[str, str]] = {}

    def open(self, database: Path) -> Any:
        """Connect to the blog database (a coroutine where the contender is asynchronous)."""
        raise NotImplementedError

    def open_deep(self, database: Path, depth: int) -> Any:
        """Connect to the deep database as well, and find the row behind which ``keyset`` reads.

        Args:
            database: The deep database.
            depth: Which row it is, counted from 1, by ``happened`` and ``id``.

        Returns:
            The place of that row as this library's users keep it between two pages, which is what
            ``keyset`` takes. (A coroutine gives it where the contender is asynchronous.)
        """
        raise NotImplementedError

    def scope(self) -> AbstractAsyncContextManager[Any]:
        """What the operations of an asynchronous contender run inside, entered before the clock starts."""
        return nullcontext()

    def transaction(self) -> Any:
        """One open transaction, which ``create_in_transaction`` runs inside: a context manager.

        It is entered before the clock starts and left after it stops; an asynchronous one where the
        contender is asynchronous.
        """
        raise NotImplementedError

    def given(self, operation: str, value: Any) -> Any:
        """An argument of an operation that writes in the form that this library's user has it in.

        Called anew for each call of the operation, before the clock starts. ``bulk_create_10000`` gets a
        list of dictionaries; here it becomes what the library's bulk call takes.

        Args:
            operation: The operation.
            value: The argument, as ``operations.arguments`` has it.
        """
        return value

    def touch(self, users: Iterable[Any]) -> None:
        """Read every attribute of every user once."""
        for user in users:
            _ = user.id, user.email, user.name, user.age, user.score, user.is_active, user.created_at

    # How results become plain Python. Only the check of equality uses these.

    def user(self, row: Any) -> Plain:
        """A user as a tuple of plain values in the order of USER_FIELDS."""
        return tuple(getattr(row, field) for field in USER_FIELDS)

    def post(self, row: Any) -> Plain:
        """A post as a tuple of plain values in the order of POST_FIELDS."""
        return tuple(getattr(row, field) for field in POST_FIELDS)

    def comment(self, row: Any) -> Plain:
        """A comment as a tuple of plain values in the order of COMMENT_FIELDS."""
        return tuple(getattr(row, field) for field in COMMENT_FIELDS)

    def tag(self, row: Any) -> Plain:
        """A tag as a tuple of plain values in the order of TAG_FIELDS."""
        return tuple(getattr(row, field) for field in TAG_FIELDS)

    def event(self, row: Any) -> Plain:
        """An event as a tuple of plain values in the order of EVENT_FIELDS."""
        return tuple(getattr(row, field) for field in EVENT_FIELDS)

    def key(self, result: Any) -> int:
        """What ``create`` gave, as the key of the new row."""
        return result.id

    def keys(self, result: Any) -> list[int]:
        """What ``bulk_create_10000`` gave, as the keys of the new rows in the order given."""
        return [row.id for row in result]

    def values(self, row: Any) -> Plain:
        """A row of values, such as those of ``values_1000`` and ``grouped``, as a plain tuple."""
        return tuple(row)

    def author(self, post: Any) -> tuple[Any, Any]:
        """A post of ``join_1000`` as the post and its user."""
        return post, post.user

    def children(self, row: Any, relation: str) -> tuple[Any, Iterable[Any]]:
        """A row of ``tree_100`` or ``tagged_200`` as the row and its loaded children."""
        return row, getattr(row, relation)

    def tables(self, result: Any) -> Sequence[tuple[str, Sequence[str]]]:
        """What ``discovery`` found, as the name and the column names of each table."""
        raise NotImplementedError
