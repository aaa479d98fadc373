"""What is refused before the database is asked, and that the database refuses it as well."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noormme.engines.sqlite.introspect import introspect
from noormme.errors import CheckViolation, FieldNotFound, IntegrityError, InvalidValue, NotNullViolation
from noormme.orm.writing.validation import Validator, make_validator
from tests.discovery.support import database, discover, found, only_table

USERS = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    "Full Name" VARCHAR(5),
    status TEXT NOT NULL DEFAULT 'a' CHECK (status IN ('a', 'b')),
    age INTEGER CHECK (age BETWEEN 0 AND 150),
    score REAL CHECK (score > 0),
    code TEXT CHECK (length(code) = 2),
    level INTEGER CHECK (level IN (1, 2)),
    note TEXT
)
"""


def validator(script: str, *fields: str, inserting: bool = False) -> Validator:
    made = make_validator(only_table(script), fields, inserting=inserting)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("field", "value", "kind", "columns", "message"),
    [
        ("email", None, NotNullViolation, ("email",), "users.email must have a value"),
        ("status", None, NotNullViolation, ("status",), "users.status must have a value"),
        ("status", "c", CheckViolation, ("status",), "users.status must be one of 'a', 'b'"),
        ("level", 3, CheckViolation, ("level",), "users.level must be one of 1, 2"),
        ("age", -1, CheckViolation, ("age",), "users.age must be between 0 and 150"),
        ("age", 151, CheckViolation, ("age",), "users.age must be between 0 and 150"),
        ("score", 0, CheckViolation, ("score",), "users.score must be more than 0"),
        ("score", -0.5, CheckViolation, ("score",), "users.score must be more than 0"),
        ("code", "abc", CheckViolation, ("code",), "users.code takes exactly 2 characters"),
        ("code", "", CheckViolation, ("code",), "users.code takes exactly 2 characters"),
    ],
)
def test_a_refusal_says_where_and_what(
    field: str, value: object, kind: type[IntegrityError], columns: tuple[str, ...], message: str
) -> None:
    with pytest.raises(kind) as caught:
        validator(USERS, field)([value])
    assert type(caught.value) is kind
    assert str(caught.value) == message
    assert (caught.value.table, caught.value.columns) == ("users", columns)


def test_text_that_is_longer_than_its_type_says() -> None:
    check = validator(USERS, "full_name")
    check(["12345"])
    check([None])
    check([123456])
    with pytest.raises(InvalidValue) as caught:
        check(["123456"])
    assert str(caught.value) == "users.full_name takes at most 5 characters; it is declared VARCHAR(5)"
    assert "123456" not in repr(caught.value.__dict__)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        ("n > 5", 5, "more than 5"),
        ("n >= 5", 4, "at least 5"),
        ("n < 5", 5, "less than 5"),
        ("n <= 5", 6, "at most 5"),
        ("n > 1 AND n < 3", 3, "less than 3"),
    ],
)
def test_the_words_for_bounds(check: str, value: int, message: str) -> None:
    with pytest.raises(CheckViolation, match=rf"^t\.n must be {message}$"):
        validator(f"CREATE TABLE t (n INTEGER CHECK ({check}))", "n")([value])


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        ("length(s) <= 1", "ab", "takes at most 1 character"),
        ("length(s) > 2", "ab", "needs at least 3 characters"),
        ("length(s) BETWEEN 2 AND 4", "a", "takes 2 to 4 characters"),
    ],
)
def test_the_words_for_lengths(check: str, value: str, message: str) -> None:
    with pytest.raises(CheckViolation, match=rf"^t\.s {message}$"):
        validator(f"CREATE TABLE t (s TEXT CHECK ({check}))", "s")([value])


def test_a_long_list_of_choices_is_shown_in_part() -> None:
    listed = ", ".join(str(number) for number in range(30))
    with pytest.raises(CheckViolation, match=r" 18, 19, …$"):
        validator(f"CREATE TABLE t (n INTEGER CHECK (n IN ({listed})))", "n")([30])


def test_what_fits_passes() -> None:
    check = validator(USERS, "id", "email", "full_name", "status", "age", "score", "code", "level", "note")
    check([None, "e", "Ann", "b", 150, 0.5, "de", 2, None])
    check((1, "", None, "a", None, None, None, None, "x" * 100))


