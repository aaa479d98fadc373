"""The documentation is true: every example runs, and prints what the page says.

The Python blocks of a page run in order, in one namespace, in a folder with the sample database
``studio.db``. A ``text`` block right after one is what it prints. In a ``console`` block, the lines
after ``$ noormme …`` are what the command prints (other programs are not run); a line of ``...`` stands
for any lines, and any number that has a unit of time or is a ratio stands for any other, because they
differ every time.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, blocks

MEASURED = re.compile(r" *\d[\d.,]* ?(?:(?:ns|µs|ms|s)\b|×)")
LANGUAGES = {"", "console", "mermaid", "python", "sh", "sql", "text", "toml"}


@pytest.fixture
def folder(studio_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which a page is read: it holds a copy of the sample database, and what is written is imported."""
    shutil.copyfile(studio_path, tmp_path / "studio.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield tmp_path
    for written in tmp_path.glob("*.py"):
        sys.modules.pop(written.stem, None)


ON_A_SERVER = {"docs/libsql.md", "docs/mssql.md", "docs/mysql.md", "docs/postgresql.md", "docs/servers.md"}
"""Pages whose examples need a server; the tests of that engine run them."""

OF_THEIR_OWN = {"docs/typed-sql.md"}
"""Pages whose files, commands and examples belong together; a test beside the others of their subject runs them."""


def with_python() -> list[Path]:
    pages = [page for page in PAGES if name(page) not in ON_A_SERVER | OF_THEIR_OWN]
    return [page for page in pages if any(block.language == "python" for block in blocks(page))]


def with_commands() -> list[Path]:
    return [page for page in PAGES if any(block.language == "console" for block in blocks(page))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def measured_away(text: str) -> str:
    """The text without what differs from run to run."""
    return MEASURED.sub(" #", text)


def matches(expected: str, printed: str) -> bool:
    """Whether the lines are those expected; a line of ``...`` stands for any lines."""
    lines = [line.rstrip() for line in measured_away(expected).strip().splitlines()]
    pattern = "\n".join("(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in lines)
    got = "\n".join(line.rstrip() for line in measured_away(printed).strip().splitlines())
    return re.fullmatch(pattern, got) is not None


@pytest.mark.parametrize("page", with_python(), ids=name)
@pytest.mark.usefixtures("folder")
def test_python(page: Path) -> None:
    run_python(page)


def run_python(page: Path, edit: Callable[[str], str] = str) -> None:
    """Run the examples of a page.

    Args:
        page: The page.
        edit: What is done to the text of an example before it runs.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    found = blocks(page)
    for block, following in zip(found, [*found[1:], Block("", "", 0)], strict=True):
        if block.language != "python":
            continue
        # Blank lines in front make the line of a traceback the line of the page.
        code = compile("\n" * (block.line - 1) + edit(block.text), str(page), "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, namespace)
        if following.language == "text":
            assert matches(following.text, printed.getvalue()), (
                f"{name(page)}:{following.line}: the example printed\n{printed.getvalue()}"
            )
        else:
            assert not printed.getvalue(), f"{name(page)}:{block.line} prints, and no text block follows"


@pytest.mark.parametrize("page", with_commands(), ids=name)
def test_commands(page: Path, folder: Path) -> None:
    for block in blocks(page):
        if block.language != "console":
            continue
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            program, *arguments = shlex.split(command)
            if program != "noormme":
                continue
            result = subprocess.run(
                [sys.executable, "-c", "from noormme.cli.app import main; main()", *arguments],
                cwd=folder,
                env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert result.returncode == 0, f"{name(page)}:{block.line}: {command}\n{result.stderr}"
            assert matches(expected, result.stdout), f"{name(page)}:{block.line}: {command}\n{result.stdout}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES - {""}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{name(page)}: {target}"


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a\nc", False),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("a\n...", "b\nc", False),
        ("took 1.5 ms", "took 22 s", True),
        ("1.31×", "0.9×", True),
        ("took 1.5 ms", "took 22 rows", False),
        ("12 rows", "13 rows", False),
    ],
)
def test_matches(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same
