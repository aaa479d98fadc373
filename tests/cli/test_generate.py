"""``noormme generate``: what it writes, what it leaves alone, and how it ends."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from noormme import connect
from noormme.cli.generate.repeating import repeating
from noormme.codegen.header import command_in, with_command
from noormme.codegen.outputs import OUTPUTS, render
from tests.cli.calling import COMMAND, Invoke, Run

Make = Callable[..., Path]

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)"


@pytest.fixture
def db(make: Make) -> Path:
    """A database with one table."""
    return make(USERS, name="app.db")


def change(path: Path, *statements: str) -> None:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("language", OUTPUTS)
def test_every_output_goes_to_standard_output(invoke: Invoke, db: Path, language: str) -> None:
    result = invoke("generate", db, "--lang", language)
    assert result.exit_code == 0, result.output
    with connect(db, readonly=True) as opened:
        text = render(opened.schema, language, source="app.db (sqlite)")
    assert result.stdout == with_command(text, f"noormme generate app.db --lang {language}")


@pytest.mark.parametrize("language", ["pydantic", "dataclasses", "json-schema", "dbml", "mermaid"])
def test_short_spellings(invoke: Invoke, db: Path, language: str) -> None:
    assert invoke("generate", db, f"--{language}").stdout == invoke("generate", db, "--lang", language).stdout


def test_python_is_what_nobody_has_to_ask_for(invoke: Invoke, db: Path) -> None:
    assert invoke("generate", db).stdout == invoke("generate", db, "--lang", "python").stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("models.py", "python"),
        ("db.ts", "typescript"),
        ("schema.json", "json-schema"),
        ("db.dbml", "dbml"),
        ("db.mmd", "mermaid"),
    ],
)
def test_the_ending_of_the_file_says_what_is_wanted(
    invoke: Invoke, db: Path, tmp_path: Path, name: str, said: str
) -> None:
    result = invoke("generate", db, "-o", tmp_path / name)
    assert (result.exit_code, result.output) == (0, f"{tmp_path / name}  written as {said}: 1 table\n")
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert command_in(text) == f"noormme generate app.db -o {name} --lang {said}"
    command = f"noormme generate app.db --lang {said}"
    assert with_command(text, command) == invoke("generate", db, "--lang", said).stdout


def test_a_file_stays_what_it_is(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target = tmp_path / "schemas.py"
    invoke("generate", db, "-o", target, "--pydantic")
    change(db, "ALTER TABLE users ADD COLUMN age INTEGER")
    assert "written as pydantic" in invoke("generate", db, "-o", target).output
    assert "class UserCreate(WriteModel)" in target.read_text(encoding="utf-8")


def test_an_unchanged_file_is_not_touched(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target = tmp_path / "db.ts"
    invoke("generate", db, "-o", target)
    os.utime(target, (1, 1))
    assert "unchanged" in invoke("generate", db, "-o", target).output
    assert target.stat().st_mtime == 1


def test_the_database_of_the_configuration(invoke: Invoke, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = with_command(invoke("generate", db, "--dbml").stdout, "noormme generate --lang dbml")
    monkeypatch.setenv("DATABASE_URL", str(db))
    assert invoke("generate", "--dbml").stdout == expected
    assert invoke("generate", db, "--dbml").stdout == expected, "the settings name it"


# -- the command in the header ------------------------------------------------------------------------------


def test_the_header_tells_the_command_that_writes_the_file_again(
    invoke: Invoke, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(db.parent)
    Path("my web").mkdir()
    for arguments in (["app.db", "-o", "models.py", "--depth", "2"], ["app.db", "-o", "my web/db.ts"]):
        assert invoke("generate", *arguments).exit_code == 0
    texts = {name: Path(name).read_text(encoding="utf-8") for name in ("models.py", "my web/db.ts")}
    commands = {name: command_in(text) for name, text in texts.items()}
    assert commands == {
        "models.py": "noormme generate app.db -o models.py --lang python --depth 2",
        "my web/db.ts": "noormme generate app.db -o 'my web/db.ts' --lang typescript",
    }
    for name, command in commands.items():
        Path(name).unlink()
        assert command is not None
        assert invoke(*shlex.split(command)[1:]).exit_code == 0
        assert Path(name).read_text(encoding="utf-8") == texts[name]


@pytest.mark.parametrize(
    ("database", "named"),
    [
        ("/srv/secret place/app.db", "app.db"),
        ("sqlite:///data/app.db", "data/app.db"),
        ("postgresql://ann:p%40ss:w*rd@host:5432/app", "postgresql://ann@host:5432/app"),
        ("mysql://:pass@host/app?ssl=1&password=x", "'mysql://host/app?ssl=1'"),
        ("libsql://host:8080?authToken=abc", "libsql://host:8080"),
        ("it's`*\\ \"?>-->{}.db", "'it_s___ _?_--___.db'"),
    ],
)
def test_no_secret_is_in_the_command(database: str, named: str) -> None:
    assert repeating(database, Path("/elsewhere/db.ts"), "kysely") == (
        f"noormme generate {named} -o db.ts --lang kysely"
    )


def test_a_check_goes_by_what_the_file_is_and_not_by_its_command(
    invoke: Invoke, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "models.py"
    invoke("generate", db, "-o", target)
    monkeypatch.setenv("DATABASE_URL", str(db))
    assert invoke("generate", "-o", target, "--check").exit_code == 0


# -- files ------------------------------------------------------------------------------------------------


def test_a_file_of_a_person_is_left_alone(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target = tmp_path / "models.py"
    target.write_text("class Mine: ...\n", encoding="utf-8")
    result = invoke("generate", db, "-o", target)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: '{target}' was not generated by noormme")
    assert "--force" in result.stderr
    assert target.read_text(encoding="utf-8") == "class Mine: ...\n"
    assert invoke("generate", db, "-o", target, "--force").exit_code == 0
    assert "Generated by noormme" in target.read_text(encoding="utf-8")


def test_an_empty_file_may_be_filled(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    (tmp_path / "db.ts").touch()
    assert invoke("generate", db, "-o", tmp_path / "db.ts").exit_code == 0


def test_links_and_permissions_stay(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "real.ts", tmp_path / "db.ts"
    invoke("generate", db, "-o", target)
    target.chmod(0o640)
    link.symlink_to(target)
    change(db, "ALTER TABLE users ADD COLUMN age INTEGER")
    assert invoke("generate", db, "-o", link).exit_code == 0
    assert link.is_symlink()
    assert "age: number | null" in target.read_text(encoding="utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.db", "db.ts", "real.ts"]


def test_a_new_file_has_the_usual_permissions(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        invoke("generate", db, "-o", tmp_path / "db.ts")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "db.ts").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("db.txt", "does not say what to generate"),
        ("missing/db.ts", "there is no folder"),
        (".", "is a folder"),
    ],
)
def test_files_that_cannot_be(invoke: Invoke, db: Path, tmp_path: Path, name: str, said: str) -> None:
    result = invoke("generate", db, "-o", tmp_path / name)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "hint:" in result.stderr


def test_no_database_leaves_no_file(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("generate", tmp_path / "none.db", "-o", tmp_path / "db.ts")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: there is no file")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--pydantic", "--dbml"],
        ["--pydantic", "--lang", "python"],
        ["--check"],
        ["--watch"],
        ["--force"],
        ["--json"],
        ["-o", "x.ts", "--watch", "--check"],
        ["-o", "x.ts", "--watch", "--json"],
        ["--lang", "cobol"],
        ["--depth", "-1"],
    ],
)
def test_a_wrong_call_exits_with_2(invoke: Invoke, db: Path, arguments: list[str]) -> None:
    result = invoke("generate", db, *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_json_says_what_was_done(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target = tmp_path / "db.ts"
    written = json.loads(invoke("generate", db, "-o", target, "--json").stdout)
    assert written == {"output": str(target), "language": "typescript", "changed": True}
    assert json.loads(invoke("generate", db, "-o", target, "--json").stdout)["changed"] is False


# -- checking ---------------------------------------------------------------------------------------------


def test_check(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target = tmp_path / "db.ts"
    invoke("generate", db, "-o", target)
    result = invoke("generate", db, "-o", target, "--check")
    assert (result.exit_code, result.output) == (0, f"{target}  is what the database gives: 1 table\n")

    change(db, "ALTER TABLE users ADD COLUMN age INTEGER", "CREATE TABLE posts (id INTEGER PRIMARY KEY)")
    before = target.read_bytes()
    result = invoke("generate", db, "-o", target, "--check")
    assert result.exit_code == 1
    assert result.stdout == (
        f"{target}  differs from the database in 2 tables:\n  posts  is not in the file\n  users  differs\n"
    )
    assert target.read_bytes() == before

    change(db, "DROP TABLE users")
    result = invoke("generate", db, "-o", target, "--check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "output": str(target),
        "language": "typescript",
        "same": False,
        "differences": [
            {"table": "User", "what": "is not in the database"},
            {"table": "posts", "what": "is not in the file"},
        ],
    }


def test_check_holds_where_the_database_has_another_name(invoke: Invoke, make: Make, tmp_path: Path) -> None:
    target = tmp_path / "db.ts"
    invoke("generate", make(USERS, name="mine.db"), "-o", target)
    assert invoke("generate", make(USERS, name="yours.db"), "-o", target, "--check").exit_code == 0


def test_check_holds_with_other_ends_of_lines(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    target = tmp_path / "db.ts"
    invoke("generate", db, "-o", target)
    target.write_bytes(target.read_bytes().replace(b"\n", b"\r\n"))
    assert invoke("generate", db, "-o", target, "--check").exit_code == 0


def test_check_of_what_is_none(invoke: Invoke, db: Path, tmp_path: Path) -> None:
    result = invoke("generate", db, "-o", tmp_path / "db.ts", "--check")
    assert (result.exit_code, result.stdout) == (1, f"{tmp_path / 'db.ts'}  does not exist\n")
    (tmp_path / "db.ts").write_text("mine", encoding="utf-8")
    result = invoke("generate", db, "-o", tmp_path / "db.ts", "--check")
    assert (result.exit_code, result.stdout) == (1, f"{tmp_path / 'db.ts'}  was not generated by noormme\n")
    invoke("generate", db, "-o", tmp_path / "db.ts", "--force")
    with (tmp_path / "db.ts").open("a", encoding="utf-8") as file:
        file.write("// more\n")
    result = invoke("generate", db, "-o", tmp_path / "db.ts", "--check")
    assert result.exit_code == 1
    assert "in no definition of a table" in result.stdout


# -- watching ---------------------------------------------------------------------------------------------


@pytest.fixture
def watch() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command in another process, and end it when the test does."""
    started: list[subprocess.Popen[str]] = []

    def call(*arguments: str | Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, "generate", *map(str, arguments), "--watch"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield call
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_watch_writes_at_each_change_until_ctrl_c(
    watch: Callable[..., subprocess.Popen[str]], db: Path, make: Make, tmp_path: Path
) -> None:
    target = tmp_path / "db.ts"
    process = watch(db, "-o", target)
    assert process.stdout is not None
    assert process.stdout.readline() == f"{target}  written as typescript: 1 table\n"

    # Rows are no change of the schema; the next line is of what comes after them.
    change(db, "INSERT INTO users (email) VALUES ('a@x.org')", "CREATE TABLE posts (id INTEGER PRIMARY KEY)")
    assert process.stdout.readline() == f"{target}  written as typescript: 2 tables\n"
    assert "PostRow" in target.read_text(encoding="utf-8")

    # A tool that makes the database anew puts another file in its place.
    make(USERS, "CREATE TABLE a (id)", "CREATE TABLE b (id)", name="new.db").replace(db)
    assert process.stdout.readline() == f"{target}  written as typescript: 3 tables\n"

    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "interrupted\n")
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("app.db")) == ["db.ts"]


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be removed")
def test_watch_waits_for_a_database_that_is_away(
    watch: Callable[..., subprocess.Popen[str]], db: Path, make: Make, tmp_path: Path
) -> None:
    target = tmp_path / "db.dbml"
    process = watch(db, "-o", target)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    db.unlink()
    assert process.stderr.readline().startswith("waiting: there is no file")
    make(USERS, "CREATE TABLE a (id)", name="new.db").replace(db)
    assert process.stdout.readline() == f"{target}  written as dbml: 2 tables\n"


