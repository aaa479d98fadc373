"""The examples of the page on libSQL run, and print what it says."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.docs.test_snippets import run_python

WRITTEN = "libsql://localhost:8080"


@pytest.mark.skipif(find_spec("libsql") is None, reason="needs the package libsql")
def test_python(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "libsql.md"
    assert WRITTEN in page.read_text(encoding="utf-8")
    run_python(page, lambda text: text.replace(WRITTEN, url))
