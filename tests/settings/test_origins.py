"""Where each setting came from, and how a URL is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from noormme.settings import Settings, masked, origins


def sources() -> dict[str, str]:
    return {each.name: each.source for each in origins() if each.source != "default"}


def test_every_setting_is_there_with_the_value_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_MAX_READERS", "7")
    assert [each.name for each in origins()] == list(Settings.__struct_fields__)
    loaded = Settings.load()
    assert {each.name: each.value for each in origins()} == {
        name: getattr(loaded, name) for name in Settings.__struct_fields__
    }


def test_nothing_was_set() -> None:
    assert sources() == {}


def test_each_place(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = (
        '# x\ndatabase = "a.db"\nmax_readers = 9\n\n[types]\nMONEY = "decimal"\n\n[names.tables]\na = "b"\n'
    )
    (elsewhere / "noormme.toml").write_text(toml)
    (elsewhere / ".env").write_text("X=1\nNOORMME_READONLY=1\n")
    monkeypatch.setenv("NOORMME_ENV", "production")
    monkeypatch.setenv("NOORMME_MAX_READERS", "8")
    file = elsewhere / "noormme.toml"
    assert sources() == {
        "database": f"{file}:2",
        "types": f"{file}:5",
        "names": f"{file}:8",
        "readonly": f"{elsewhere / '.env'}:2",
        "busy_timeout_s": "preset production",
        "max_readers": "NOORMME_MAX_READERS",
    }


def test_lines_of_pyproject(elsewhere: Path) -> None:
    text = '[project]\ndatabase = "no"\n[tool.noormme]\nreadonly = true\n"database" = "a.db"\n'
    text += '[tool.noormme.types]\nMONEY = "decimal"\n[tool.other]\nloading = 1\n'
    file = elsewhere / "pyproject.toml"
    file.write_text(text)
    assert sources() == {"readonly": f"{file}:4", "database": f"{file}:5", "types": f"{file}:6"}
    file.write_text("tool.noormme.readonly = true")
    assert sources() == {"readonly": str(file)}, "a line that is not found is left out"


def test_database_url_comes_first(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / ".env").write_text("DATABASE_URL=b.db")
    assert sources() == {"database": f"{elsewhere / '.env'}:1"}
    monkeypatch.setenv("DATABASE_URL", "a.db")
    assert sources() == {"database": "DATABASE_URL"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("app.db", "app.db"),
        ("a:b@c.db", "a:b@c.db"),
        ("postgresql://ann@host/app", "postgresql://ann@host/app"),
        ("postgresql://ann:secret@host/app", "postgresql://ann:***@host/app"),
        ("postgresql://ann:se@cr:et@host/app", "postgresql://ann:***@host/app"),
        ("postgresql://:secret@host/app", "postgresql://:***@host/app"),
        ("postgresql://host/app?password=x&sslmode=off", "postgresql://host/app?password=***&sslmode=off"),
        ("libsql:///a.db?sync_url=x&authToken=abc", "libsql:///a.db?sync_url=x&authToken=***"),
        ("mysql://host:3306/app", "mysql://host:3306/app"),
    ],
)
def test_masked(url: str, shown: str) -> None:
    assert masked(url) == shown
