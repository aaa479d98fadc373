"""What is measured: each operation, its arguments, the form of its result and its goal.

Invariant: an operation is the same question for every contender. ``arguments`` depends on the operation
and the number of users alone, and every argument of one operation asks for the same amount of work. What
writes runs as often in a round for every contender, so that all of them write the same rows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from benchmarks.data import AGES, POSTS_PER_USER, email, new_users

__all__ = ["OPERATIONS", "STATISTICS", "Database", "Form", "Operation", "Statistic", "arguments", "depth"]

Form = Literal[
    "user",
    "users",
    "tuples",
    "number",
    "posts",
    "posts_with_user",
    "tree",
    "tagged_posts",
    "events",
    "tables",
    "key",
    "keys",
    "nothing",
]
"""What a result is made of, which says how it becomes plain Python for the check of equality."""

Database = Literal["blog", "wide", "deep", "written"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One question that every contender answers.

    Attributes:
        key: The name of the contender's method.
        title: What a reader of the table sees.
        form: What the result is made of.
        goal: The time noormme aims at, as a multiple of hand-written sqlite3; None when it has no such goal.
        peak: Whether its peak memory is measured as well.
        database: Which of the databases it reads.
        ordered: Whether the order of the rows is part of the question, and so of the check of equality.
        iterations: How often it runs in a round, for what writes; None for as long as a round lasts.
        transaction: Whether it runs inside one transaction, begun before the clock and ended after it.
    """

    key: str
    title: str
    form: Form
    goal: float | None
    peak: bool = False
    database: Database = "blog"
    ordered: bool = False
    iterations: int | None = None
    transaction: bool = False


@dataclass(frozen=True, slots=True)
class Statistic:
    """Something measured in a unit of its own rather than against sqlite3.

    Attributes:
        key: Its name in the results.
        title: What a reader of the table sees.
        unit: What the numbers are.
        goal: The number noormme aims at, in that unit.
    """

    key: str
    title: str
    unit: str
    goal: float | None


def _writing(
    key: str, title: str, form: Form, goal: float, iterations: int, *, transaction: bool = False
) -> Operation:
    """An operation on a database of its own, which each contender has a copy of."""
    return Operation(
        key, title, form, goal, database="written", iterations=iterations, transaction=transaction
    )


OPERATIONS = (
    Operation("get_by_key", "get by primary key", "user", 0.90),
    Operation("get_by_unique", "get by a unique field", "user", 0.90),
    Operation("page_of_20", "filter, order, 20 rows", "users", 0.95, ordered=True),
    Operation("filter_1000", "filter, 1,000 rows", "users", 0.92),
    Operation("touch_1000", "1,000 rows, every attribute touched", "users", 0.92),
    Operation("all_users", "10,000 rows", "users", 0.85),
    Operation("values_1000", "values_list of 1,000", "tuples", 0.70),
    Operation("values_10000", "values_list of 10,000", "tuples", 1.2),
    Operation("count", "count", "number", 1.0),
    Operation("grouped", "grouped aggregate, 1,000 groups", "tuples", 0.72),
    Operation("annotated", "10,000 rows, each with a count of its children", "tuples", 1.2, ordered=True),
    Operation("join_1000", "1,000 rows with their parent", "posts_with_user", 0.92),
    Operation("tree_100", "100 parents, children, grandchildren", "tree", 1.05),
    Operation("tagged_200", "many-to-many prefetch of 200", "tagged_posts", 0.95),
    Operation("stream", "stream 50,000 rows", "posts", 0.95, peak=True),
    Operation(
        "keyset", "20 rows behind row 1,000,000, by keyset", "events", 1.2, database="deep", ordered=True
    ),
    _writing("create", "create one, autocommit", "key", 0.95, 1_000),
    _writing("create_in_transaction", "create one, in a transaction", "key", 1.0, 2_000, transaction=True),
    _writing("bulk_create_10000", "bulk_create of 10,000, with keys", "keys", 0.90, 1),
    _writing("save", "load one, change one field, save", "nothing", 1.0, 1_000),
    _writing("update_filter", "update by filter, 167 rows", "nothing", 1.0, 100),
    _writing("delete", "delete one by primary key", "nothing", 0.95, 1_000),
    _writing("get_or_create", "get_or_create of an existing row", "user", 0.95, 2_000),
    Operation("discovery", "discovery, 500 tables of 12 columns", "tables", None, database="wide"),
)

STATISTICS = (
    Statistic("row_bytes", "memory of one loaded row of 7 fields, values included", "B", 430),
    Statistic("stream_peak", "peak memory while streaming 50,000 rows", "KiB", 1024),
    Statistic("discovery", "discovery of 500 tables of 12 columns", "ms", 30),
    Statistic("import", "import, over an empty program", "ms", None),
    Statistic("first_row", "fresh process: import, connect, first row", "ms", 40),
    Statistic("first_row_rss", "resident memory of that process", "MiB", 24),
)


def arguments(operation: Operation, users: int) -> list[object]:
    """The arguments of the first iterations of an operation; later iterations start again.

    Args:
        operation: The operation.
        users: How many users the database has; at least 1,000.

    Returns:
        Keys, ages, or the first key of a range, as the operation takes them; at least one. What reads
        another database than the blog takes what the worker has of that database.
    """
    rng = random.Random(operation.key)
    posts = users * POSTS_PER_USER
    match operation.key:
        case "get_by_key":
            return list(rng.sample(range(1, users + 1), 1_000))
        case "get_by_unique":
            return [email(key) for key in rng.sample(range(1, users + 1), 1_000)]
        case "filter_1000" | "touch_1000" | "values_1000" | "grouped":
            return [rng.randrange(1, users - 1_000 + 2) for _ in range(50)]
        case "join_1000":
            return [rng.randrange(1, posts - 1_000 + 2) for _ in range(50)]
        case "tree_100":
            return [rng.randrange(1, users - 100 + 2) for _ in range(50)]
        case "tagged_200":
            return [rng.randrange(1, posts - 200 + 2) for _ in range(50)]
        case "page_of_20" | "count":
            return [rng.choice(AGES) for _ in range(50)]
        case "create" | "create_in_transaction":
            return list(new_users(users, 2_000))
        case "bulk_create_10000":
            return [list(new_users(users, 10_000))]
        case "save":
            return [(key, f"Renamed {key}") for key in rng.sample(range(1, users + 1), 1_000)]
        case "update_filter":
            return [(AGES[number % len(AGES)], number / 2) for number in range(100)]
        case "delete":
            return list(rng.sample(range(1, users + 1), 1_000))
        case "get_or_create":
            keys = rng.sample(range(1, users + 1), 1_000)
            rows = {row["email"]: row for row in new_users(0, users)}
            return [rows[email(key)] for key in keys]
        case _:
            return [None]


def depth(events: int) -> int:
    """Behind how many rows of the deep database the page of the keyset operation begins.

    Args:
        events: How many rows the database has.
    """
    return events * 5 // 6
