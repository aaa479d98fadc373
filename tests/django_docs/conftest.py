"""The worlds of Django's documentation, each a fixture of its name, connected and read-only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import Database
from tests.django_docs.worlds import WORLDS, build
from tests.worlds import Worlds


@pytest.fixture(scope="session")
def world_paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files by name; read them, and do not write to them."""
    return build(tmp_path_factory.mktemp("django_docs"))


def _fixture(name: str) -> Callable[..., object]:
    @pytest.fixture(name=name)
    def opened(world_paths: dict[str, Path], engine: str, worlds: Worlds) -> Database:
        return worlds.shared(engine, world_paths[name])

    return opened


for _name in WORLDS:
    globals()[f"{_name}_fixture"] = _fixture(_name)
