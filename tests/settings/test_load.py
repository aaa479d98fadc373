"""Where settings come from, which place wins, and what is said about a wrong one."""

import json
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from noormme import connect
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
    "written",
    [
        "[tool.noormme]\nreadonly = true",
        "[ tool . noormme ]\nreadonly = true",
        "[tool.'noormme']\nreadonly = true",
        "tool.noormme.readonly = true",
        "[tool]\nnoormme.readonly = true",
        '[tool]\n"noormme" = {readonly = true}',
        "tool = {noormme\t= {readonly = true}}",
    ],
)
def test_every_way_to_write_the_table(elsewhere: Path, written: str) -> None:
    (elsewhere / "pyproject.toml").write_text(written)
    assert Settings.load().readonly


def test_a_file_that_only_requires_noormme_is_not_parsed(elsewhere: Path) -> None:
    (elsewhere / "pyproject.toml").write_text(
        '[project]\ndependencies = ["noormme>=1", "noormme[x]", "noormme==1"]\n?'
    )
    assert Settings.load() == Settings()


def test_what_is_read_again_is_not_what_was_made_of_it(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        folder = elsewhere / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        (folder / "pyproject.toml").write_text('[tool.noormme]\ndatabase = "app.db"\nplans = "shipped.plans"')
        found = Settings.load()
        assert (found.database, found.plans) == (str(folder / "app.db"), str(folder / "shipped.plans"))


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


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("max_readers", "1.5", "a whole number of at least 1"),
        ("max_connections", "many", "a whole number of at least 1"),
        ("mmap_size_bytes", "64k", "a whole number of at least 0"),
        ("cache_size_kib", "", "a whole number from 0 to 2147483647"),
        ("breaker_failures", "1.5", "a whole number of at least 1, or null"),
        ("busy_timeout_s", "2,5", "a number from 0 to 2147483"),
        ("timeout_s", "none", "a number above 0, up to 2147483, or null"),
        ("readonly", "yes", "true or false"),
    ],
)
def test_wrong_variable(name: str, text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"NOORMME_{name.upper()}", text)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert str(caught.value) == f"setting '{name}' (in NOORMME_{name.upper()}): expected {expected}"


def test_what_the_messages_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_TIMEOUT_S", "null")
    monkeypatch.setenv("NOORMME_CACHE_SIZE_KIB", "2147483647")
    monkeypatch.setenv("NOORMME_BUSY_TIMEOUT_S", "2147483")
    loaded = Settings.load()
    assert (loaded.timeout_s, loaded.cache_size_kib, loaded.busy_timeout_s) == (None, 2147483647, 2147483.0)
    with connect(":memory:") as db:
        assert db.execute("pragma cache_size") == [(-2147483647,)]


def test_a_table_is_said_in_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_TYPES", '{"MONEY": "decimal"}')
    with pytest.raises(
        SettingsError, match=r"\(in NOORMME_TYPES\).*; no variable can hold it, so write it in a config"
    ):
        Settings.load()


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:a,b@one/app postgresql://two/app",
        " postgresql://u:a,b@one/app\n\tpostgresql://two/app ",
        "postgresql://u:a,b@one/app,postgresql://two/app",
        "postgresql://u:a,b@one/app, postgresql://two/app,",
        '["postgresql://u:a,b@one/app", "postgresql://two/app"]',
    ],
)
def test_replicas_of_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_REPLICAS", text)
    assert Settings.load().replicas == ("postgresql://u:a,b@one/app", "postgresql://two/app")


def test_no_replicas_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", " ", "[]"):
        monkeypatch.setenv("NOORMME_REPLICAS", text)
        assert Settings.load().replicas == ()


@pytest.mark.parametrize("text", ["[postgresql://u:secret@one/app]", '["postgresql://u:secret@one/app", 5]'])
def test_replicas_that_are_no_list(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOORMME_REPLICAS", text)
    with pytest.raises(SettingsError, match="NOORMME_REPLICAS begins as a JSON list and is none") as caught:
        Settings.load()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["app.plans", "./plans", "folder/plans", "/srv/plans"])
