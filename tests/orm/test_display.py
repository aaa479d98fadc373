"""How query sets print: ``repr`` in a terminal, ``_repr_html_`` in a notebook."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from noormme import Count, Database
from tests.orm.support import count_queries


def test_repr_is_a_table(db: Database) -> None:
    assert repr(db.users.order_by("id").only("name", "age")) == (
        "<QuerySet of users: 4 rows>\n"
        "id  email  name  age  is_active  joined\n"
        "──  ─────  ────  ───  ─────────  ──────\n"
        "1   …      Ann   31   …          …\n"
        "2   …      Bob   17   …          …\n"
        "3   …      Cleo  –    …          …\n"
        "4   …      Dan   45   …          …"
    )


@pytest.mark.sqlite("a table without a key has a row id")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (lambda db: db.tags.order_by("id")[:1], "<QuerySet of tags: 1 row>\nid  name\n──  ────\n1   sql"),
        (lambda db: db.tags.filter(id=1).annotate(n=Count("posts")), "id  name  n\n──  ────  ─\n1   sql   3"),
        (lambda db: db.tags.filter(id=1).values("name"), "name\n────\nsql"),
        (lambda db: db.tags.filter(id=1).values_list("name", "id"), "name  id\n────  ──\nsql   1"),
        (lambda db: db.tags.filter(id=1).values_list("name", flat=True), "name\n────\nsql"),
        (lambda db: db.tags.filter(id=1).values_list("name", named=True), "name\n────\nsql"),
        (lambda db: db.tags.filter(id=1).values("id", "id"), "id  id\n──  ──\n1   1"),
        (
            lambda db: db.tags.filter(id=1).annotate(n=Count("posts")).values(),
            "id  name  n\n──  ────  ─\n1   sql   3",
        ),
        (lambda db: db.log.filter(message="down"), "at  message\n──  ───────\n–   down"),
        (
            lambda db: db.log.filter(message="down").values_list(),
            "at  message  rowid\n──  ───────  ─────\n–   down     2",
        ),
        (
            lambda db: db.log.filter(message="down").values(),
            "at  message  rowid\n──  ───────  ─────\n–   down     2",
        ),
        (lambda db: db.users.none(), "<QuerySet of users: 0 rows>"),
        (lambda db: db.active_users.filter(id=1).values(), "id  name\n──  ────\n1   Ann"),
    ],
)
def test_rows_of_every_form(db: Database, query: Callable[[Database], object], expected: str) -> None:
    assert repr(query(db)).endswith(expected)
    assert query(db)._repr_html_().startswith("<table>")


def test_repr_reads_a_page_and_remembers_nothing(opened: Callable[..., Database]) -> None:
    db = opened(
        "CREATE TABLE t (id INTEGER PRIMARY KEY);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t SELECT i FROM n"
    )
    query = db.t.order_by("id")
    with count_queries(db) as counted:
        lines = repr(query).splitlines()
        assert lines[0] == "<QuerySet of t: 20+ rows>"
        assert lines[-2:] == ["20", "…"]
        assert "<tr><td colspan='1'>…</td></tr></tbody></table>" in query._repr_html_()
    assert counted.statements[0].parameters == (21,)
    assert len(query) == 100
    with count_queries(db) as counted:
        assert repr(query).startswith("<QuerySet of t: 20+ rows>")
    assert counted.number == 0


def test_html_is_escaped(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE "<i>&" (id INTEGER PRIMARY KEY, "<b>" TEXT);'
        'INSERT INTO "<i>&" VALUES (1, \'<script>alert("x")</script>\')'
    )
    html = db["<i>&"].values("id", "<b>")._repr_html_()
    assert html == (
        "<table><caption>&lt;i&gt;&amp;: 1 row</caption><thead><tr><th>id</th><th>&lt;b&gt;</th></tr></thead><tbody>"
        "<tr><td>1</td><td>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</td></tr></tbody></table>"
    )
    assert db["<i>&"]._repr_html_() == db["<i>&"].all()._repr_html_().replace("&lt;b&gt;", "&lt;b&gt;")


def test_a_cell_cannot_break_the_table_or_reach_the_terminal(opened: Callable[..., Database]) -> None:
    db = opened(
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB, j JSON, "new\nline" TEXT);'
        "INSERT INTO t VALUES (1, 'x' || char(10, 13, 9, 27) || '[31m' || char(0, 8232, 133) || 'y', x'00ff', '{\"k\": [1]}', 'z')"
    )
    text = repr(db.t.values("a", "b", "j", "new\nline"))
    assert text.splitlines()[1:] == [
        "a              b          j           new line",
        "─────────────  ─────────  ──────────  ────────",
        "x   �[31m�  y  <2 bytes>  {'k': [1]}  z",
    ]
    assert "\x1b" not in db.t.values("a")._repr_html_()
    assert repr(db.t.values_list("j", flat=True)).endswith("j\n──────────\n{'k': [1]}")


def test_long_cells_and_long_lines_are_cut(opened: Callable[..., Database]) -> None:
    columns = ", ".join(f"c{number} TEXT" for number in range(10))
    db = opened(f"CREATE TABLE t ({columns}); INSERT INTO t VALUES ({', '.join(['hex(zeroblob(50))'] * 10)})")
    for line in repr(db.t.values_list(*(f"c{number}" for number in range(10)))).splitlines()[1:]:
        assert len(line) <= 120
    assert f"{'0' * 39}…" in repr(db.t.values("c0"))


@pytest.mark.sqlite("a table without a key has a row id")
def test_managers_and_databases(db: Database) -> None:
    assert repr(db.users) == "<Manager of 'users'>"
    assert repr(db.users.get(id=1).comments) == "<RelatedManager of 'comments'>"
    assert repr(db) == f"<Database {db.path!r}: 17 tables, 1 views>"
    assert "<caption>tags: 3 rows</caption>" in db.tags._repr_html_()
    post = db.posts.prefetch_related("tags").get(id=1)
    with count_queries(db) as counted:
        assert "<caption>tags: 2 rows</caption>" in post.tags._repr_html_()
    assert counted.number == 0
