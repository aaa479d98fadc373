"""``.env``: what of it is read, in which form, and what comes before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv.main import DotEnv

from noormme.errors import SettingsError
from noormme.settings import Settings, resolve_url
from noormme.settings.dotenv import assignments

FILES = {
    "plain": "A=1\nB=two words\n",
    "spaces": "  A = 1  \n\tB\t=\t2\n",
    "comments": "# A=0\nA=1 # one\nB=2#two\nC='x' # y\n",
    "export": "export A=1\nexport\tB=2\n",
    "quotes": "A='a b'\nB=\"c d\"\nC=\"\"\nD=''\nE=\n",
    "hash in quotes": "A='a # b'\nB=\"c#d\"\n",
    "escapes": "A=\"x\\ny\\\"z\\\\\"\nB='x\\ny\\'z'\n",
    "lines": 'A="x\ny"\nB=2\n',
    "references": 'A=1\nB=${A}2\nC="${A}/${NONE}/${NONE:-x}"\nE=$A\n',
    "outside": "A=${OUTSIDE}\nOUTSIDE=inside\nB=${OUTSIDE}\n",
    "again": "A=1\nA=2\n",
    "windows": "A=1\r\nB='2'\r\n",
    "urls": "DATABASE_URL=postgresql://ann:p#q@h/x?sslmode=require\n",
    "blank lines": "\n\nA=1\n\n\nB=2",
}


@pytest.mark.parametrize("name", FILES)
def test_it_is_read_as_the_common_library_reads_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTSIDE", "outside")
    path = tmp_path / "file"
    path.write_bytes(FILES[name].encode())
    expected = DotEnv(path, override=False).dict()
    found = {each.name: each.text for each in assignments(FILES[name], {"OUTSIDE": "outside"})}
    assert found == expected


def test_what_is_no_assignment_is_passed_by() -> None:
    text = "\ufeffA=1\nnonsense\n1X=2\n= 3\nB='never closed\nC=4\n"
    assert [(each.name, each.text, each.line) for each in assignments(text, {})][::2] == [
        ("A", "1", 1),
        ("C", "4", 6),
    ]


def test_nothing_stands_for_another_value_in_single_quotes() -> None:
    assert [each.text for each in assignments("A=1\nB='${A}'", {})] == ["1", "${A}"]


def test_places_in_order(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "noormme.toml").write_text("busy_timeout_s = 1.0\nmax_readers = 11")
    (elsewhere / ".env").write_text("NOORMME_BUSY_TIMEOUT_S=2\nNOORMME_MAX_READERS='12'\nOTHER=1")
    assert Settings.load() == Settings(busy_timeout_s=2.0, max_readers=12)
    monkeypatch.setenv("NOORMME_BUSY_TIMEOUT_S", "3")
    assert Settings.load(max_readers=13) == Settings(busy_timeout_s=3.0, max_readers=13)


def test_it_stands_beside_the_configuration_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "noormme.toml").write_text("")
    (elsewhere / ".env").write_text("NOORMME_MAX_READERS=12")
    (elsewhere / "below").mkdir()
    (elsewhere / "below" / ".env").write_text("NOORMME_MAX_READERS=99")
    monkeypatch.chdir(elsewhere / "below")
    assert Settings.load().max_readers == 12
    (elsewhere / "noormme.toml").unlink()
    assert Settings.load().max_readers == 99


def test_database_url(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "noormme.toml").write_text('database = "file.db"')
    (elsewhere / ".env").write_text("NOORMME_DATABASE=other.db\nDATABASE_URL=sqlite:///dotenv.db\n")
    (elsewhere / "below").mkdir()
    monkeypatch.chdir(elsewhere / "below")
    assert resolve_url().path == str(elsewhere / "dotenv.db")
    monkeypatch.setenv("DATABASE_URL", "real.db")
    assert resolve_url().path == "real.db"
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("NOORMME_DATABASE", "variable.db")
    assert resolve_url().path == "variable.db"


def test_the_preset_can_stand_there(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / ".env").write_text("NOORMME_ENV=production")
    assert Settings.load().busy_timeout_s == 15.0
    monkeypatch.setenv("NOORMME_ENV", "test")
    assert Settings.load().busy_timeout_s == 1.0


def test_a_nearly_right_name_is_a_mistake_there_too(elsewhere: Path) -> None:
    (elsewhere / ".env").write_text("NOORMME_BUSY_TIMEOUT=2")
    with pytest.raises(SettingsError, match="read from NOORMME_BUSY_TIMEOUT; did you mean 'busy_timeout_s'"):
        Settings.load()
    (elsewhere / ".env").write_text("NOORMME_MAX_READERS=many")
    with pytest.raises(SettingsError, match=r"setting 'max_readers' \(in NOORMME_MAX_READERS\)"):
        Settings.load()


def test_what_is_no_file_or_no_text_has_nothing(elsewhere: Path) -> None:
    (elsewhere / ".env").mkdir()
    assert Settings.load() == Settings()
    (elsewhere / ".env").rmdir()
    (elsewhere / ".env").write_bytes(b"\xff\xfe=1\nNOORMME_MAX_READERS=12")
    assert Settings.load().max_readers == 12
