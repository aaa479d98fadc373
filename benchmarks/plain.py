"""Results as plain Python, and their digest.

Invariant: two contenders have the same digest exactly when they gave the same values of the same Python
types: ``True`` is not ``1``, and a datetime is not its text.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from benchmarks.contenders.base import Contender
from benchmarks.operations import Operation

__all__ = ["digest", "plain"]


def plain(contender: Contender, operation: Operation, result: Any) -> object:
    """A result as tuples of plain values; sorted, unless the order is part of the question.

    Args:
        contender: Whose result it is.
        operation: What was asked.
        result: What its method returned; a list where the operation is to stream.
    """
    order: Callable[[Any], Any] = list if operation.ordered else sorted
    match operation.form:
        case "user":
            return contender.user(result)
        case "users":
            return order([contender.user(user) for user in result])
        case "posts":
            return order([contender.post(post) for post in result])
        case "tuples":
            return order([contender.values(row) for row in result])
        case "events":
            return order([contender.event(row) for row in result])
        case "number":
            return result
        case "key":
            return contender.key(result)
        case "keys":
            return contender.keys(result)
        case "nothing":
            return None
        case "posts_with_user":
            pairs = [contender.author(row) for row in result]
            return order([(contender.post(post), contender.user(user)) for post, user in pairs])
        case "tree":
            return order([_branch(contender, user) for user in result])
        case "tagged_posts":
            pairs = [contender.children(post, "tags") for post in result]
            return order([(contender.post(post), sorted(map(contender.tag, tags))) for post, tags in pairs])
        case "tables":
            return order([(name, sorted(columns)) for name, columns in contender.tables(result)])


def _branch(contender: Contender, row: Any) -> object:
    user, posts = contender.children(row, "posts")
    pairs = [contender.children(post, "comments") for post in posts]
    return (
        contender.user(user),
        sorted((contender.post(post), sorted(map(contender.comment, comments))) for post, comments in pairs),
    )


def digest(value: object) -> str:
    """A hash of a plain value, types included."""
    return sha256(repr(value).encode()).hexdigest()[:16]
