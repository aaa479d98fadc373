"""The public names: sorted, complete and documented."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import types
from pathlib import Path

import pytest

import noormme
from noormme import errors, functions
from noormme.query import expressions
from noormme.query import functions as query_functions
from noormme.query.expressions import Func
from tests.modules import MODULES

BASES = {"OfMoment"}
"""Classes of functions that are no functions themselves."""


def for_checkers(package: types.ModuleType) -> dict[str, str]:
    """The names that a package imports for type checkers, and the module of each."""
    assert package.__file__ is not None
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    [guarded] = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


@pytest.mark.parametrize(
    "package", [noormme, query_functions, expressions], ids=lambda each: str(each.__name__)
)
def test_names_are_sorted_and_complete(package: types.ModuleType) -> None:
    """What type checkers see is what a program gets, though it is imported when it is used."""
    names: list[str] = package.__all__
    seen = for_checkers(package)
    assert set(names) == set(seen)
    assert set(names) <= set(dir(package))
    for name, module in seen.items():
        assert getattr(package, name) is getattr(importlib.import_module(module), name)


def test_the_names_of_the_package_are_sorted() -> None:
    assert noormme.__all__ == sorted(noormme.__all__)


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="module 'noormme' has no attribute 'conect'"):
        noormme.conect  # type: ignore[attr-defined]  # noqa: B018
    assert noormme.settings is importlib.import_module("noormme.settings")


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_is_public(module: str) -> None:
    loaded = importlib.import_module(module)
    names: list[str] = getattr(loaded, "__all__", [])
    assert [name for name in names if not hasattr(loaded, name)] == []
    assert loaded.__doc__, "the docstring of a module states its invariant"


@pytest.mark.parametrize("name", noormme.__all__)
def test_every_name_is_documented(name: str) -> None:
    documentation = getattr(noormme, name).__doc__
    assert documentation
    assert documentation.strip()


def test_the_functions_are_those_of_the_language() -> None:
    defined = {
        name
        for module in pkgutil.iter_modules(query_functions.__path__, f"{query_functions.__name__}.")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, type) and issubclass(value, Func) and value.__module__ == module.name
        if not name.startswith("_") and name not in BASES
    }
    assert set(query_functions.__all__) == defined
    assert functions.__all__ == query_functions.__all__
    assert all(getattr(functions, name) is getattr(query_functions, name) for name in functions.__all__)


def test_every_error_is_exported() -> None:
    kinds = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.NoormmeError)
    }
    assert kinds <= set(noormme.__all__)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__ is not None
    drawn: list[tuple[int, str]] = []
    for line in errors.__doc__.splitlines():
        name = line.lstrip("│├└─ ")
        if name[:1].isupper() and (line[0] in "│├└ " or line == "NoormmeError"):
            drawn.append((len(line) - len(name), name.split()[0]))
    actual: list[tuple[int, str]] = []

    def walk(kind: type[errors.NoormmeError], depth: int) -> None:
        actual.append((depth, kind.__name__))
        for child in kind.__subclasses__():
            if child.__module__ == errors.__name__:
                walk(child, depth + 4)

    walk(errors.NoormmeError, 0)
    assert drawn == actual
