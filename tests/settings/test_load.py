"""Where settings come from, which place wins, and what is said about a wrong one."""

import json
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from noormme.errors import SettingsError
from noormme.schema.naming import NameOverrides
from noormme.settings import PRESETS, Settings, SettingsOptions


def test_defaults_when_nothing_is_said() -> None:
    assert Settings.load() == Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Settings().readonly = True  # type: ignore[misc]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_presets_are_valid_settings(preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_ENV", preset)
    loaded = Settings.load()
    assert {name: getattr(loaded, name) for name in PRESETS[preset]} == PRESETS[preset]
    assert msgspec.convert(msgspec.to_builtins(loaded), Settings) == loaded


def test_unknown_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_ENV", "prodution")
    with pytest.raises(
        SettingsError, match="NOORMME_ENV names no preset: 'prodution'; did you mean 'production'"
    ):
        Settings.load()
    monkeypatch.setenv("NOORMME_ENV", "x")
    with pytest.raises(SettingsError, match="it is one of development, production, test"):
        Settings.load()


def test_every_later_place_wins(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [Settings.load().busy_timeout_s]
    monkeypatch.setenv("NOORMME_ENV", "production")
    seen.append(Settings.load().busy_timeout_s)
    (elsewhere / "pyproject.toml").write_text("[tool.noormme]\nbusy_timeout_s = 20")
    seen.append(Settings.load().busy_timeout_s)
    (elsewhere / "noormme.toml").write_text("busy_timeout_s = 21.5")
    seen.append(Settings.load().busy_timeout_s)
    monkeypatch.setenv("NOORMME_BUSY_TIMEOUT_S", "22.5")
    seen.append(Settings.load().busy_timeout_s)
    seen.append(Settings.load(busy_timeout_s=23).busy_timeout_s)
    assert seen == [5.0, 15.0, 20.0, 21.5, 22.5, 23.0]


def test_nearest_file_upwards_is_the_only_one(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "noormme.toml").write_text('loading = "raise"\nreadonly = true')
    package = elsewhere / "app" / "package"
    package.mkdir(parents=True)
    monkeypatch.chdir(package)
    assert Settings.load() == Settings(loading="raise", readonly=True)

    (package / "pyproject.toml").write_text('[project]\nname = "app"')
    assert Settings.load().readonly, "a pyproject.toml that says nothing about noormme is passed by"

    (package / "pyproject.toml").write_text("# noormme\n[tool.other]\nx = 1")
    assert Settings.load().readonly, "the word alone is not a configuration"

    (package.parent / "pyproject.toml").write_text("[tool.noormme]\niterator_chunk_rows = 7")
    assert Settings.load() == Settings(iterator_chunk_rows=7)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("app.db", "{here}/app.db"),
        ("data/app.db", "{here}/data/app.db"),
        ("/srv/app.db", "/srv/app.db"),
        (":memory:", ":memory:"),
        ("sqlite:///app.db", "{here}/app.db"),
        ("sqlite+aiosqlite:///app.db", "{here}/app.db"),
        ("sqlite:////srv/app.db", "/srv/app.db"),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite:app.db", "sqlite:app.db"),
        ("sqlite:///app.db?key=secret", "sqlite:///app.db?key=secret"),
        ("file:app.db", "file:app.db"),
        ("postgresql:/ann:secret@host/app", "postgresql:/ann:secret@host/app"),
        ("postgresql://ann:secret@host/app", "postgresql://ann:secret@host/app"),
        ("postgresql:///app", "postgresql:///app"),
    ],
)
def test_database_of_a_file_is_relative_to_the_file(
    written: str, meant: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "noormme.toml").write_text(f'database = "{written}"')
    (elsewhere / "below").mkdir()
    monkeypatch.chdir(elsewhere / "below")
    assert Settings.load().database == meant.format(here=elsewhere)


def test_tables_in_a_file(elsewhere: Path) -> None:
    (elsewhere / "noormme.toml").write_text('[types]\nMONEY = "decimal"\n[names]\n')
    assert Settings.load() == Settings(types={"MONEY": "decimal"})


def test_values_of_the_environment_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_READONLY", "true")
    monkeypatch.setenv("NOORMME_FOREIGN_KEYS", "0")
    monkeypatch.setenv("NOORMME_CACHE_SIZE_KIB", "2000")
    monkeypatch.setenv("NOORMME_TIMEZONE", "UTC")
    monkeypatch.setenv("NOORMME_SOMETHING_OF_ANOTHER_TOOL", "x")
    assert Settings.load() == Settings(
        readonly=True, foreign_keys=False, cache_size_kib=2_000, timezone="UTC"
    )


