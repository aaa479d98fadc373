"""``noormme inspect``: what it prints of a database and of one table, in each form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import Schema, connect
from noormme.cli.inspect.details import details
from noormme.cli.output import terminal
from noormme.schema.model import Column, Table
from tests.cli.calling import Invoke, Run

Make = Callable[..., Path]
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def squeezed(text: str) -> list[str]:
    """The lines with single spaces, so that the widths of columns do not matter."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_database_at_a_glance(invoke: Invoke, small_path: Path) -> None:
    result = invoke("inspect", small_path)
    lines = squeezed(result.output)
    assert result.exit_code == 0
    assert lines[0] == f"{small_path} sqlite · 13 tables"
    assert "Table Columns Primary key Points at" in lines
    assert "project_clients 4 project_id, client_id projects, clients" in lines
    assert "users 9 id" in lines
    assert "From Kind Back By" in lines
    assert "Client.projects many to many Project.clients project_clients" in lines
    assert "Message.sender many to one User.messages_as_sender sender_id" in lines
    assert "Profile.user one to one User.profile user_id" in lines
    assert "Project.parent many to one Project.children parent_id" in lines
    assert lines[-1] == "No warnings."


def test_every_relation_is_there_once(invoke: Invoke, small_path: Path) -> None:
    lines = squeezed(invoke("inspect", small_path).output)
    with connect(small_path) as db:
        directions = len(db.schema.relations)
    assert sum(" to " in line for line in lines) == directions / 2


def test_rows_are_counted_when_asked(invoke: Invoke, small_path: Path) -> None:
    lines = squeezed(invoke("inspect", small_path, "--rows").output)
    assert lines[0].endswith("sqlite · 13 tables · 1,021 rows")
    assert "Table Rows Columns Primary key Points at" in lines
    assert "messages 444 7 id projects, users" in lines
    assert squeezed(invoke("inspect", small_path, "messages", "--rows").output)[0].startswith(
        "messages table · 444 rows · model Message · db.messages"
    )


def test_one_table(invoke: Invoke, small_path: Path) -> None:
    result = invoke("inspect", small_path, "projects")
    lines = squeezed(result.output)
    assert result.exit_code == 0
    assert lines[0] == "projects table · model Project · db.projects"
    assert "Column Type Python Null Notes" in lines
    assert "id INTEGER int primary key" in lines
    assert "slug VARCHAR(140) str unique" in lines
    assert "editor_id INTEGER int null → editors.id, on delete set null" in lines
    assert "status VARCHAR(20) str default 'draft'" in lines
    assert "budget DECIMAL(12, 2) Decimal" in lines
    assert "settings JSON Any default '{}'" in lines
    assert "projects_by_creator (creator_id, created_at desc)" in lines
    assert "projects_running (status, deadline) where delivered_at IS NULL" in lines
    assert "projects_not_its_own_parent parent_id <> id" in lines
    assert "project.clients.all() Client rows many to many" in lines
    assert "project.creator User many to one" in lines
    assert "project.editor Editor or None many to one" in lines
    assert 'db.projects.select_related("creator", "editor", "parent", "project_type")' in lines


def test_the_code_that_it_shows_runs(invoke: Invoke, small_path: Path) -> None:
    output = invoke("inspect", small_path, "users").output
    shown = re.findall(r"(user\.\w+(?:\.all\(\))?) {2,}", output)
    ahead = re.findall(r"db\.users\.\w+_related\([^)]*\)", " ".join(output.split()))
    assert len(shown) == 9
    assert len(ahead) == 2
    with connect(small_path) as db:
        user = db.users.order_by("id").first()
        for code in shown:
            eval(code, {"user": user})
        for code in ahead:
            assert len(eval(code, {"db": db})[:3]) == 3


