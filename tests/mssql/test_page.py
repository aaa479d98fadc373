"""The examples of the page on SQL Server: what is compiled and discovered is what it says."""

from __future__ import annotations

from tests.docs.pages import ROOT
from tests.docs.test_snippets import run_python

WRITTEN = 'connect("mssql://ann@localhost:1433/shop")'


def test_python() -> None:
    page = ROOT / "docs" / "mssql.md"
    assert WRITTEN in page.read_text(encoding="utf-8")
    offline = '__import__("tests.mssql.offline", fromlist=["opened"]).opened("estate")[0]'
    run_python(page, lambda text: text.replace(WRITTEN, offline))
