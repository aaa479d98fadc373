"""``noormme init``: what it finds, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest

from noormme import Settings, connect
from noormme.cli.init.files import add_ignored, add_variable
from noormme.cli.init.finding import as_written
from noormme.settings import resolve_url
from tests.cli.calling import Invoke


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, small_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project, which has a database."""
    made = tmp_path / "project"
    made.mkdir()
    shutil.copyfile(small_path, made / "app.db")
    (made / "notes.db").write_text("no database")
    monkeypatch.chdir(made)
    return made


def files(result: object) -> dict[str, bool]:
    return {step["file"]: step["changed"] for step in json.loads(result.stdout)["files"]}  # type: ignore[attr-defined]


def test_it_finds_the_only_database(invoke: Invoke, folder: Path) -> None:
    result = invoke("init")
    assert result.exit_code == 0
    assert "written noormme.toml" in result.stdout
    assert "noormme query 'db." in result.stdout
    assert (folder / "noormme.toml").read_text() == 'database = "app.db"\n'
    with connect(readonly=True) as db:
        assert db.users.count() == 40


def test_again_changes_nothing(invoke: Invoke, folder: Path) -> None:
    invoke("init", "app.db")

    def state() -> tuple[int, int, int, bytes]:
        # Not when it was last read, which reading it changes.
        found = (folder / "noormme.toml").stat()
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, (folder / "noormme.toml").read_bytes()

    before = state()
    assert files(invoke("init", "--json")) == {"noormme.toml:1": False, "models.py": False}
    assert files(invoke("init", "app.db", "--json")) == {"noormme.toml:1": False, "models.py": False}
    assert state() == before


def test_another_one_that_is_configured_stays(invoke: Invoke, folder: Path) -> None:
    invoke("init")
    shutil.copyfile(folder / "app.db", folder / "other.db")
    result = invoke("init", "other.db")
    assert result.exit_code == 0
    assert "names another database" in result.stdout
    assert (folder / "noormme.toml").read_text() == 'database = "app.db"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[project]\nname = "x"', '[project]\nname = "x"\n\n[tool.noormme]\ndatabase = "app.db"\n'),
        ("", '[tool.noormme]\ndatabase = "app.db"\n'),
        (
            "[tool.noormme]\nreadonly = true\n[tool.x]\na = 1\n",
            '[tool.noormme]\ndatabase = "app.db"\nreadonly = true\n[tool.x]\na = 1\n',
        ),
        ("[tool.noormme]", '[tool.noormme]\ndatabase = "app.db"\n'),
    ],
)
def test_pyproject(invoke: Invoke, folder: Path, before: str, after: str) -> None:
    (folder / "pyproject.toml").write_text(before)
    assert files(invoke("init", "--json")) == {"pyproject.toml": True, "models.py": True}
    assert (folder / "pyproject.toml").read_text() == after
    assert Settings.load().database == str(folder / "app.db")


def test_a_configuration_of_ones_own(invoke: Invoke, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]")
    (folder / "noormme.toml").write_text('[types]\nMONEY = "decimal"\n')
    assert files(invoke("init", "--json")) == {"noormme.toml": True, "models.py": True}
    assert (folder / "noormme.toml").read_text() == 'database = "app.db"\n[types]\nMONEY = "decimal"\n'


def test_lines_end_as_those_of_the_file(invoke: Invoke, folder: Path) -> None:
    before = b"[project]\r\nname = 'x'\r\n"
    for old, new in (
        (before, before + b'\r\n[tool.noormme]\r\ndatabase = "app.db"\r\n'),
        (
            before + b"[tool.noormme]\r\nreadonly = true\r\n",
            before + b'[tool.noormme]\r\ndatabase = "app.db"\r\nreadonly = true\r\n',
        ),
    ):
        (folder / "pyproject.toml").write_bytes(old)
        assert invoke("init", "app.db", "--no-types").exit_code == 0
        assert (folder / "pyproject.toml").read_bytes() == new
    (folder / "pyproject.toml").unlink()
    (folder / "noormme.toml").write_bytes(b"readonly = true\r\n")
    assert invoke("init", "app.db", "--no-types").exit_code == 0
    assert (folder / "noormme.toml").read_bytes() == b'database = "app.db"\r\nreadonly = true\r\n'
    (folder / ".env").write_bytes(b"A=1\r\nB=2")
    add_variable(folder, "C", "3")
    assert (folder / ".env").read_bytes() == b"A=1\r\nB=2\r\nC='3'\r\n"
    (folder / ".gitignore").write_bytes(b"*.db\r\nbuild")
    add_ignored(folder, ".env")
    assert (folder / ".gitignore").read_bytes() == b"*.db\r\nbuild\r\n.env\r\n"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nowhere/models.py", "there is no folder 'nowhere'"),
        (".", "'.' is a folder"),
        ("app.db", "'app.db' is a database, and is left as it is"),
    ],
)
def test_types_that_cannot_be_written(invoke: Invoke, folder: Path, file: str, said: str) -> None:
    result = invoke("init", "app.db", "--types", file)
    assert (result.exit_code, said in result.stderr) == (1, True)
    assert sorted(each.name for each in folder.iterdir()) == ["app.db", "notes.db"]


