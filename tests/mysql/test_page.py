"""The examples of the page on MySQL and MariaDB run, and print what it says."""

from __future__ import annotations

from tests.docs.pages import ROOT
from tests.docs.test_snippets import run_python

WRITTEN = "mysql://ann@localhost:3306/shop"


def test_python(url: str) -> None:
    page = ROOT / "docs" / "mysql.md"
    assert WRITTEN in page.read_text(encoding="utf-8")
    run_python(page, lambda text: text.replace(WRITTEN, url))
