"""What coverage is measured of.

Invariant: which tests are measured does not depend on which process runs them, or in what order. Measuring doubles the
time of a test or triples it, so it leaves out what goes through the same lines again: all but the first cases of a test
function, engines other than SQLite, and what Hypothesis makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest
from hypothesis import is_hypothesis_test

import noormme
from tests.worlds import is_on_a_server

if TYPE_CHECKING:
    from coverage import Coverage

__all__ = ["choose_measured", "pytest_runtest_protocol"]

_CASES = 8
"""How many cases of a test function are measured."""

_EVERY_CASE = ("builder", "codegen", "functions", "json", "language", "mssql", "values")
"""The folders in which each case shows another construct."""

_EVERY_ENGINE = (
    "tests/functions/",
    "tests/json/",
    "tests/language/test_table.py",
    "tests/language/test_updates.py",
)
"""The files that show what each engine makes of them."""

_UNMEASURED = pytest.StashKey[bool]()


def choose_measured(items: list[pytest.Item]) -> None:
    """Say of each test whether it is measured.

    Args:
        items: All tests.
    """
    measured = Counter[str]()
    for item in items:
        function = item.nodeid.partition("[")[0]
        item.stash[_UNMEASURED] = (
            item.get_closest_marker("unmeasured") is not None
            or is_hypothesis_test(getattr(item, "obj", None))
            or (is_on_a_server(item) and not function.startswith(_EVERY_ENGINE))
            or (measured[function] >= _CASES and function.split("/")[1] not in _EVERY_CASE)
        )
        measured[function] += not item.stash[_UNMEASURED]
    if _measuring() is not None:
        # Else the lines that define what a module has would be missed where a test loads it that is not measured.
        for module in walk_packages(noormme.__path__, "noormme."):
            if not module.name.endswith("__main__"):
                import_module(module.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Do not measure a test that need not be, nor what it sets up."""
    coverage = _measuring() if item.stash.get(_UNMEASURED, False) else None
    if coverage is None:
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()


def _measuring() -> Coverage | None:
    """What measures this process, if anything does."""
    try:
        from coverage import Coverage
    except ImportError:
        return None
    return Coverage.current()