def test_a_file_of_plans(path: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load(plans=path).plans == path
    assert Settings.load(plans=Path("plans")).plans == "plans"
    (elsewhere / "noormme.toml").write_text(f'plans = "{path}"')
    assert Settings.load().plans == str(elsewhere / path) or Settings.load().plans == f"{elsewhere}/{path}"
    monkeypatch.setenv("NOORMME_PLANS", path)
    assert Settings.load().plans == path


@pytest.mark.parametrize("word", ["cahce", "of", "none", "", "CACHE"])
def test_a_misspelt_place_of_plans(word: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = r"setting 'plans' \(in {}\): it is 'cache', 'off' or the path of a file"
    with pytest.raises(SettingsError, match=said.format("the arguments")):
        Settings.load(plans=word)
    (elsewhere / "noormme.toml").write_text(f'plans = "{word}"')
    with pytest.raises(SettingsError, match=said.format("noormme.toml")):
        Settings.load()
    (elsewhere / "noormme.toml").unlink()
    monkeypatch.setenv("NOORMME_PLANS", word)
    with pytest.raises(SettingsError, match=said.format("NOORMME_PLANS")):
        Settings.load()


def test_a_misspelt_place_of_plans_gets_a_suggestion() -> None:
    with pytest.raises(SettingsError, match="did you mean 'cache'"):
        Settings.load(plans="cahce")


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
            r"setting 'busy_timeout_s' \(in noormme.toml\): expected a number from 0 to 2147483, not text$",
        ),
        ("busy_timeout_s = -1", r"expected a number from 0 to 2147483$"),
        ("busy_timeout_s = inf", r"expected a number from 0 to 2147483$"),
        ("idle_timeout_s = nan", r"expected a number of at least 0$"),
        ("timeout_s = 0", r"expected a number above 0, up to 2147483$"),
        ("timeout_s = inf", r"expected a number above 0, up to 2147483$"),
        ("replica_max_lag_s = 0", r"expected a number above 0$"),
        ("iterator_chunk_rows = 0", r"expected a whole number of at least 1$"),
        ("max_readers = 2.0", r"expected a whole number of at least 1$"),
        ("cache_size_kib = 2147483648", r"expected a whole number from 0 to 2147483647$"),
        ("readonly = 1", r"expected true or false$"),
        ('loading = "lazy"', r"setting 'loading' \(in noormme.toml\): expected one of 'peers', 'raise'"),
        (
            'types = {A = "text", MONEY = "decimle"}',
            r"setting 'types' \(in noormme.toml\): expected a table with one of 'any', 'integer', .* for each "
            r"declared type; did you mean 'decimal'",
        ),
        ("types = 3", r"setting 'types' \(in noormme.toml\): expected a table with .* declared type$"),
        ("types = {A = 3}", r"expected a table with one of 'any', .* for each declared type$"),
        ("python_types = {A = 3}", r"expected a table with the name of a Python type for each column"),
        (
            'replicas = "postgresql://a/b"',
            r"setting 'replicas' \(in noormme.toml\): expected a list of URLs$",
        ),
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


@pytest.mark.parametrize(
    ("toml", "name"), [("tool = 1\n[other.noormme]", "tool"), ("[tool]\nnoormme = 1", "noormme")]
)
def test_pyproject_of_the_wrong_form(toml: str, name: str, elsewhere: Path) -> None:
    (elsewhere / "pyproject.toml").write_text(toml)
    with pytest.raises(
        SettingsError,
        match=rf"pyproject.toml does not have the form of a configuration: {name} is no table; write \[tool.noormme\]",
    ):
        Settings.load()


SETTING = '[project]\nname = "app"\n\n[tool.noormme]\ndatabase = "äpp.db"\n'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-8-sig"])
def test_a_pyproject_in_another_encoding_is_not_passed_by(encoding: str, elsewhere: Path) -> None:
    path = elsewhere / "pyproject.toml"
    path.write_bytes(SETTING.encode(encoding))
    reason = {"latin-1": r"is not UTF-8 \(line 5\)", "utf-8-sig": "begins with a byte order mark"}.get(
        encoding, r"is not UTF-8 \(line 1\)"
    )
    with pytest.raises(SettingsError, match=rf"^{path} is not TOML: it {reason}; save it as UTF-8"):
        Settings.load()
    path.write_bytes(SETTING.replace("noormme", "other").encode(encoding))
    assert Settings.load() == Settings(), "it is not meant"


def test_file_that_is_not_text(elsewhere: Path) -> None:
    (elsewhere / "noormme.toml").write_bytes(b"# 1\n\xff\xfe")
    with pytest.raises(SettingsError, match=r"noormme.toml is not TOML: it is not UTF-8 \(line 2\)"):
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
    with pytest.raises(
        SettingsError, match=r"'readonly' \(in the arguments\): expected true or false, not text"
    ):
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