def test_several_databases_or_none(invoke: Invoke, folder: Path) -> None:
    (folder / "instance").mkdir()
    shutil.copyfile(folder / "app.db", folder / "instance" / "b.sqlite")
    several = invoke("init")
    assert several.exit_code == 1
    assert "there are several databases here: app.db, instance/b.sqlite" in several.stderr
    (folder / "app.db").unlink()
    (folder / "instance" / "b.sqlite").unlink()
    none = invoke("init")
    assert none.exit_code == 1
    assert "none was found here" in none.stderr
    assert sorted(each.name for each in folder.iterdir()) == ["instance", "notes.db"]


def test_the_types(invoke: Invoke, folder: Path) -> None:
    assert "from models import connect" in invoke("init").stdout
    written = (folder / "models.py").read_text()
    assert "`noormme generate -o models.py --lang python`" in written
    assert "unchanged" in invoke("generate", "-o", "models.py").stdout
    assert (folder / "models.py").read_text() == written
    (folder / "models.py").write_text("mine")
    result = invoke("init")
    assert result.exit_code == 0
    assert "was not generated by noormme, and stays" in result.stdout
    assert (folder / "models.py").read_text() == "mine"
    assert files(invoke("init", "--types", "typed.py", "--json"))["typed.py"] is True
    assert list(files(invoke("init", "--no-types", "--json"))) == ["noormme.toml:1"]


def test_a_database_that_cannot_be_read_is_not_written_down(invoke: Invoke, folder: Path) -> None:
    assert invoke("init", "none.db").exit_code == 1
    assert invoke("init", "notes.db").exit_code == 1
    assert sorted(each.name for each in folder.iterdir()) == ["app.db", "notes.db"]


def test_another_folder(invoke: Invoke, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert invoke("init", "app.db", "--directory", other).exit_code == 0
    assert (other / "noormme.toml").read_text() == f'database = "{folder / "app.db"}"\n'
    assert invoke("init", "app.db", "--directory", other / "none").exit_code == 1


def test_a_password_goes_to_dotenv(folder: Path) -> None:
    secret = "postgresql://ann:it's\\a#secret@host/app"
    (folder / ".env").write_text("A=1")
    assert add_variable(folder, "DATABASE_URL", secret).read_text().startswith("A=1\nDATABASE_URL='")
    assert Settings.load().database == secret
    (folder / ".env").unlink()
    add_variable(folder, "X", "1")
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    with pytest.raises(Exception, match="no database was named"):
        resolve_url()


def test_how_a_database_is_written(folder: Path) -> None:
    assert as_written(str(folder / "data" / "a.db"), folder) == "data/a.db"
    assert as_written("sqlite:///a.db", folder) == "a.db"
    assert as_written("/srv/a.db", folder) == "/srv/a.db"
    assert as_written("mysql://ann@host/app", folder) == "mysql://ann@host/app"


def test_a_server_with_a_password(invoke: Invoke, folder: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    from tests.postgresql.server import NO_SERVER, new_database, running

    with running() as server:
        if server is None:
            pytest.skip(NO_SERVER)
        with new_database(server) as url:
            (folder / ".git").mkdir()
            secret = url if "@" in url and ":" in url.split("//")[1].split("@")[0] else None
            secret = secret or url.replace("@", ":hidden@", 1)
            result = invoke("init", secret)
            if result.exit_code:
                pytest.skip("the server takes no password from this user")
            assert "hidden" not in result.stdout
            assert secret in (folder / ".env").read_text()
            assert (folder / ".gitignore").read_text() == ".env\n"
            assert not (folder / "noormme.toml").exists()