def test_generated_columns_collations_and_uniques(invoke: Invoke, small_path: Path) -> None:
    users = squeezed(invoke("inspect", small_path, "users").output)
    assert "email VARCHAR(254) str unique · collate NOCASE" in users
    assert "full_name VARCHAR(161) str null virtual: first_name || ' ' || last_name" in users
    assert "users_by_name (last_name collate NOCASE, first_name collate NOCASE)" in users
    versions = squeezed(invoke("inspect", small_path, "video_versions").output)
    assert "video_versions_numbered (project_id, version_number)" in versions
    clients = squeezed(invoke("inspect", small_path, "project_clients").output)
    assert clients[0].endswith("WITHOUT ROWID")
    assert any(line.startswith("project_id INTEGER int primary key, part 1") for line in clients)
    assert "project_clients_one_payer unique (project_id) where is_payer" in clients


ODD = (
    'CREATE TABLE "Order Details" ("Order ID" INTEGER PRIMARY KEY AUTOINCREMENT, "class" ANY, b BLOB) STRICT',
    "CREATE TABLE parents (a, b, PRIMARY KEY (a, b))",
    "CREATE TABLE kids (id INTEGER PRIMARY KEY, a, b, gone REFERENCES nowhere (x) DEFERRABLE,"
    " FOREIGN KEY (a, b) REFERENCES parents ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE logs (line)",
    "CREATE INDEX by_length ON logs (length(line))",
    "CREATE TRIGGER note AFTER INSERT ON kids BEGIN INSERT INTO logs VALUES ('kid'); END",
    "CREATE VIEW lines AS SELECT line FROM logs",
    "CREATE VIEW broken AS SELECT x FROM missing",
    "CREATE VIRTUAL TABLE texts USING fts5(body)",
    "CREATE TABLE close (id INTEGER PRIMARY KEY)",
)


def test_odd_things_have_their_place(invoke: Invoke, make: Make) -> None:
    path = make(*ODD)
    lines = squeezed(invoke("inspect", path, "--rows").output)
    assert "sqlite · 6 tables · 2 views" in lines[0]
    assert "broken view ? 0 none" in lines
    assert "lines view 0 1 none" in lines
    assert any(line.startswith("texts virtual (fts5) 0 ") for line in lines)
    assert any(line.startswith("Storage of virtual tables, hidden: texts_config") for line in lines)
    assert any(line.endswith("warnings") for line in lines)
    assert any("nowhere" in line for line in lines)

    details = squeezed(invoke("inspect", path, "Order Details").output)
    assert details[0] == "Order Details table · model OrderDetail · db.order_details · STRICT"
    assert "Column Field Type Python Null Notes" in details
    assert "Order ID order_id INTEGER int primary key · autoincrement" in details
    assert "class class_ ANY Any null" in details

    kids = squeezed(invoke("inspect", path, "kids").output)
    assert "a, b → parents (a, b), on update cascade, deferred" in kids
    assert any(line.startswith("gone Any null → nowhere (?), deferrable") for line in kids)
    assert "note AFTER INSERT" in kids
    assert "by_length (length(line))" in squeezed(invoke("inspect", path, "logs").output)
    assert squeezed(invoke("inspect", path, "close").output)[0].endswith('db["close"]')
    assert squeezed(invoke("inspect", path, "broken").output)[0].endswith("cannot be read")
    assert any("hidden" in line for line in squeezed(invoke("inspect", path, "texts").output))


def test_comments_of_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    column = Column("born", "born", "date", "date", comment="as in the passport")
    table = Table("people", "people", "Person", columns=(column,))
    terminal().show(details(Schema("postgresql", (table,)), table))
    assert "born date date null as in the passport" in squeezed(capsys.readouterr().out)


def test_a_table_is_found_by_its_manager_too(invoke: Invoke, make: Make) -> None:
    path = make(*ODD)
    assert invoke("inspect", path, "order_details").output == invoke("inspect", path, "Order Details").output


