"""Every operator: its SQL, what is bound, and the rows that it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from noormme import Database, NotSupported
from noormme.orm.table_query import TableQuery
from noormme.query.builder.build import OPERATORS
from noormme.sql import and_, case, exists, fn, not_, not_exists, or_, outer, ref, value
from tests.builder.support import after_from, bound, rows, sql

LIST = "(SELECT value FROM carray(?) AS anon_1)"

OPERATIONS = [
    ("=", 31, '"users"."age" = ?', (31,), [1]),
    ("==", 31, '"users"."age" = ?', (31,), [1]),
    ("!=", 31, '"users"."age" != ?', (31,), [2, 4]),
    ("<>", 31, '"users"."age" != ?', (31,), [2, 4]),
    ("<", 31, '"users"."age" < ?', (31,), [2]),
    ("<=", 31, '"users"."age" <= ?', (31,), [1, 2]),
    (">", 31, '"users"."age" > ?', (31,), [4]),
    (">=", 31, '"users"."age" >= ?', (31,), [1, 4]),
    ("is", 31, '"users"."age" IS ?', (31,), [1]),
    ("is", None, '"users"."age" IS NULL', (), [3]),
    ("is not", 31, '"users"."age" IS NOT ?', (31,), [2, 3, 4]),
    ("is not", None, '"users"."age" IS NOT NULL', (), [1, 2, 4]),
    ("is distinct from", 31, '"users"."age" IS NOT ?', (31,), [2, 3, 4]),
    ("is not distinct from", 31, '"users"."age" IS ?', (31,), [1]),
    ("in", [31, 45, 99], f'"users"."age" IN {LIST}', ([31, 45, 99],), [1, 4]),
    ("in", [31, None], f'"users"."age" IN {LIST}', ([31],), [1]),
    ("in", [], "1 = 0", (), []),
    ("not in", (31, 45), f'("users"."age" NOT IN {LIST})', ([31, 45],), [2]),
    ("not in", [], "1 != 0", (), [1, 2, 3, 4]),
    ("between", (17, 31), '"users"."age" BETWEEN ? AND ?', (17, 31), [1, 2]),
    ("not between", [17, 31], '"users"."age" NOT BETWEEN ? AND ?', (17, 31), [4]),
]

TEXT_OPERATIONS = [
    ("like", "A%", '"users"."name" LIKE ?', [1]),
    ("not like", "A%", '"users"."name" NOT LIKE ?', [2, 3, 4]),
    ("ilike", "A%", 'noormme_casefold("users"."name") LIKE noormme_casefold(?)', [1]),
    ("not ilike", "A%", 'noormme_casefold("users"."name") NOT LIKE noormme_casefold(?)', [2, 3, 4]),
    ("glob", "A*", '"users"."name" GLOB ?', [1]),
    ("glob", "a*", '"users"."name" GLOB ?', []),
    ("not glob", "A*", 'NOT ("users"."name" GLOB ?)', [2, 3, 4]),
    ("regexp", "^[AB]", '"users"."name" REGEXP ?', [1, 2]),
    ("not regexp", "^[AB]", '"users"."name" NOT REGEXP ?', [3, 4]),
]


@pytest.mark.parametrize(("operator", "operand", "where", "parameters", "found"), OPERATIONS)
def test_comparison(
    db: Database, operator: str, operand: object, where: str, parameters: tuple[object, ...], found: list[int]
) -> None:
    query = db.table("users").where("age", operator, operand).select("id").order_by("id")
    assert after_from(query) == f'"users" WHERE {where} ORDER BY "users"."id" ASC'
    assert bound(query) == parameters
    assert [row.id for row in query] == found


@pytest.mark.parametrize(("operator", "operand", "where", "found"), TEXT_OPERATIONS)
def test_text(db: Database, engine: str, operator: str, operand: str, where: str, found: list[int]) -> None:
    query = db.table("users").where("name", operator, operand).select("id").order_by("id")
    assert after_from(query) == f'"users" WHERE {where} ORDER BY "users"."id" ASC'
    assert bound(query) == (operand,)
    if engine != "sqlite" and "glob" in operator:
        with pytest.raises(NotSupported, match=r"no 'glob' for queries in tables; write like, or regexp"):
            query.all()
        return
    assert [row.id for row in query] == found


def test_like_is_the_database_s_own(db: Database, engine: str) -> None:
    assert db.table("users").where("name", "like", "a%").count() == (engine == "sqlite")


@pytest.mark.parametrize(("operator", "found"), [("is null", [3]), ("is not null", [1, 2, 4])])
def test_null(db: Database, operator: str, found: list[int]) -> None:
    query = db.table("users").where("age", operator).select("id").order_by("id")
    assert after_from(query) == f'"users" WHERE "users"."age" {operator.upper()} ORDER BY "users"."id" ASC'
    assert [row.id for row in query] == found


def test_match(opened: Callable[..., Database]) -> None:
    db = opened("CREATE VIRTUAL TABLE notes USING fts5(body); INSERT INTO notes VALUES ('red fox'), ('blue')")
    query = db.table("notes").where("notes", "match", "fox").select("body")
    assert after_from(query) == '"notes" WHERE "notes"."notes" MATCH ?'
    assert rows(query) == [("red fox",)]


def test_every_operator_is_tested() -> None:
    tested = {each[0] for each in (*OPERATIONS, *TEXT_OPERATIONS)}
    assert tested | {"match", "is null", "is not null"} == OPERATORS.keys()


def test_an_operator_is_written_in_any_case(db: Database) -> None:
    assert db.table("users").where("age", "NOT  In", [31, 45]).count() == 1


def test_ilike_knows_all_letters(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (n TEXT); INSERT INTO t VALUES ('École')")
    assert db.table("t").where("n", "like", "éc%").count() == 0
    assert db.table("t").where("n", "ilike", "éc%").count() == 1


def test_columns_are_compared(db: Database) -> None:
    query = db.table("lines").where("number", "<", ref("lines.quantity")).select("id").order_by("id")
    assert after_from(query).startswith('"lines" WHERE "lines"."number" < "lines"."quantity" ')
    assert rows(query) == [(1,), (2,), (4,)]
    assert db.table("lines").where("quantity", "between", (ref("number"), 3)).count() == 2
    assert db.table("users").where("name", "like", fn.replace("name", "A", "%")).count() == 4


CONDITIONS: list[tuple[Callable[[TableQuery], TableQuery], str, list[int]]] = [
    (lambda q: q.where("id", ">", 1).where("id", "<", 4), '"id" > ? AND "id" < ?', [2, 3]),
    (lambda q: q.where("id", "=", 1).or_where("id", "=", 4), '"id" = ? OR "id" = ?', [1, 4]),
    (
        lambda q: q.where("id", "=", 1).or_where("id", "=", 4).where("age", ">", 40),
        '("id" = ? OR "id" = ?) AND "age" > ?',
        [4],
    ),
    (
        lambda q: q.where("id", "=", 3).or_where(lambda g: g.where("id", "<", 3).where("age", "<", 18)),
        '"id" = ? OR "id" < ? AND "age" < ?',
        [2, 3],
    ),
    (
        lambda q: q.where("id", "<", 4).where(lambda g: g.where("age", "<", 18).or_where("age", "is null")),
        '"id" < ? AND ("age" < ? OR "age" IS NULL)',
        [2, 3],
    ),
    (
        lambda q: q.where(or_(("id", "=", 1), and_(("id", ">", 2), ("age", "is not null")))),
        '"id" = ? OR "id" > ? AND "age" IS NOT NULL',
        [1, 4],
    ),
    (lambda q: q.where(and_(("id", "=", 1))), '"id" = ?', [1]),
    (
        lambda q: q.where(not_(and_(("id", ">", 1), ("id", "<", 4)))),
        'NOT ("id" > ? AND "id" < ?)',
        [1, 4],
    ),
    (lambda q: q.where(("id", "in", [2])), f'"id" IN {LIST}', [2]),
]


@pytest.mark.parametrize(("build", "where", "found"), CONDITIONS)
def test_conditions(
    db: Database, build: Callable[[TableQuery], TableQuery], where: str, found: list[int]
) -> None:
    query = build(db.table("users")).select("id").order_by("id")
    expected = where.replace('"id"', '"users"."id"').replace('"age"', '"users"."age"')
    assert after_from(query) == f'"users" WHERE {expected} ORDER BY "users"."id" ASC'
    assert [row.id for row in query] == found


def test_exists(db: Database) -> None:
    posts = db.table("posts").where("author_id", "=", outer("users.id")).select("id")
    inner = '(SELECT "posts"."id" FROM "posts" WHERE "posts"."author_id" = "users"."id")'
    users = db.table("users").select("id").order_by("id")
    for query in (users.where_exists(posts), users.where(exists(posts)), users.where("exists", posts)):
        assert after_from(query) == f'"users" WHERE EXISTS {inner} ORDER BY "users"."id" ASC'
        assert rows(query) == [(1,), (2,), (3,)]
    for query in (
        users.where_not_exists(posts),
        users.where(not_exists(posts)),
        users.where("not exists", posts),
    ):
        assert after_from(query) == f'"users" WHERE NOT (EXISTS {inner}) ORDER BY "users"."id" ASC'
        assert rows(query) == [(4,)]


def test_sub_selects_in_conditions(db: Database) -> None:
    authors = db.table("posts").where("rating", ">=", 5).select("author_id")
    users = db.table("users").select("id").order_by("id")
    among = users.where("id", "in", authors).where("id", ">", 1)
    assert after_from(among) == (
        '"users" WHERE "users"."id" IN (SELECT "posts"."author_id" FROM "posts" WHERE "posts"."rating" >= ?)'
        ' AND "users"."id" > ? ORDER BY "users"."id" ASC'
    )
    assert bound(among) == (5, 1)
    assert rows(among) == [(2,)]
    assert rows(users.where("id", "not in", authors)) == [(3,), (4,)]
    oldest = db.table("users").select(fn.max("age"))
    assert rows(users.where("age", "=", oldest)) == [(4,)]


def test_outer_reaches_over_two_levels(db: Database) -> None:
    tagged = (
        db.table("post_tags").where("post_id", "=", outer("posts.id")).where("tag_id", "=", outer("users.id"))
    )
    posts = db.table("posts").where("author_id", "=", outer("users.id")).where_exists(tagged)
    assert rows(db.table("users").where_exists(posts).select("id").order_by("id")) == [(1,), (2,)]


def test_functions_in_conditions(db: Database) -> None:
    query = db.table("users").where(fn.length("name"), "=", 3).select("id").order_by("id")
    assert after_from(query).startswith('"users" WHERE length("users"."name") = ? ')
    assert rows(query) == [(1,), (2,), (4,)]
    assert db.table("users").where(ref("age") % 2, "=", 1).count() == 3
    assert db.table("users").where(value(3), "<", ref("id")).count() == 1


@pytest.mark.otherwise("mysql", "its quotient of whole numbers is no whole number")
def test_arithmetic_and_case(db: Database) -> None:
    query = (
        db.table("users")
        .where("id", "=", 2)
        .select(
            x=(ref("id") + 1) * 10 - ref("age") / 2,
            y=1 + ref("id") % 2,
            z=ref("name").concat("!"),
            c=case((("age", "<", 18), "young"), (("age", ">", 40), "old"), otherwise="so"),
            none=case((("age", ">", 40), 1)),
        )
    )
    assert sql(query).startswith(
        'SELECT (("users"."id" + ?) * ?) - ("users"."age" / ?) AS "x", ? + ("users"."id" % ?) AS "y",'
        ' "users"."name" || ? AS "z",'
        ' CASE WHEN ("users"."age" < ?) THEN ? WHEN ("users"."age" > ?) THEN ? ELSE ? END AS "c",'
    )
    assert rows(query) == [(22, 1, "Bob!", "young", None)]
    assert rows(
        db.table("users").select(a=5 - ref("id"), b=6 / ref("id"), c=7 % ref("id"), d=2 * ref("id")).limit(1)
    ) == [(4, 6, 0, 2)]


FUNCTIONS = [
    (fn.lower("name"), 'lower("users"."name")', "ann"),
    (fn.upper("name"), 'upper("users"."name")', "ANN"),
    (fn.length("name"), 'length("users"."name")', 3),
    (fn.substr("name", 2), 'substr("users"."name", ?)', "nn"),
    (fn.substr("name", 1, 1), 'substr("users"."name", ?, ?)', "A"),
    (fn.replace("name", "n", "m"), 'replace("users"."name", ?, ?)', "Amm"),
    (fn.trim("name"), 'trim("users"."name")', "Ann"),
    (fn.ltrim("name"), 'ltrim("users"."name")', "Ann"),
    (fn.rtrim("name"), 'rtrim("users"."name")', "Ann"),
    (fn.instr("name", "n"), 'instr("users"."name", ?)', 2),
    (fn.coalesce("age", 0), 'coalesce("users"."age", ?)', 31),
    (fn.coalesce(value(None), "name"), 'coalesce(NULL, "users"."name")', "Ann"),
    (fn.nullif("name", "Ann"), 'nullif("users"."name", ?)', None),
    (fn.abs(ref("id") - 9), 'abs("users"."id" - ?)', 8),
    (fn.round(ref("age") / value(4.0), 1), 'round("users"."age" / ?, ?)', 7.8),
    (fn.date("joined"), 'date("users"."joined")', date(2024, 1, 1)),
    (fn.datetime("joined"), 'datetime("users"."joined")', datetime(2024, 1, 1, 10)),
    (fn.strftime("%Y-%m", "joined"), 'strftime(?, "users"."joined")', "2024-01"),
]


@pytest.mark.parametrize(("function", "expected", "result"), FUNCTIONS)
def test_functions(db: Database, engine: str, function: object, expected: str, result: object) -> None:
    query = db.table("users").where("id", "=", 1).select(x=function)
    assert sql(query).startswith(f'SELECT {expected} AS "x" FROM')
    name = expected.partition("(")[0]
    if engine != "sqlite" and name in ("datetime", "strftime"):
        with pytest.raises(NotSupported, match=f"no '{name}' for queries in tables; select the column"):
            query.scalar()
        return
    assert query.scalar() == result


def test_texts_are_joined(db: Database) -> None:
    assert db.table("users").where("id", "=", 1).select(x=ref("name").concat("!")).scalar() == "Ann!"


def test_json_extract_and_random(opened: Callable[..., Database]) -> None:
    db = opened("""CREATE TABLE t (j JSON); INSERT INTO t VALUES ('{"a": [1, "x"]}')""")
    assert db.table("t").select(fn.json_extract("j", "$.a[1]")).scalar() == "x"
    assert db.table("t").order_by(fn.random()).first()["j"] == {"a": [1, "x"]}


def test_values_take_the_form_of_the_column(opened: Callable[..., Database]) -> None:
    one = UUID(int=1)
    db = opened(f"""
        CREATE TABLE t (at DATETIME, ok BOOLEAN, price DECIMAL, u UUID, j JSON, d DATE);
        INSERT INTO t VALUES (1704103200000, 'true', '9.90', x'{one.hex}', '{{"a": 1}}', '2024-01-02');
        INSERT INTO t VALUES (1804103200000, 'false', '10.5', x'{UUID(int=2).hex}', '[]', '2025-01-02');
    """)
    at = datetime(2024, 1, 1, 10)
    table = db.table("t").select("price")
    assert bound(table.where("at", "=", at)) == (1704103200000,)
    conditions = [
        ("at", "=", at),
        ("at", "in", [at]),
        ("at", "between", (at, at)),
        ("at", "is", at),
        ("ok", "=", True),
        ("price", "<", Decimal("10")),
        ("u", "=", one),
        ("u", "in", [one]),
        ("j", "=", {"a": 1}),
        ("d", "<", date(2024, 12, 31)),
    ]
    for condition in conditions:
        assert table.where(*condition).all() == [(Decimal("9.90"),)], condition
    assert table.where(value(at), "<", ref("at")).all() == [(Decimal("10.5"),)]
    assert table.where(value({"a": 1}), "=", ref("j")).all() == [(Decimal("9.90"),)]
    assert db.table("t").group_by("ok").having(fn.sum("price"), ">", Decimal("10")).select("ok").all() == [
        (False,)
    ]
    first = (
        db.table("t").select("at", least=fn.min("at"), total=fn.sum("price"), u=fn.coalesce("u", one)).one()
    )
    assert first == (at, at, Decimal("20.4"), one)
