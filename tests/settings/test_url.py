"""Which database a path or a URL means, and that no message repeats a URL."""

from pathlib import Path

import pytest

from noormme.errors import NotSupported, SettingsError
from noormme.settings import Settings, Target, resolve_url


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("app.db", "app.db"),
        ("./data/app.db", "./data/app.db"),
        ("/srv/app.db", "/srv/app.db"),
        (Path("data") / "app.db", "data/app.db"),
        ("C:\\data\\app.db", "C:\\data\\app.db"),
        ("a?b%20#c.db", "a?b%20#c.db"),
        ("C:/data/app.db", "C:/data/app.db"),
        ("/odd://name.db", "/odd://name.db"),
        ("./sqlite:app.db", "./sqlite:app.db"),
        ("12:30.db", "12:30.db"),
        (":memory:", ":memory:"),
        ("sqlite://", ":memory:"),
        ("sqlite:///", ":memory:"),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite:///app.db", "app.db"),
        ("sqlite:///data/app.db", "data/app.db"),
        ("sqlite:////srv/app.db", "/srv/app.db"),
        ("SQLite:///app.db", "app.db"),
        ("sqlite+pysqlite:///app.db", "app.db"),
        ("sqlite:///100%.db", "100%.db"),
    ],
)
def test_sqlite(target: str | Path, path: str) -> None:
    resolved = resolve_url(target)
    assert resolved == Target("sqlite", path)
    assert resolved.memory == (path == ":memory:")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgre://ann:secret@host/app", "not one of a database that noormme knows; did you mean 'postgres"),
        ("secret://x", "not one of a database that noormme knows; write a path, or sqlite:///path"),
        ("sqlite:///app.db?key=secret", "options in a sqlite URL are not supported"),
        ("oracle:/ann:secret@host/app", "not one of a database that noormme knows"),
        ("jdbc:postgresql://ann:secret@host/app", "not one of a database that noormme knows"),
        ("file:secret.db?mode=ro", r"file:…\) are not supported; write a path, or sqlite:///path, and give"),
        ("file:///srv/secret.db", r"readonly=True"),
    ],
)
def test_other_urls(url: str, message: str) -> None:
    with pytest.raises(NotSupported, match=message) as caught:
        resolve_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["mssql://ann:secret@host/app", "MSSQL+pymssql://ann:secret@host/app"])
def test_mssql(url: str) -> None:
    assert resolve_url(url) == Target("mssql", "mssql://ann:secret@host/app")
    assert "secret" not in repr(resolve_url(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@host/app",
        "postgres://ann:secret@host/app",
        "PostgreSQL+psycopg://ann:secret@host/app",
    ],
)
def test_postgresql(url: str) -> None:
    assert resolve_url(url) == Target("postgresql", "postgresql://ann:secret@host/app")
    assert "secret" not in repr(resolve_url(url))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:secret@host/app",
        "mariadb://ann:secret@host/app",
        "MySQL+pymysql://ann:secret@host/app",
    ],
)
def test_mysql(url: str) -> None:
    assert resolve_url(url) == Target("mysql", "mysql://ann:secret@host/app")
    assert "secret" not in repr(resolve_url(url))


@pytest.mark.parametrize(
    "url",
    ["postgresql:/ann:secret@host/app", "postgres:ann:secret@host/app", "PostgreSQL+psycopg:/ann:secret@h"],
)
def test_a_server_needs_two_slashes(url: str) -> None:
    with pytest.raises(SettingsError, match="two slashes behind its colon") as caught:
        resolve_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://secret.db", "sqlite:/secret.db", "sqlite:secret.db", "sqlite:"])
def test_too_few_slashes(url: str) -> None:
    with pytest.raises(SettingsError, match="write three slashes for a relative path") as caught:
        resolve_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("target", ["se\0cret.db", b"se\0cret.db", "sqlite:///se\0cret.db"])
def test_no_file_has_a_name_with_a_nul(target: str) -> None:
    with pytest.raises(SettingsError, match="the database's path holds a NUL character") as caught:
        resolve_url(target)
    assert "cret" not in str(caught.value)


def test_empty() -> None:
    with pytest.raises(SettingsError, match="the database's path is empty"):
        resolve_url("")


def test_no_target(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    with pytest.raises(SettingsError, match="no database was named; give a path or a URL"):
        resolve_url()
    (elsewhere / "noormme.toml").write_text('database = "configured.db"')
    assert resolve_url().path == f"{elsewhere}/configured.db"
    assert resolve_url(None, Settings(database="given.db")).path == "given.db"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///environment.db")
    assert resolve_url().path == "environment.db"
    assert resolve_url("argument.db").path == "argument.db"


@pytest.mark.parametrize("password", ["12/34", "12?34", "12#34"])
@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mssql", "libsql"])
def test_a_password_with_separators_is_refused_and_not_shown(scheme: str, password: str) -> None:
    with pytest.raises(SettingsError, match="an @ behind its host; .*%2F") as caught:
        resolve_url(f"{scheme}://ann:{password}@host/app")
    assert "34" not in str(caught.value)
    resolve_url(f"{scheme}://ann:12%2F34@host/app?option=a@b")