def test_an_empty_database(invoke: Invoke, make: Make) -> None:
    path = make()
    assert squeezed(invoke("inspect", path).output) == [f"{path} sqlite · 0 tables", "", "No warnings."]


def test_a_misspelt_table_gets_a_suggestion(invoke: Invoke, small_path: Path) -> None:
    result = invoke("inspect", small_path, "userz")
    assert result.exit_code == 1
    assert result.stderr == "error: no table or view 'userz'\nhint:  did you mean 'users'?\n"


def test_json_is_the_schema(invoke: Invoke, small_path: Path) -> None:
    result = invoke("inspect", small_path, "--json")
    with connect(small_path) as db:
        assert Schema.from_json(result.stdout) == db.schema
    assert invoke("inspect", small_path, "--json").stdout == result.stdout


def test_json_of_one_table(invoke: Invoke, make: Make) -> None:
    found = json.loads(invoke("inspect", make(*ODD), "kids", "--json").stdout)
    assert sorted(found) == ["relations", "table", "warnings"]
    assert found["table"]["name"] == "kids"
    assert [relation["name"] for relation in found["relations"]] == ["parent"]
    assert {warning["table"] for warning in found["warnings"]} == {"kids"}


def test_diagrams(invoke: Invoke, small_path: Path) -> None:
    mermaid = invoke("inspect", small_path, "--diagram", "mermaid").stdout
    assert mermaid.startswith("erDiagram\n")
    assert '"video_versions"' in mermaid
    dot = invoke("inspect", small_path, "--diagram", "dot").stdout
    assert dot.startswith("digraph")
    assert "video_versions" in dot


@pytest.mark.parametrize("language", ["mermaid", "dot"])
def test_a_diagram_of_one_table_has_its_neighbours(invoke: Invoke, small_path: Path, language: str) -> None:
    drawn = invoke("inspect", small_path, "editors", "--diagram", language).stdout
    for name in ("editors", "users", "projects", "video_versions"):
        assert f'"{name}"' in drawn
    assert '"payments"' not in drawn


def test_names_are_text_and_nothing_else(invoke: Invoke, make: Make) -> None:
    path = make(
        'CREATE TABLE "[red]x\x1b[31m\n\u202e" (id INTEGER PRIMARY KEY,'
        " \"[/bold] \x07\" DEFAULT '\x1b]0;title\x07')"
    )
    for arguments in ((), ("[red]x\x1b[31m\n\u202e",)):
        result = invoke("inspect", path, *arguments)
        assert result.exit_code == 0
        assert "[red]x\\x1b[31m\\n\\u202e" in result.output
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", result.output)


def test_nasty_databases(invoke: Invoke, shared: Path, make: Make) -> None:
    nasty = make((shared / "reference" / "nasty.sql").read_text(encoding="utf-8"), name="nasty.db")
    with connect(nasty) as db:
        names = [table.name for table in db.schema]
    assert invoke("inspect", nasty, "--rows").exit_code == 0
    for name in names:
        for form in ((), ("--json",), ("--diagram", "dot"), ("--diagram", "mermaid")):
            result = (
                invoke("inspect", nasty, "--", name)
                if not form
                else invoke("inspect", *form, "--", nasty, name)
            )
            assert result.exit_code == 0, (name, form, result.output)


@pytest.mark.parametrize("arguments", [[], ["users"], ["payments"]])
@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_lines_keep_within_the_terminal(
    run: Run, small_path: Path, arguments: list[str], columns: str
) -> None:
    result = run("inspect", small_path, *arguments, COLUMNS=columns)
    assert max(map(len, result.stdout.splitlines()[1:])) <= int(columns)


def test_a_pipe_gets_wide_plain_text(run: Run, small_path: Path) -> None:
    result = run("inspect", small_path, "users")
    assert not ANSI.search(result.stdout)
    assert not any(line.endswith(" ") for line in result.stdout.splitlines())
    assert 100 < max(map(len, result.stdout.splitlines())) <= 120