def test_watch_of_nothing_ends(run: Run, tmp_path: Path) -> None:
    result = run("generate", tmp_path / "none.db", "-o", tmp_path / "db.ts", "--watch")
    assert result.returncode == 1
    assert result.stderr.startswith("error: there is no file")


def test_help_has_examples(invoke: Invoke) -> None:
    result = invoke("generate", "--help")
    assert result.exit_code == 0
    assert "Examples:\n    noormme generate app.db -o models.py" in result.output


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_closed_pipe_is_quiet(db: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [*COMMAND, "generate", str(db), "--dbml"],
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (result.returncode, result.stderr) == (141, b"")


def test_a_module_of_many_tables_is_two_files(run: Run, make: Make, tmp_path: Path) -> None:
    many = "; ".join(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT)" for number in range(41))
    db, module, stub = make(many, name="many.db"), tmp_path / "models.py", tmp_path / "models.pyi"
    assert run("generate", db, "-o", module).returncode == 0
    assert "class T40(models.Model" in module.read_text()
    assert "class T40Lookups(" in stub.read_text()
    assert "TypedDict" not in module.read_text()
    assert run("generate", db, "-o", module, "--check").returncode == 0
    change(db, "ALTER TABLE t7 ADD COLUMN age INTEGER")
    checked = run("generate", db, "-o", module, "--check")
    assert checked.returncode == 1
    assert "t7" in checked.stdout
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import models, warnings\n"
        "warnings.simplefilter('ignore'); db = models.connect(sys.argv[1])\n"
        "print(isinstance(db.t3.create(name='x'), models.T3), db.t3.get(id=1).name)"
    )
    told = subprocess.run([*COMMAND[:2], program, str(db)], capture_output=True, text=True, check=True)
    assert told.stdout == "True x\n"
    for number in range(1, 41):
        change(db, f"DROP TABLE t{number}")
    assert "hides what" in run("generate", db, "-o", module, "--check").stdout
    assert run("generate", db, "-o", module).returncode == 0
    assert not stub.exists()
    assert run("generate", db, "-o", module, "--check").returncode == 0


def test_a_stub_of_somebody_else_is_left_alone(run: Run, make: Make, tmp_path: Path) -> None:
    many = "; ".join(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY)" for number in range(41))
    db, module, stub = make(many, name="many.db"), tmp_path / "models.py", tmp_path / "models.pyi"
    stub.write_text("mine: int\n")
    refused = run("generate", db, "-o", module)
    assert refused.returncode == 1
    assert "was not generated by noormme" in refused.stderr
    assert not module.exists()
    assert stub.read_text() == "mine: int\n"


def test_python_types_of_the_configuration(
    run: Run, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noormme.toml").write_text('[python_types]\n"users.email" = "app.types.Email"\n')
    text = run("generate", db).stdout
    assert "from app.types import Email\n" in text
    assert "    email: Email\n" in text