@pytest.mark.parametrize("value", [b"c", 1, 1.5, ["c"], {"c": 1}, object(), type])
def test_values_that_are_no_text_are_left_to_the_database(value: object) -> None:
    validator(USERS, "status", "code", "age", "level")([value, value, str(value), str(value)])


def test_not_null_comes_before_the_rest() -> None:
    with pytest.raises(NotNullViolation):
        validator(USERS, "age", "email")([-1, None])


def test_nothing_to_check_is_nothing_to_call() -> None:
    script = USERS + ";CREATE VIEW v AS SELECT * FROM users"
    schema = discover(script)
    assert make_validator(found(schema, "users"), ["id", "note"], inserting=False) is None
    assert make_validator(found(schema, "v"), ["email"]) is None
    assert make_validator(found(schema, "users"), ["email", "note"]) is not None


def test_a_field_that_must_be_given() -> None:
    with pytest.raises(NotNullViolation, match=r"^users\.email must have a value$") as caught:
        validator(USERS, "note", inserting=True)(["x"])
    assert caught.value.columns == ("email",)


def test_a_field_that_is_not_there() -> None:
    with pytest.raises(FieldNotFound, match="no field 'emial' on users"):
        make_validator(only_table(USERS), ["emial"])


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t (n INTEGER NOT NULL ON CONFLICT REPLACE DEFAULT 1)",
        "CREATE TABLE t (n INTEGER NOT NULL ON CONFLICT IGNORE)",
        "CREATE TABLE t (n INTEGER NOT NULL CHECK (n > 5));"
        "CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT raise(ignore); END",
        "CREATE TABLE t (n INTEGER PRIMARY KEY)",
    ],
)
def test_what_the_database_takes_is_taken(script: str) -> None:
    connection = database(script)
    check = make_validator(introspect(connection).tables[0], ["n"])
    assert check is None
    connection.execute("INSERT INTO t (n) VALUES (NULL)")


def test_names_and_values_of_the_schema_do_not_reach_the_generated_code() -> None:
    hostile = "row[0]); raise SystemExit #"
    table = only_table(
        f"""CREATE TABLE t ("{hostile}" TEXT NOT NULL, "'" TEXT CHECK ("'" IN ('\n"', '{hostile}')))"""
    )
    check = make_validator(table, [each.field for each in table.columns])
    assert check is not None
    check(["x", hostile])
    with pytest.raises(CheckViolation):
        check(["x", "x"])


# ---------------------------------------------------------------- whatever is refused, SQLite refuses

TYPES = ["", "TEXT", "VARCHAR(9)", "INTEGER", "YEAR", "REAL", "BOOLEAN", "NUMERIC", "BLOB", "XML", "DATE"]
SUFFIXES = [
    "",
    "",
    "NOT NULL",
    "NOT NULL DEFAULT 1",
    "NOT NULL DEFAULT NULL",
    "COLLATE NOCASE",
    "PRIMARY KEY",
]
LITERALS = ["'a'", "'b'", "'A'", "''", "'1'", "1", "2", "-1", "0x2", "1.5", "1e0", "NULL", "'a' || 'b'", "b"]
VALUES = st.one_of(
    st.none(),
    st.sampled_from(["a", "b", "A", "a ", "", "1", "1.0", "aa", "a\0b", "é", "bbbbbbbbbb"]),
    st.integers(-3, 4),
    st.sampled_from(
        [2**53 + 1, 2**63 - 1, -(2**63), 1.0, 1.5, 1.5000001, -0.0, float("inf"), b"a", b"", True, False]
    ),
)


