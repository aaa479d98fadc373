"""``noormme create``: every template makes a project that runs, and whose tests pass."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from noormme import connect
from noormme.cli.create.making import move_up, package_name
from noormme.errors import UsageError
from tests.checkers import run_checker
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


def test_the_projects_are_typed(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = tmp_path / "together"
    for template, needs in NEEDS.items():
        for package in needs:
            pytest.importorskip(package)
        folder, package = tmp_path / f"{template}-shelves", f"{template}_shelves"
        assert invoke("create", folder, "--template", template).exit_code == 0
        monkeypatch.chdir(folder)
        for check in ([], ["--check"]):
            result = invoke("generate", "-o", f"{package}/models.py", *check)
            assert (result.exit_code, "written" in result.stdout) == (0, False), result.output
        assert f"`noormme generate -o {package}/models.py --lang python`" in Path(
            package, "models.py"
        ).read_text(encoding="utf-8")
        # As packages, so that one run of a checker has the tests of all of them.
        shutil.copytree(folder / package, together / package)
        shutil.copytree(folder / "tests", together / f"{package}_tests")
        (together / f"{package}_tests" / "__init__.py").touch()
    (together / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    misspelt = "from basic_shelves.database import open_database\n\nopen_database().books.filter(titel='x')\n"
    (together / "misspelt.py").write_text(misspelt)
    for command in (["mypy", "--strict", "."], ["pyright", "--pythonpath", sys.executable, "."]):
        pytest.importorskip(command[0])
        said = run_checker(command, together).stdout
        errors = [line for line in said.splitlines() if " error: " in line or " - error" in line]
        assert len(errors) == 1, said
        assert "misspelt.py:3" in errors[0]


def test_the_settings_are_those_of_the_project(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "noormme.toml").write_text("[python_types]\nINTEGER = 'decimal.Decimal'\n")
    assert invoke("create", tmp_path / "shelves").exit_code == 0
    assert "Decimal" not in (tmp_path / "shelves" / "shelves" / "models.py").read_text(encoding="utf-8")


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
    assert "shelves/models.py" in found["files"]
    assert ".gitignore" in found["files"]


def test_nothing_is_overwritten(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "shelves").mkdir()
    (tmp_path / "shelves" / "mine.txt").write_text("mine")
    result = invoke("create", tmp_path / "shelves")
    assert result.exit_code == 1
    assert "it is no empty folder" in result.stderr
    assert [each.name for each in tmp_path.rglob("*")] == ["shelves", "mine.txt"]
    assert invoke("create", tmp_path / "x", "--template", "rails").exit_code == 2


def test_in_the_folder_that_one_is_in(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shelves"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(folder)
    result = invoke("create", ".")
    assert result.exit_code == 0, result.output
    assert "  cd " not in result.stdout
    # Had it been replaced, whoever is in it would be in a folder that is gone.
    assert sorted(each.name for each in Path().iterdir()) == sorted(
        [".gitignore", "README.md", "pyproject.toml", "shelves", "shelves.db", "tests"]
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [each.name for each in tmp_path.iterdir()] == ["shelves"]


def test_in_a_folder_behind_a_link(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "shelves").symlink_to("real")
    assert invoke("create", tmp_path / "shelves").exit_code == 0
    assert (tmp_path / "real" / "shelves" / "models.py").exists()
    assert (tmp_path / "shelves").is_symlink()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("file", "dangling"):
        result = invoke("create", tmp_path / name)
        assert result.exit_code == 1
        assert f"'{tmp_path / name}' exists already, and it is no empty folder" in result.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dangling", "file", "real", "shelves"]


def test_what_appeared_meanwhile_stays_alone(tmp_path: Path) -> None:
    (made := tmp_path / ".made").mkdir()
    for name in ("README.md", "pyproject.toml"):
        (made / name).write_text("ours")
    (tmp_path / "pyproject.toml").write_text("theirs")
    with pytest.raises(FileExistsError):
        move_up(made)
    assert sorted(each.name for each in tmp_path.iterdir()) == [".made", "pyproject.toml"]
    assert (tmp_path / "pyproject.toml").read_text() == "theirs"
    assert [(made / name).read_text() for name in ("README.md", "pyproject.toml")] == ["ours", "ours"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_what_cannot_be_moved_goes_back(tmp_path: Path) -> None:
    (made := tmp_path / ".made").mkdir()
    (made / "a.txt").write_text("a")
    (made / "tests").mkdir(mode=0o500)
    # To move a folder elsewhere its "..", which is written in it, has to be changed.
    with pytest.raises(PermissionError):
        move_up(made)
    assert [each.name for each in tmp_path.iterdir()] == [".made"]
    assert sorted(each.name for each in made.iterdir()) == ["a.txt", "tests"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "1st",
            "",
            "--",
            "json",
            "class",
            "flask",
            "Flask",
            "pytest",
            "tests",
            "ütf",
            "\u212bx",
            "\u212awh",
        ),
        *(
            "bad name!",
            'a"b',
            "a\\b",
            "a\nb",
            "x\n",
            "{{ package }}",
            "x{{ package }}",
            "_x",
            "x-",
            "-x",
            ".x",
            "x ",
        ),
    ],
)
def test_names_that_no_project_can_have(name: str, invoke: Invoke, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        package_name(name)
    if name:
        result = invoke("create", tmp_path / "in" / name)
        assert (result.exit_code, "fault in noormme" in result.stderr) == (1, False)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "distribution", "package"),
    [
        ("My shelf-2", "My-shelf-2", "my_shelf_2"),
        ("a.b_c  d", "a.b_c-d", "a_b_c_d"),
        ("a - b", "a---b", "a_b"),
        ("X", "X", "x"),
    ],
)
@pytest.mark.parametrize("template", NEEDS)
def test_pip_takes_the_name(
    name: str, distribution: str, package: str, template: str, invoke: Invoke, tmp_path: Path
) -> None:
    folder = tmp_path / name
    result = invoke("create", folder, "--template", template)
    assert result.exit_code == 0, result.output
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == distribution
    assert Requirement(project["name"]).name == distribution
    assert package_name(name) == package
    assert (folder / "README.md").read_text(encoding="utf-8").startswith(f"# {name}\n")
    (cd,) = (line for line in result.stdout.splitlines() if line.startswith("  cd "))
    assert shlex.split(cd) == ["cd", str(folder)]
