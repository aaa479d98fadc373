"""A process that was told nothing: no configuration file above it, no variable around it."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test: empty, outside of this repository."""
    for variable in list(os.environ):
        if variable.startswith("NOORMME_") or variable == "DATABASE_URL":
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    return tmp_path