@st.composite
def conditions(draw: st.DrawFn, columns: list[str], depth: int = 0) -> str:
    """A condition that SQLite takes; some can be read with certainty, some cannot."""
    column = draw(
        st.sampled_from([*columns, f"length({columns[0]})", f"length({columns[-1]})", f"+{columns[0]}"])
    )
    literals = st.sampled_from(LITERALS)
    shape = draw(st.integers(0, 9 if depth < 3 else 5))
    if shape == 0:
        return f"{column} IN ({', '.join(draw(st.lists(literals, min_size=1, max_size=3)))})"
    if shape == 1:
        return f"{column} {draw(st.sampled_from(['<', '<=', '>', '>=', '=', '==', '<>', 'IS']))} {draw(literals)}"
    if shape == 2:
        return f"{draw(literals)} {draw(st.sampled_from(['<', '<=', '>', '>=', '=']))} {column}"
    if shape == 3:
        return f"{column} BETWEEN {draw(literals)} AND {draw(literals)}"
    if shape == 4:
        return f"{column} IS NULL"
    if shape == 5:
        return draw(
            st.sampled_from([column, f"{column} NOT IN ('a')", f"CASE WHEN {column} THEN 1 ELSE 0 END"])
        )
    left, right = draw(conditions(columns, depth + 1)), draw(conditions(columns, depth + 1))
    return [f"{left} AND {right}", f"{left} OR {right}", f"({left} OR {right})", f"NOT {left} AND ({right})"][
        shape - 6
    ]


@st.composite
def tables(draw: st.DrawFn) -> str:
    columns = ["a", "b", "c"]
    key = draw(st.integers(0, 4))
    parts: list[str] = []
    for number, column in enumerate(columns):
        suffix = draw(st.sampled_from(SUFFIXES[:-1])) if number != key else SUFFIXES[-1]
        check = f" CHECK ({draw(conditions([column]))})" if draw(st.booleans()) else ""
        parts.append(f"{column} {draw(st.sampled_from(TYPES))} {suffix}{check}")
    parts += [f"CHECK ({draw(conditions(columns))})" for _ in range(draw(st.integers(0, 2)))]
    ending = draw(st.sampled_from(["", "WITHOUT ROWID"])) if key < len(columns) else ""
    return f"CREATE TABLE t ({', '.join(parts)}) {ending}"


def refused_here(check: Validator | None, row: tuple[object, ...]) -> bool:
    if check is None:
        return False
    try:
        check(row)
    except (NotNullViolation, CheckViolation):
        return True
    except InvalidValue:
        return False
    return False


def refused_by_sqlite(connection: apsw.Connection, sql: str, row: tuple[object, ...]) -> bool:
    try:
        connection.execute(sql, row)
    except (apsw.ConstraintError, apsw.MismatchError):
        return True
    return False


@given(
    tables(),
    st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=20),
    st.permutations(["a", "b", "c"]),
)
def test_whatever_is_refused_sqlite_refuses(
    script: str, rows: list[tuple[object, ...]], order: list[str]
) -> None:
    connection = database(script)
    table = introspect(connection).tables[0]
    for fields in (order, order[:2]):
        check = make_validator(table, fields)
        places = ", ".join("?" * len(fields))
        for row in rows:
            if refused_here(check, row[: len(fields)]):
                connection.execute("DELETE FROM t")
                sql = f"INSERT INTO t ({', '.join(fields)}) VALUES ({places})"
                assert refused_by_sqlite(connection, sql, row[: len(fields)])


@given(tables(), st.lists(VALUES, min_size=1, max_size=20), st.tuples(VALUES, VALUES, VALUES))
def test_whatever_is_refused_of_a_change_sqlite_refuses(
    script: str, values: list[object], first: tuple[object, ...]
) -> None:
    connection = database(script)
    if refused_by_sqlite(connection, "INSERT INTO t VALUES (?, ?, ?)", first):
        return
    table = introspect(connection).tables[0]
    for field in "abc":
        check = make_validator(table, [field], inserting=False)
        for value in values:
            if refused_here(check, (value,)):
                assert refused_by_sqlite(connection, f"UPDATE t SET {field} = ?", (value,))


def test_most_of_what_sqlite_refuses_for_simple_rules_is_refused_here() -> None:
    connection = database(USERS)
    table = introspect(connection).tables[0]
    values: dict[str, list[object]] = {
        "email": [None],
        "status": [None, "", "A", "c"],
        "age": [-1, 151, 2**62],
        "score": [0, 0.0, -1.5],
        "code": ["", "x", "xyz"],
        "level": [0, 3],
    }
    for field, refused in values.items():
        check = make_validator(table, ["email", field] if field != "email" else [field])
        for value in refused:
            row = ("e", value) if field != "email" else (value,)
            names = f"email, {field}" if field != "email" else field
            assert refused_by_sqlite(
                connection, f"INSERT INTO users ({names}) VALUES ({', '.join('?' * len(row))})", row
            )
            assert refused_here(check, row)
