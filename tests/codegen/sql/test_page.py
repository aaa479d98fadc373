"""The page on typed SQL is true: its files are written, its commands run, in the order in which they stand."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noormme.cli.app import app
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "typed-sql.md"
FILE = re.compile(r"-- (queries/\w+\.sql)\n")


def test_the_page(studio_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copyfile(studio_path, tmp_path / "studio.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "queries", raising=False)
    (tmp_path / "queries").mkdir()
    namespace: dict[str, object] = {}
    printed: str | None = None
    try:
        for block in blocks(PAGE):
            where = f"{PAGE.name}:{block.line}"
            if block.language == "sql" and (named := FILE.match(block.text)):
                Path(named[1]).write_text(block.text, encoding="utf-8")
            elif block.language == "sh":
                said = [
                    _said(command) for command in re.findall(r"^\$ noormme (.*)$", block.text, re.MULTILINE)
                ]
                assert "".join(said) == re.sub(r"^\$ .*\n", "", block.text, flags=re.MULTILINE), where
            elif block.language == "python":
                printed = _printed(block.text, namespace)
            elif block.language == "text" and printed is None:
                source = Path("queries.py").read_text(encoding="utf-8")
                assert all(part.strip() in source for part in block.text.split("...")), where
            elif block.language == "text":
                assert printed == block.text, where
    finally:
        sys.modules.pop("queries", None)


def _said(command: str) -> str:
    return CliRunner().invoke(app, shlex.split(command)).output


def _printed(code: str, namespace: dict[str, object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, namespace)
    return out.getvalue()
