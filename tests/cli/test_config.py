"""``noormme config``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from noormme import Settings
from tests.cli.calling import Invoke


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_values_and_places(invoke: Invoke, folder: Path) -> None:
    (folder / "noormme.toml").write_text('loading = "raise"\nreplicas = ["mysql://a:hidden@b/c"]')
    (folder / ".env").write_text("DATABASE_URL=mysql://ann:hidden@host/app")
    result = invoke("config", "--changed")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["loading", "raise", "noormme.toml:1"] in lines
    assert ["replicas", '["mysql://a:***@b/c"]', "noormme.toml:2"] in lines
    assert ["database", "mysql://ann:***@host/app", ".env:1"] in lines
    assert "hidden" not in result.stdout
    assert "busy_timeout_s" not in result.stdout


def test_as_json(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hidden@host/app")
    found = json.loads(invoke("config", "--json").stdout)
    assert list(found) == list(Settings.__struct_fields__)
    assert found["database"] == {"value": "postgresql://ann:***@host/app", "source": "DATABASE_URL"}
    assert found["max_readers"] == {"value": 100, "source": "default"}


def test_nothing_changed(invoke: Invoke) -> None:
    assert invoke("config", "--changed").stdout == "Every setting has its default.\n"


def test_a_wrong_setting(invoke: Invoke, folder: Path) -> None:
    (folder / "noormme.toml").write_text("busy = 1")
    result = invoke("config")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: no setting 'busy' (in noormme.toml)")
