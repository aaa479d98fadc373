"""The examples in docstrings run, with ``db`` connected to the sample database, which is ``app.db``."""

from __future__ import annotations

import doctest
import importlib
import inspect
import shutil
from pathlib import Path

import pytest

from noormme import Database
from tests.modules import MODULES


@pytest.fixture(scope="module")
def folder(studio_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the sample database under the name that docstrings use."""
    folder = tmp_path_factory.mktemp("docstrings")
    shutil.copyfile(studio_path, folder / "app.db")
    return folder


@pytest.mark.parametrize("name", ["noormme", *MODULES])
def test_examples(
    name: str, folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(name)
    # Most have none: neither a database nor a search through all of their objects is needed to see that.
    if ">>>" not in inspect.getsource(module):
        return
    monkeypatch.chdir(folder)
    studio: Database = request.getfixturevalue("studio")
    results = doctest.testmod(module, extraglobs={"db": studio})
    assert results.failed == 0
