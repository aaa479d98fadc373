"""Every mistake has an error that says what, where and what to do, and repeats no value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from noormme import (
    Database,
    DatabaseClosed,
    DoesNotExist,
    FieldNotFound,
    InvalidQuery,
    InvalidValue,
    MultipleObjectsReturned,
    NoormmeError,
    NotSupported,
    TableNotFound,
    UsageError,
)
from noormme.sql import and_, case, exists, fn, outer, ref, value

SECRET = "hunter2"

MISTAKES: list[tuple[Callable[[Database], Any], type[NoormmeError], str]] = [
    (lambda db: db.table("usres"), TableNotFound, "no table or view 'usres'; did you mean 'users'"),
    (lambda db: db.table(3), TableNotFound, "a table is named by a str, not by a value of type int"),
    (lambda db: db.table(db.table("users")), UsageError, "a query in FROM needs a name; write query.as_('name')"),
    (lambda db: db.table("users").select("nmae"), FieldNotFound, "no field 'nmae' on users; did you mean 'name'?"),
    (lambda db: db.table("users").select("posts.titel"), FieldNotFound, "no field 'titel' on posts; did you mean 'title'?"),
    (lambda db: db.table("users").select("u.x").all(), TableNotFound, "no table 'u' in this query"),
    (lambda db: db.table("users").select("posts.id").all(), TableNotFound, "no table 'posts' in this query"),
    (lambda db: db.table("users").select("u.nmae").left_join("users as u", "u.id", "users.id").all(), FieldNotFound, "no field 'nmae' on u"),
    (lambda db: db.table("users").select_all("posts").all(), TableNotFound, "no table 'posts' in this query"),
    (lambda db: db.table("users").select(), UsageError, "select() needs a column"),
    (lambda db: db.table("users").select(3), UsageError, "select takes names and expressions, not int"),
    (lambda db: db.table("users").select(db.table("posts")), UsageError, "select takes names and expressions, not TableQuery"),
    (lambda db: db.table("users").select(n=db.table("posts")), InvalidQuery, "the sub-select gives 5 columns, not 1"),
    (lambda db: db.table("users").select(ref("id").as_("")), UsageError, "a name is a text that is not empty"),
    (lambda db: db.table("users").where("id", "=", ref("id").as_("x")), UsageError, "'x' is a name for a column of the result"),
    (lambda db: db.table("tags").inner_join("users", "users.id", "tags.id").inner_join("posts", "posts.id", "tags.id").select("author_idd"), FieldNotFound, "no field 'author_idd' on tags or users or posts"),
    (lambda db: db.table("tags").inner_join("users", "users.id", "tags.id").inner_join("cities", "cities.id", "tags.id").inner_join("comments", "comments.id", "tags.id").inner_join("lines", "lines.id", "tags.id").inner_join("orders", "orders.number", "lines.number").select("region"), InvalidQuery, "several joined tables have a column 'region'; write 'lines.region' or 'orders.region'"),
    (lambda db: db.table("users").where("age", "<<", 1), UsageError, "'<<' is no operator; did you mean '<'"),
    (lambda db: db.table("users").where("age", "liek", "x"), UsageError, "'liek' is no operator; did you mean 'like'"),
    (lambda db: db.table("users").where("age", SECRET, 1), UsageError, "no such operator; there are: ="),
    (lambda db: db.table("users").where("age", 3, 1), UsageError, "an operator is a text, not int"),
    (lambda db: db.table("users").where("age", "="), UsageError, "'=' needs something to compare with"),
    (lambda db: db.table("users").where("age", "is null", 1), UsageError, "'is null' needs nothing to compare with"),
    (lambda db: db.table("users").where(), UsageError, "a condition has 2 or 3 parts, not 0"),
    (lambda db: db.table("users").where("age"), UsageError, "a condition is a tuple such as ('age', '>', 18), not str"),
    (lambda db: db.table("users").where(lambda group: None), UsageError, "a function in where() returns the group"),
    (lambda db: db.table("users").where(and_()), UsageError, "and_() needs a condition"),
    (lambda db: db.table("users").where(exists("posts")), UsageError, "exists() takes a query, not str"),
    (lambda db: db.table("users").where("age", "=", None), InvalidValue, "'=' on 'age' with None holds for no row; use 'is null'"),
    (lambda db: db.table("users").where("age", "in", SECRET), InvalidValue, "'in' on 'age' takes a list or a query, not str"),
    (lambda db: db.table("users").where("age", "not in", [1, None]), InvalidValue, "'not in' on 'age' with None in the list"),
    (lambda db: db.table("users").where("age", "in", [ref("id")]), InvalidValue, "the list of 'in' on 'age' holds values only"),
    (lambda db: db.table("users").where("age", "between", 3), InvalidValue, "'between' on 'age' takes two ends"),
    (lambda db: db.table("users").where("age", "between", (3, None)), InvalidValue, "'between' on 'age' takes two ends"),
    (lambda db: db.table("users").where("name", "like", 3), InvalidValue, "'like' on 'name' takes text, not int"),
    (lambda db: db.table("users").where("name", "regexp", "(" + SECRET), InvalidValue, "'regexp' on 'name' was given a regular expression that does not compile"),
    (lambda db: db.table("users").where("age", "=", SECRET).all(), InvalidValue, ""),
    (lambda db: db.table("users").where("joined", "=", SECRET).all(), InvalidValue, ""),
    (lambda db: db.table("users").where("name", "=", object()).all(), InvalidValue, "SQLite cannot take object"),
    (lambda db: db.table("users").inner_join("posts"), UsageError, "inner_join of 'posts' needs the columns to join on"),
    (lambda db: db.table("users").inner_join("users", "users.id", "users.id"), InvalidQuery, "the query has a table 'users' already; name this one: 'users as other'"),
    (lambda db: db.table("users").inner_join("posts", "posts.id", "users.idd"), FieldNotFound, "no field 'idd' on users"),
    (lambda db: db.table("users").inner_join("pots", "a", "b"), TableNotFound, "no table or view 'pots'; did you mean 'posts'"),
    (lambda db: db.table("users").with_("posts", db.table("users")), InvalidQuery, "there is a table or query named 'posts' already"),
    (lambda db: db.table(db.table("users").select("id", "id").as_("t")), InvalidQuery, "the sub-select 't' has two columns named 'id'"),
    (lambda db: db.table("users").group_by(), UsageError, "group_by() needs a column"),
    (lambda db: db.table("users").order_by(3), UsageError, "order_by takes names and expressions, not int"),
    (lambda db: db.table("users").order_by("id", nulls="middle"), UsageError, "nulls is 'first' or 'last'"),
    (lambda db: db.table("users").limit(-1), UsageError, "limit takes a whole number from 0 on"),
    (lambda db: db.table("users").limit(True), UsageError, "limit takes a whole number from 0 on"),
    (lambda db: db.table("users").offset("3"), UsageError, "offset takes a whole number from 0 on"),
    (lambda db: db.table("users").page(0), UsageError, "page() takes whole numbers from 1 on"),
    (lambda db: db.table("users").iterator(0), UsageError, "chunk_size must be a whole number from 1 on"),
    (lambda db: db.table("users").select("id").union(db.table("users")), InvalidQuery, "union of 1 and 6 columns"),
    (lambda db: db.table("users").union(3), UsageError, "union takes a query, not int"),
    (lambda db: db.table("tags").union(db.table("tags")).where("id", "=", 1), InvalidQuery, "where cannot follow union"),
    (lambda db: db.table("tags").union(db.table("tags")).order_by("x"), FieldNotFound, "no field 'x'"),
    (lambda db: db.table("tags").union(db.table("tags")).order_by(fn.lower("name")).all(), InvalidQuery, "union is sorted by names of its columns only"),
    (lambda db: db.table("tags").where("id", "=", outer("users.id")).all(), InvalidQuery, "outer('users.id') needs a query around it"),
    (lambda db: db.table("tags").where_exists(db.table("users").where("id", "=", outer("tags.idd"))).all(), FieldNotFound, "no field 'idd' on tags"),
    (lambda db: db.table("tags").where_exists(db.table("users").where("id", "=", outer("posts.id"))).all(), TableNotFound, "no table 'posts' in this query"),
    (lambda db: db.table("tags").where_exists(db.table("tags").where("id", "=", outer("tags.id"))).all(), InvalidQuery, "'tags' is the name of a table both inside and outside of a sub-select"),
    (lambda db: db.table("tags").select(n=case()), UsageError, "case() needs a branch"),
    (lambda db: db.table("tags").select(n=case("x")), UsageError, "a branch of case() is a condition and a result"),
    (lambda db: db.table("tags").select(n=fn.count(distinct=True)), UsageError, "count() of rows takes no distinct"),
    (lambda db: db.table("tags").select(fn.lower("nmae")), FieldNotFound, "no field 'nmae' on tags"),
    (lambda db: db.table("tags").where("id", ">", 9).one(), DoesNotExist, "the query gives no row"),
    (lambda db: db.table("tags").one(), MultipleObjectsReturned, "the query gives several rows"),
    (lambda db: db.table("tags").where("id", "=", fn.max("id")).all(), NoormmeError, "SQLite refused the statement: misuse of aggregate"),
    (lambda db: db.table("tags").select(value(1).as_("n")).first().nn, FieldNotFound, "no column 'nn' in this row; did you mean 'n'?"),
]  # fmt: skip


@pytest.mark.sqlite("its SQL")
@pytest.mark.parametrize(("mistake", "kind", "message"), MISTAKES)
def test_mistakes(
    db: Database, mistake: Callable[[Database], Any], kind: type[NoormmeError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        mistake(db)
    assert str(caught.value).startswith(message)
    assert SECRET not in str(caught.value)


def test_deep_nesting_is_an_error(db: Database) -> None:
    deep = ref("id")
    for _ in range(5000):
        deep = deep + 1
    with pytest.raises(InvalidQuery, match="nested too deeply"):
        db.table("users").select(x=deep)
    condition: Any = ("id", "=", 1)
    for _ in range(5000):
        condition = and_(condition, ("id", ">", 0))
    with pytest.raises(InvalidQuery, match="nested too deeply"):
        db.table("users").where(condition)


def test_a_broken_view_is_an_error_of_its_own(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; CREATE TABLE u (a); DROP TABLE t")
    with pytest.raises(NotSupported, match="'v' cannot be read"):
        db.table("v").all()
    with pytest.raises(NotSupported, match="'v' cannot be read"):
        db.table("u").cross_join("v").count()


def test_a_closed_database(db: Database) -> None:
    query = db.table("users")
    query.all()
    db.close()
    for ask in (query.all, query.count, lambda: db.execute("select 1"), lambda: db.execute("select 2")):
        with pytest.raises(DatabaseClosed):
            ask()
