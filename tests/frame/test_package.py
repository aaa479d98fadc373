"""What is declared to those who install noormme."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

import noormme

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared: dict[str, object] = tomllib.load(file)["project"]
    return declared


def requirement_names(requirements: object) -> list[str]:
    assert isinstance(requirements, list)
    return [re.split(r"[^a-z0-9-]", str(requirement).lower())[0] for requirement in requirements]


def test_six_runtime_dependencies(project: dict[str, object]) -> None:
    assert requirement_names(project["dependencies"]) == [
        "apsw",
        "msgspec",
        "rich",
        "sqlalchemy",
        "tenacity",
        "typer",
    ]


def test_every_dependency_has_a_lower_bound(project: dict[str, object]) -> None:
    assert isinstance(project["dependencies"], list)
    assert all(">=" in requirement for requirement in project["dependencies"])


def test_the_installed_version_is_that_of_the_code() -> None:
    assert importlib.metadata.version("noormme") == noormme.__version__


def test_types_are_shipped() -> None:
    assert (ROOT / "src" / "noormme" / "py.typed").exists()


def test_the_changelog_begins_with_this_version() -> None:
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] == noormme.__version__