def test_misspelt_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_BUSY_TIMEOUT", "3")
    with pytest.raises(SettingsError, match="read from NOORMME_BUSY_TIMEOUT; did you mean 'busy_timeout_s'"):
        Settings.load()


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            "busy_timeout = 3",
            r"no setting 'busy_timeout' \(in noormme.toml\); did you mean 'busy_timeout_s'",
        ),
        (
            "zzz = 1",
            r"no setting 'zzz' \(in noormme.toml\); the settings are breaker_failures, breaker_pause_s, busy_timeout_s, cache_size_kib",
        ),
        (
            'busy_timeout_s = "3"',
            r"setting 'busy_timeout_s' \(in noormme.toml\): Expected `float`, got `str`",
        ),
        ("busy_timeout_s = -1", r"Expected `float` >= 0.0"),
        ("timeout_s = 0", r"Expected `float` > 0.0"),
        ("iterator_chunk_rows = 0", r"Expected `int` >= 1"),
        ('loading = "lazy"', r"setting 'loading' \(in noormme.toml\): expected one of 'peers', 'raise'"),
        ('types = {MONEY = "money"}', r"setting 'types' \(in noormme.toml\): Invalid enum value 'money'"),
        ('names = {table = {a = "b"}}', r"setting 'names' .*: Object contains unknown field `table`"),
        ("names = 3", r"setting 'names' \(in noormme.toml\): Expected `object`, got `int`"),
        ('timezone = "Europe/Berlim"', r"no such time zone on this machine; did you mean 'Europe/Berlin'"),
        ('timezone = "../x"', r"no such time zone on this machine; write it as 'Europe/Berlin'"),
        ("readonly = ?\n", r"noormme.toml is not TOML: .*line 1"),
        ("[[loading]]", r"setting 'loading' \(in noormme.toml\)"),
    ],
)
def test_wrong_file(toml: str, message: str, elsewhere: Path) -> None:
    (elsewhere / "noormme.toml").write_text(toml)
    with pytest.raises(SettingsError, match=message):
        Settings.load()


@pytest.mark.parametrize("toml", ["tool = 1 # noormme", "[tool]\nnoormme = 1"])
def test_pyproject_of_the_wrong_form(toml: str, elsewhere: Path) -> None:
    (elsewhere / "pyproject.toml").write_text(toml)
    with pytest.raises(
        SettingsError, match=r"pyproject.toml does not have the form of a configuration: Expected `object"
    ):
        Settings.load()


def test_file_that_is_not_text(elsewhere: Path) -> None:
    (elsewhere / "noormme.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        Settings.load()


def test_file_that_cannot_be_read(elsewhere: Path) -> None:
    (elsewhere / "noormme.toml").mkdir()
    with pytest.raises(SettingsError, match=r"cannot read .*noormme.toml: Is a directory"):
        Settings.load()


def test_working_directory_that_is_gone(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "gone").mkdir()
    monkeypatch.chdir(elsewhere / "gone")
    (elsewhere / "gone").rmdir()
    assert Settings.load() == Settings()


def test_wrong_argument() -> None:
    with pytest.raises(
        SettingsError, match=r"no setting 'readnly' \(in the arguments\); did you mean 'readonly'"
    ):
        Settings.load(readnly=True)
    with pytest.raises(SettingsError, match=r"'readonly' \(in the arguments\): Expected `bool`, got `str`"):
        Settings.load(readonly="yes")


def test_every_setting_is_documented_and_has_its_unit() -> None:
    assert Settings.__doc__ is not None
    documented = Settings.__doc__.partition("Attributes:")[2]
    page = (Path(__file__).resolve().parents[2] / "docs" / "index.md").read_text(encoding="utf-8")
    for name in Settings.__struct_fields__:
        assert f"\n        {name}: " in documented
        default = getattr(Settings(), name)
        if default in (None, {}, (), NameOverrides()):
            shown = "none"
        else:
            shown = f'`"{default}"`' if isinstance(default, str) else json.dumps(default)
        assert f"\n| `{name}` | {shown} | " in page
    numbers = [
        name
        for name, hint in get_type_hints(Settings).items()
        if hint in (int, float) or get_args(hint)[:1] in ((int,), (float,))
    ]
    assert numbers == [
        "iterator_chunk_rows",
        "busy_timeout_s",
        "cache_size_kib",
        "mmap_size_bytes",
        "max_readers",
        "max_connections",
        "pool_timeout_s",
        "idle_timeout_s",
        "connection_age_s",
        "reconnect_s",
        "replica_window_s",
        "replica_max_lag_s",
        "timeout_s",
        "breaker_failures",
        "breaker_pause_s",
    ]


def test_checkers_know_every_setting() -> None:
    assert list(SettingsOptions.__annotations__) == list(Settings.__struct_fields__)
