"""The T-SQL of the whole language: what is expected of it, and that another parser understands it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from noormme import NoormmeError
from noormme.engines.server.mssql.batches import END
from tests.language.table_updates import REFUSED, Refusal
from tests.mssql.golden import AREAS, CONSTRUCTS, EXPECTED, Section, sections, written
from tests.mssql.offline import opened


@pytest.fixture(scope="module", params=sorted([*AREAS, *CONSTRUCTS]))
def area(request: pytest.FixtureRequest) -> tuple[str, list[Section]]:
    """The name of an area, and what is written for it now."""
    name: str = request.param
    return name, sections(name)


def test_statements_are_the_expected_ones(area: tuple[str, list[Section]]) -> None:
    name, made = area
    assert written(made).splitlines() == (EXPECTED / f"{name}.sql").read_text().splitlines()


def test_there_is_a_file_for_each_area_and_no_other() -> None:
    assert {path.stem for path in EXPECTED.glob("*.sql")} == {*AREAS, *CONSTRUCTS}


def statements(made: list[Section]) -> Iterator[str]:
    """Each statement alone, all columns of a table as a star."""
    for _, several in made:
        for text in several:
            statement = text.partition("\n")[0]
            # The parser does not know that a row of defaults is given back, too.
            if not statement.startswith("--") and "] DEFAULT VALUES" not in statement:
                yield re.sub(r"(\[\w+\])\.…", r"\1.*", statement).replace(END, ";")


def test_another_parser_understands_them(area: tuple[str, list[Section]]) -> None:
    for statement in statements(area[1]):
        for each in sqlglot.parse(statement, read="tsql"):
            # What it does not know it calls a command.
            unknown = isinstance(each, exp.Command) and not each.sql().startswith("SET IDENTITY_INSERT [")
            assert not unknown, statement


def test_what_t_sql_does_not_have_is_not_written(area: tuple[str, list[Section]]) -> None:
    """What a parser that is content with much would let through, and SQL Server would not."""
    for statement in statements(area[1]):
        bare = re.sub(r"N?'(?:[^']|'')*'", "''", statement)
        for word in (
            "LIMIT",
            "ILIKE",
            "TRUE",
            "FALSE",
            "RETURNING",
            "FILTER (",
            "NULLS FIRST",
            "NULLS LAST",
            "||",
        ):
            assert word not in bare.upper().replace("N''TRUE''", ""), statement
        assert '"' not in bare.replace("'\"'", ""), statement
        for tree in filter(None, sqlglot.parse(statement, read="tsql")):
            check(tree, statement)


def check(tree: exp.Expression, statement: str) -> None:
    """What SQL Server refuses with an error of its own (its number stands behind each)."""
    for select in tree.find_all(exp.Select):
        order = select.args.get("order")
        limited = any(select.args.get(part) is not None for part in ("limit", "offset", "fetch"))
        inside = isinstance(select.parent, exp.Subquery | exp.Exists | exp.In | exp.SetOperation)
        assert order is None or limited or not inside, f"1033: {statement}"
        assert select.args.get("offset") is None or order is not None, f"153: {statement}"
        keys = [] if order is None else [key.this.sql("tsql") for key in order.expressions]
        assert len(keys) == len(set(keys)), f"169: {statement}"
        for key in [] if order is None else order.expressions:
            assert not isinstance(key.this, exp.Parameter), f"1008: {statement}"
        group = select.args.get("group")
        for key in [] if group is None else group.expressions:
            assert key.find(exp.Select) is None, f"144: {statement}"
            assert key.find(exp.Column) is not None, f"164: {statement}"
    for call in tree.find_all(exp.AggFunc):
        assert call.find(exp.Select) is None or isinstance(call.parent, exp.Window), f"130: {statement}"
    for derived in tree.find_all(exp.Subquery):
        inner = derived.this
        if not isinstance(derived.parent, exp.From | exp.Join) or not isinstance(inner, exp.Select):
            continue
        names = [column.alias_or_name for column in inner.expressions]
        assert all(names) or derived.args["alias"].columns, f"8155: {statement}"
        assert len(names) == len(set(names)), f"8156: {statement}"


@pytest.mark.parametrize("refusal", [pytest.param(each, id=each.about) for each in REFUSED])
def test_what_is_refused(refusal: Refusal) -> None:
    database, _ = opened("world")
    with pytest.raises(NoormmeError) as caught:
        refusal.rows(database).update(**refusal.values(database))
    assert str(caught.value).startswith(refusal.message)
