"""``noormme query``: languages, forms, files, and what goes wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import connect
from noormme.cli.query.evaluating import is_sql
from noormme.cli.query.results import unique
from tests.cli.calling import COMMAND, Invoke, Run
from tests.cli.test_terminal import ANSI, on_terminal

pytestmark = pytest.mark.filterwarnings("ignore::noormme.UnreadableValue")


@pytest.fixture
def people(make: Callable[..., Path]) -> Path:
    """A few rows with every kind of value."""
    return make(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, born DATE, pay DECIMAL, ok BOOLEAN, "
        "photo BLOB, extra JSON)",
        "INSERT INTO people VALUES (1, 'Ann, \"A\"', '1990-01-02', '10.25', 1, x'0102', '{\"a\":[1]}')",
        "INSERT INTO people VALUES (2, 'Bob\nB', NULL, NULL, 0, NULL, NULL)",
        "INSERT INTO people VALUES (3, '', '2000-12-31', '0.75', NULL, x'', '[]')",
    )


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("select 1", True),
        ("  SELECT 1", True),
        ("-- a comment\n/* and\nmore */ with x as (select 1) select * from x", True),
        ("values (1), (2)", True),
        ("db.users.all()", False),
        ("list(db.tables)", False),
        ("select.x", False),
        ("[1]", False),
        ("(select 1)", False),
        ("", False),
    ],
)
def test_which_language_it_is(text: str, sql: bool) -> None:
    assert is_sql(text) is sql


def test_an_expression_as_a_table(invoke: Invoke, people: Path) -> None:
    result = invoke("query", people, "db.people.filter(id__lte=2)")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["id", "name", "born", "pay", "ok", "photo", "extra"]
    assert lines[2].split() == [
        "1",
        "Ann,",
        '"A"',
        "1990-01-02",
        "10.25",
        "true",
        "<2",
        "bytes>",
        '{"a":[1]}',
    ]
    assert lines[3].split() == ["2", "Bob\\nB", "NULL", "NULL", "false", "NULL", "NULL"]
    assert lines[4] == "2 rows"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("db.people.count()", 3),
        ("db.people.filter(id=1).values('id', 'pay')", [{"id": 1, "pay": "10.25"}]),
        ("db.people.values_list('id', 'ok')[:1]", [{"id": 1, "ok": True}]),
        ("db.people.order_by('id').values_list('id', flat=True)", [{"id": 1}, {"id": 2}, {"id": 3}]),
        ("db.people.aggregate(n=Count('id'))", [{"n": 3}]),
        ("db.people.get(id=2)", [{"id": 2, "name": "Bob\nB", "born": None, "pay": None, "ok": False}]),
        (
            "db.people.annotate(u=Upper('name')).only('id').order_by('-u')[:1]",
            [{"id": 2, "u": "BOB\nB"}],
        ),
        ("db.people.in_bulk([1])", [{"id": 1}]),
        ("db.table('people').select('id').where('id', '>', 2)", [{"id": 3}]),
        ("db.people.raw('select * from people where id = 3')", [{"id": 3}]),
        ("db.execute('select id, ok from people where id = 1')", [{"id": 1, "ok": True}]),
        ("db.people.paginate(page=2, per_page=2)", [{"id": 3}]),
        ("db.people.none()", []),
        ("db.tables", [{"value": "people"}]),
        ("(id for id in db.people.order_by('id').values_list('id', flat=True)[:1])", [{"value": 1}]),
        ("[(1, 'x')]", [{"column_1": 1, "column_2": "x"}]),
        ("db.people", [{"id": 1}, {"id": 2}, {"id": 3}]),
        ("date(2020, 1, 2)", "2020-01-02"),
        ("None", None),
        ("select id, id, ok from people where id = 1", [{"id": 1, "id_2": 1, "ok": True}]),
        ("select photo, extra from people where id = 1", [{"photo": "AQI=", "extra": {"a": [1]}}]),
        ("select count(*) as n from people", [{"n": 3}]),
    ],
)
def test_what_a_query_can_give(invoke: Invoke, people: Path, query: str, expected: object) -> None:
    result = invoke("query", people, query, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    if isinstance(expected, list) and expected:
        # Objects have all of their columns; what is expected of them is enough.
        found = [{name: row[name] for name in wanted} for row, wanted in zip(found, expected, strict=True)]
    assert found == expected


def test_text_is_printed_as_it_is(invoke: Invoke, people: Path) -> None:
    result = invoke("query", people, "db.people.filter(id=1).values('id').sql().statement")
    assert result.stdout.startswith("SELECT ")


def test_csv_and_lines(invoke: Invoke, people: Path) -> None:
    rows = list(csv.reader(io.StringIO(invoke("query", people, "db.people.all()", "--format", "csv").stdout)))
    assert rows == [
        ["id", "name", "born", "pay", "ok", "photo", "extra"],
        ["1", 'Ann, "A"', "1990-01-02", "10.25", "true", "AQI=", '{"a":[1]}'],
        ["2", "Bob\nB", "", "", "false", "", ""],
        ["3", "", "2000-12-31", "0.75", "", "", "[]"],
    ]
    lines = invoke("query", people, "select id from people", "-f", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert (
        invoke("query", people, "db.people.none()", "-f", "csv").stdout == "id,name,born,pay,ok,photo,extra\n"
    )


@pytest.mark.parametrize("name", ["out.csv", "out.json", "out.jsonl", "out.txt"])
def test_a_file_is_like_standard_output(invoke: Invoke, people: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("what was there before")
    result = invoke("query", people, "db.people.all()", "-o", file)
    assert (result.exit_code, result.stdout) == (0, "")
    form = {"txt": "table"}.get(name[4:], name[4:])
    assert file.read_text() == invoke("query", people, "db.people.all()", "-f", form).stdout
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["made.db", name])


def test_a_file_of_a_query_that_fails_is_not_touched(invoke: Invoke, people: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("before")
    bad = "(1 / (2 - row.id) for row in db.people.all())"
    assert invoke("query", people, bad, "-o", file).exit_code == 1
    assert file.read_text() == "before"
    assert invoke("query", people, "db.people", "-o", tmp_path).exit_code == 1
    assert "--format" in invoke("query", people, "db.people", "-o", tmp_path / "x.xyz").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are others there")
def test_a_file_that_is_there_keeps_its_permissions_and_its_links(
    invoke: Invoke, people: Path, tmp_path: Path
) -> None:
    file, link = tmp_path / "private.csv", tmp_path / "link.csv"
    file.touch(0o600)
    link.symlink_to(file.name)
    assert invoke("query", people, "db.people.values('id')", "-o", link).exit_code == 0
    assert file.read_text() == "id\n1\n2\n3\n"
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(("name", "said"), [("no/x.csv", "there is no folder"), ("x.csv", "is a folder")])
def test_nothing_runs_where_its_rows_could_not_be_written(
    invoke: Invoke, people: Path, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "x.csv").mkdir()
    deleting = "DELETE FROM people RETURNING *"
    result = invoke("query", people, deleting, "--write", "-o", tmp_path / name)
    assert result.exit_code == 1
    assert said in result.stderr
    with connect(people) as db:
        assert db.people.count() == 3


def test_parquet(invoke: Invoke, people: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    file = tmp_path / "out.parquet"
    assert invoke("query", people, "db.people.all()", "-o", file).exit_code == 0
    rows = parquet.read_table(file).to_pylist()
    with connect(people, readonly=True) as db:
        expected = [row.to_dict() for row in db.people]
    for row in expected:
        row["extra"] = None if row["extra"] is None else json.dumps(row["extra"], separators=(",", ":"))
    assert rows == expected
    mixed = invoke("query", people, "select 1 as x union all select 'a'", "-o", file)
    assert mixed.exit_code == 1
    assert "column 'x' holds values of several types" in mixed.stderr


def test_parquet_without_its_package(run: Run, people: Path, tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError")
    result = run("query", people, "db.people", "-o", tmp_path / "x.parquet", PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "pip install 'noormme[parquet]'" in result.stderr
    assert not (tmp_path / "x.parquet").exists()


def test_limits(invoke: Invoke, people: Path) -> None:
    cut = invoke("query", people, "select id from people", "-n", "2")
    assert cut.stdout.splitlines()[-1] == "first 2 rows"
    assert "--limit 0" in cut.stderr
    assert len(json.loads(invoke("query", people, "db.people", "--json", "-n", "2").stdout)) == 2
    whole = invoke(
        "query",
        people,
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 1200) select x from n",
        "-n",
        "0",
    )
    assert whole.stdout.splitlines()[-1] == "1,200 rows"
    first = invoke(
        "query",
        people,
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 1200) select x from n",
    )
    assert first.stdout.splitlines()[-1] == "first 1,000 rows"


@pytest.mark.parametrize(
    "query",
    [
        "delete from people",
        "db.people.filter(id=1).delete()",
        "create table other (id integer)",
        "with x as (select 1) delete from people where id in (select 1)",
    ],
)
def test_nothing_is_written_unless_that_is_meant(invoke: Invoke, people: Path, query: str) -> None:
    result = invoke("query", people, query)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1] == "hint:  add --write if that is meant"
    with connect(people, readonly=True) as db:
        assert (db.people.count(), db.tables) == (3, ["people"])


def test_what_is_written_while_rows_are_asked_for(invoke: Invoke, people: Path) -> None:
    query = "(each.update(name='x') for each in db.people)"
    assert invoke("query", people, query).stderr.splitlines()[1] == "hint:  add --write if that is meant"


def test_what_cannot_be_written_here_says_what_to_do(invoke: Invoke, people: Path) -> None:
    result = invoke("query", people, "db.people.raw('delete from people')")
    assert result.stderr.splitlines()[1] == "hint:  write with db.execute()"


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("select 1; select 2", "run 'noormme query' for each"),
        ("update people set ok = 1; select 2", "run 'noormme query' for each"),
        ("select * from people where id = ?", "write the values into the statement"),
        ("select * from people where id = :id", "write the values into the statement"),
        (
            "pragma user_version = 3",
            "set it in another program, such as the sqlite3 shell; without a value it is read",
        ),
        ("select * from zzz", "'noormme inspect' shows which there are"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--write",)])
def test_hints_are_for_the_command_line(
    invoke: Invoke, people: Path, query: str, hint: str, options: tuple[str, ...]
) -> None:
    result = invoke("query", people, query, *options)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1] == f"hint:  {hint}"


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("begin", "a query is a transaction of its own"),
        ("attach 'x' as y", "ask the other file by itself"),
        ("pragma foreign_keys = 0", "it is the setting 'foreign_keys'"),
    ],
)
def test_what_is_about_the_connection(invoke: Invoke, people: Path, query: str, hint: str) -> None:
    result = invoke("query", people, "--sql", query)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1] == f"hint:  {hint}"


def test_hints_in_an_expression_are_for_python(invoke: Invoke, people: Path) -> None:
    result = invoke("query", people, "db.execute('select 1; select 2')")
    assert result.stderr.splitlines()[1] == "hint:  call execute() for each"


def test_writing(invoke: Invoke, people: Path) -> None:
    changed = invoke("query", people, "update people set ok = 1 where id > 1", "--write", "--json")
    assert json.loads(changed.stdout) == [{"changed": 2}]
    given = invoke(
        "query", people, "insert into people (name) values ('Cy') returning id", "--write", "--json"
    )
    assert json.loads(given.stdout) == [{"id": 4}]
    assert invoke("query", people, "create table other (id integer)", "--write").exit_code == 0
    assert invoke("query", people, "db.people.filter(id=4).delete()", "--write").exit_code == 0
    with connect(people, readonly=True) as db:
        assert (db.people.filter(ok=True).count(), db.tables) == (3, ["other", "people"])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("db.poeple.all()", "hint:  did you mean 'people'?"),
        ("db.people.filter(nme='x')", "hint:  did you mean 'name'?"),
        ("Cuont('x')", "hint:  did you mean 'Count'"),
        ("zzzzzz", "hint:  tables are reached through db: db.users"),
        ("db.people.filter(", "error: this is no Python expression: '(' was never closed"),
        ("x = 1", "hint:  SQL begins with a word like SELECT; --sql says that it is SQL"),
        ("1 / 0", "error: the expression failed: ZeroDivisionError: division by zero"),
        ("db.people.acount()", "hint:  use the method without the leading 'a'"),
        ("select nme from people", "hint:  did you mean 'name'?"),
        ("select 1; select 2", "error: "),
        ("\0", "error: this is no Python expression"),
        (" ", "error: the query is empty"),
    ],
)
def test_mistakes_are_one_line_and_a_hint(invoke: Invoke, people: Path, query: str, said: str) -> None:
    result = invoke("query", people, query)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["a", "b", "c"],
        ["a", "--json", "--format", "csv"],
        ["a", "--timeout", "0"],
        ["a", "--limit", "-1"],
        [],
    ],
)
def test_wrong_calls(invoke: Invoke, arguments: list[str]) -> None:
    assert invoke("query", *arguments).exit_code == 2


def test_the_language_can_be_said(invoke: Invoke, people: Path) -> None:
    assert (
        json.loads(invoke("query", people, "(select 1 as x)", "--sql", "--json").stdout or "[]") is not None
    )
    assert invoke("query", people, "select 1", "--python").exit_code == 1


def test_the_configured_database_and_standard_input(people: Path, tmp_path: Path) -> None:
    (tmp_path / "noormme.toml").write_text('database = "made.db"')
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    result = subprocess.run(
        [*COMMAND, "query", "-", "--json"],
        cwd=tmp_path,
        env=environment,
        input="db.people\\\n.count()",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, "3\n")


def test_a_time_limit(invoke: Invoke, people: Path) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
    result = invoke("query", people, endless, "--timeout", "0.2")
    assert result.exit_code == 1
    assert "0.2" in result.stderr


MANY = "with recursive n(x) as (select 1 union all select x + 1 from n limit {}) select x, hex(randomblob(40)) as y from n"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in KiB on Linux alone")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_memory_is_bounded(people: Path, form: str) -> None:
    def peak_kib(rows: int) -> int:
        program = (
            "import resource, sys; from noormme.cli.app import app; app(standalone_mode=False);"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        arguments = ["query", str(people), MANY.format(rows), "-f", form]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        result = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            capture_output=True,
            timeout=120,
            check=True,
        )
        assert result.stdout.count(b"\n") == rows + (form == "csv")
        return int(result.stderr.split()[-1])

    assert resource.getpagesize() > 0
    # 60,000 rows as objects would take some 20 MiB.
    assert peak_kib(60_000) - peak_kib(1_000) < 8 * 1024


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_head_ends_it_quietly(people: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "query", str(people), MANY.format(10_000_000), "-f", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"x,y\n"
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(60) == 141


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_narrow_terminal(people: Path) -> None:
    code, output = on_terminal("query", people, "db.people.all()", columns=100)
    lines = [line.rstrip() for line in ANSI.sub("", output).splitlines()]
    assert code == 0
    assert max(map(len, lines)) <= 100
    assert lines[-1] == "3 rows"
    code, output = on_terminal("query", people, "db.people.all()", columns=30)
    lines = [line.rstrip() for line in ANSI.sub("", output).splitlines()]
    assert lines[0] == "row 1", "rows that do not fit are shown one value a line"
    assert 'name   Ann, "A"' in lines


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_file_from_a_terminal_shows_progress(people: Path, tmp_path: Path) -> None:
    code, output = on_terminal("query", people, MANY.format(5_000), "-o", tmp_path / "x.csv")
    assert code == 0
    assert " rows\r\n" in ANSI.sub("", output)
    assert "5,000 rows written to" in ANSI.sub("", output)
    refused = on_terminal("query", people, "db.people", "-f", "parquet")
    assert refused[0] == 1


def test_names_of_columns_are_unique() -> None:
    assert unique(["a", "b", "a", "a_2", "a"]) == ("a", "b", "a_2", "a_2_2", "a_3")
