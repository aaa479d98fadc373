"""The table of the language: window functions.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from noormme import Window
from noormme.functions import (
    CumeDist,
    DenseRank,
    FirstValue,
    Lag,
    LastValue,
    Lead,
    NthValue,
    Ntile,
    PercentRank,
    Rank,
    RowNumber,
)
from tests.language.entries import Entry, computed

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "function CumeDist",
        lambda db, v: computed(db.posts.filter(id__lte=v), Window(CumeDist(), order_by="author_id")),
        'SELECT (cume_dist() OVER ( ORDER BY "posts"."author_id" ASC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [1.0, 1.0]),
        (5, [0.4, 0.4, 0.8, 0.8, 1.0]),
    ),
    Entry(
        "function DenseRank",
        lambda db, v: computed(db.posts.filter(id__lte=v), Window(DenseRank(), order_by="author_id")),
        'SELECT (dense_rank() OVER ( ORDER BY "posts"."author_id" ASC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [1, 1]),
        (5, [1, 1, 2, 2, 3]),
    ),
    Entry(
        "function Rank",
        lambda db, v: computed(db.posts.filter(id__lte=v), Window(Rank(), order_by="author_id")),
        'SELECT (rank() OVER ( ORDER BY "posts"."author_id" ASC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [1, 1]),
        (5, [1, 1, 3, 3, 5]),
    ),
    Entry(
        "function PercentRank",
        lambda db, v: computed(db.posts.filter(id__lte=v), Window(PercentRank(), order_by="author_id")),
        'SELECT (percent_rank() OVER ( ORDER BY "posts"."author_id" ASC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [0.0, 0.0]),
        (5, [0.0, 0.0, 0.5, 0.5, 1.0]),
    ),
    Entry(
        "function RowNumber",
        lambda db, v: computed(
            db.posts.filter(id__lte=v), Window(RowNumber(), partition_by="author_id", order_by="-id")
        ),
        'SELECT (row_number() OVER ( PARTITION BY "posts"."author_id" ORDER BY "posts"."id" DESC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, [2, 1]),
        (5, [2, 1, 2, 1, 1]),
    ),
    Entry(
        "function FirstValue",
        lambda db, v: computed(
            db.posts.filter(id__lte=v), Window(FirstValue("title"), partition_by="author_id", order_by="-id")
        ),
        'SELECT (first_value("posts"."title") OVER ( PARTITION BY "posts"."author_id" ORDER BY "posts"."id" DESC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, ["Two", "Two"]),
        (5, ["Two", "Two", "Four", "Four", "Five"]),
    ),
    Entry(
        "function LastValue",
        lambda db, v: computed(db.posts.filter(id__lte=v), Window(LastValue("title"), order_by="author_id")),
        'SELECT (last_value("posts"."title") OVER ( ORDER BY "posts"."author_id" ASC )) AS anon_1 FROM "posts" WHERE "posts"."id" <= ? ORDER BY "posts"."id" ASC',
        (2, ["Two", "Two"]),
        (5, ["Two", "Two", "Four", "Four", "Five"]),
    ),
    Entry(
        "function Lag",
        lambda db, v: computed(db.posts, Window(Lag("id", offset=v), order_by="id")),
        'SELECT (lag("posts"."id", ?) OVER ( ORDER BY "posts"."id" ASC )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (1, [None, 1, 2, 3, 4]),
        (2, [None, None, 1, 2, 3]),
    ),
    Entry(
        "function Lag",
        lambda db, v: computed(db.posts, Window(Lag("id", default=v), order_by="id")),
        'SELECT (lag("posts"."id", ?, ?) OVER ( ORDER BY "posts"."id" ASC )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (0, [0, 1, 2, 3, 4]),
        (-1, [-1, 1, 2, 3, 4]),
    ),
    Entry(
        "function Lead",
        lambda db, v: computed(db.posts, Window(Lead("title", offset=v), order_by="id")),
        'SELECT (lead("posts"."title", ?) OVER ( ORDER BY "posts"."id" ASC )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (1, ["Two", "Three", "Four", "Five", None]),
        (2, ["Three", "Four", "Five", None, None]),
    ),
    Entry(
        "function NthValue",
        lambda db, v: computed(db.posts, Window(NthValue("title", nth=v), order_by="id")),
        'SELECT (nth_value("posts"."title", ?) OVER ( ORDER BY "posts"."id" ASC )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (1, ["One", "One", "One", "One", "One"]),
        (2, [None, "Two", "Two", "Two", "Two"]),
    ),
    Entry(
        "function Ntile",
        lambda db, v: computed(db.posts, Window(Ntile(num_buckets=v), order_by="id")),
        'SELECT (ntile(?) OVER ( ORDER BY "posts"."id" ASC )) AS anon_1 FROM "posts" ORDER BY "posts"."id" ASC',
        (2, [1, 1, 1, 2, 2]),
        (5, [1, 2, 3, 4, 5]),
    ),
]
