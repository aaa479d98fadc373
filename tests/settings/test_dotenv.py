"""``.env``: what of it is read, in which form, and what comes before it."""

from __future__ import annotations

import os
import subprocess
import sys
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
    "open at the end": 'A=1\nB="two',
    "open alone": "B='\nA=1\n",
    "open before another": 'A="x\nB=1\n',
    "closed by another": 'A="x\nB="\nC=1\n',
    "something behind": 'A="a" "b"\nB=\'x\'y\nC=1 \'z\n',
    "closing quote escaped": 'A="C:\\data\\"\nB=1\n',
    "a name for an open one": 'A="x\nB=${A}y\n',
}


@pytest.mark.parametrize("name", FILES)
def test_it_is_read_as_the_common_library_reads_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTSIDE", "outside")
    path = tmp_path / "file"
    path.write_bytes(FILES[name].encode())
    expected = DotEnv(path, override=False).dict()
    found = {each.name: each.text for each in assignments(FILES[name], {"OUTSIDE": "outside"}) if each.closed}
    assert found == expected


def test_what_is_no_assignment_is_passed_by() -> None:
    text = "\ufeffA=1\nnonsense\n1X=2\n= 3\nB='never closed\nC=4\n"
    assert list(assignments(text, {})) == [("A", "1", 1, True), ("B", "", 5, False), ("C", "4", 6, True)]


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


def test_an_empty_one_is_none(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "noormme.toml").write_text('database = "file.db"')
    for name in ("DATABASE_URL", "NOORMME_DATABASE"):
        (elsewhere / ".env").write_text(f"{name}=\n")
        assert resolve_url().path == str(elsewhere / "file.db")
        (elsewhere / ".env").write_text("NOORMME_DATABASE=other.db\n")
        monkeypatch.setenv(name, "")
        assert resolve_url().path == str(elsewhere / "other.db")
        monkeypatch.delenv(name)


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


@pytest.mark.parametrize(
    "line",
    [
        'DATABASE_URL="app.db',
        "DATABASE_URL='",
        'export NOORMME_DATABASE = "app.db" x',
        'DATABASE_URL="C:\\d\\"',
    ],
)
def test_a_value_without_an_end_is_a_mistake(line: str, elsewhere: Path) -> None:
    (elsewhere / ".env").write_text(f"OTHER=(open\n\n{line}\nNOORMME_MAX_READERS=12\n")
    name = "NOORMME_DATABASE" if "NOORMME" in line else "DATABASE_URL"
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert str(caught.value).startswith(
        f"{elsewhere / '.env'}:3: the value of {name} begins with a quote that is not closed"
    )
    assert "app.db" not in str(caught.value)
    (elsewhere / ".env").write_text("OTHER='open\nNOORMME_MAX_READERS=12\nMORE=\"x\n")
    assert Settings.load().max_readers == 12, "what other programs read is theirs"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_not_passed_by(encoding: str, elsewhere: Path) -> None:
    (elsewhere / ".env").write_bytes("DATABASE_URL=app.db\n".encode(encoding))
    with pytest.raises(SettingsError, match=rf"{elsewhere / '.env'} is not UTF-8; save it as UTF-8"):
        Settings.load()
    (elsewhere / ".env").write_bytes("OTHER=app.db\n".encode(encoding))
    assert Settings.load() == Settings()


def test_what_is_no_file_or_no_text_has_nothing(elsewhere: Path) -> None:
    (elsewhere / ".env").mkdir()
    assert Settings.load() == Settings()
    (elsewhere / ".env").rmdir()
    (elsewhere / ".env").write_bytes(b"\xff\xfe=1\nNOORMME_MAX_READERS=12")
    assert Settings.load().max_readers == 12


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(elsewhere: Path) -> None:
    # In another process, because one that waits for a pipe could not be told to stop.
    program = "from noormme.settings import Settings; print(Settings.load() == Settings())"
    os.mkfifo(elsewhere / ".env")
    told = run_python(program, elsewhere)
    assert (told.stdout, told.stderr) == ("True\n", "")
    os.mkfifo(elsewhere / "noormme.toml")
    told = run_python(program, elsewhere)
    assert told.stderr.endswith(
        f"SettingsError: cannot read {elsewhere / 'noormme.toml'}: it is a pipe, not a file\n"
    )


def run_python(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a program says that runs in a folder."""
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
