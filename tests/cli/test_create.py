"""``noormme create``: every template makes a project that runs, and whose tests pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from noormme import connect
from noormme.cli.create.making import package_name
from noormme.errors import UsageError
from tests.cli.calling import Invoke

NEEDS = {
    "basic": (),
    "fastapi": ("fastapi", "httpx2"),
    "litestar": ("litestar", "httpx"),
    "flask": ("flask",),
}


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={name: value for name, value in kept.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("template", NEEDS)
def test_the_project_is_well_made(template: str, invoke: Invoke, tmp_path: Path) -> None:
    missing = [package for package in NEEDS[template] if find_spec(package) is None]
    folder = tmp_path / "My-Shelves"
    result = invoke("create", folder, "--template", template)
    assert result.exit_code == 0, result.output
    assert "pip install -e '.[test]'" in result.stdout
    text = "".join(each.read_text() for each in folder.rglob("*.*") if each.suffix in (".py", ".md", ".toml"))
    assert "{{" not in text
    assert "my_shelves" in text
    style = python(folder, "-m", "ruff", "check", "--select", "F,E,I,B,UP", ".")
    assert (style.returncode, python(folder, "-m", "ruff", "format", "--check", ".").returncode) == (0, 0), (
        style.stdout
    )
    with connect(folder / "my_shelves.db", readonly=True) as db:
        assert db.books.count() == 7
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    tests = python(folder, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
    assert tests.returncode == 0, tests.stdout
    assert " passed" in tests.stdout


def test_the_basic_project_runs(invoke: Invoke, tmp_path: Path) -> None:
    folder = tmp_path / "shelves"
    assert invoke("create", folder).exit_code == 0
    assert "Octavia E. Butler     2 books   rated 5.0" in python(folder, "-m", "shelves").stdout
    (folder / "shelves.db").unlink()
    assert python(folder, "-m", "shelves.database").returncode == 0
    assert (folder / "shelves.db").exists()
    again = python(folder, "-m", "shelves.database")
    assert (again.returncode, again.stderr) == (
        1,
        "shelves.db is there already: remove it first to begin anew\n",
    )


def test_as_json(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "shelves").mkdir()
    found = json.loads(invoke("create", tmp_path / "shelves", "--json").stdout)
    assert found["package"] == "shelves"
    assert "shelves/database.py" in found["files"]
    assert ".gitignore" in found["files"]


def test_nothing_is_overwritten(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "shelves").mkdir()
    (tmp_path / "shelves" / "mine.txt").write_text("mine")
    result = invoke("create", tmp_path / "shelves")
    assert result.exit_code == 1
    assert "it is not empty" in result.stderr
    assert [each.name for each in tmp_path.rglob("*")] == ["shelves", "mine.txt"]
    assert invoke("create", tmp_path / "x", "--template", "rails").exit_code == 2


@pytest.mark.parametrize("name", ["1st", "", "--", "json", "class", "flask", "tests", "ütf"])
def test_names_that_no_package_can_have(name: str) -> None:
    with pytest.raises(UsageError):
        package_name(name)
    assert package_name("My shelf-2") == "my_shelf_2"
