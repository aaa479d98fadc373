"""What mypy, pyright and ty say of programs that use a generated module: every mistake, and nothing else."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from noormme import connect
from noormme.codegen.python import PythonOptions, render
from tests.checkers import run_checker

HERE = Path(__file__).parent
CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-error-summary", "--hide-error-context"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
    "ty": ["ty", "check", "--output-format", "concise", "--python", sys.prefix],
}
DATABASES = ("chinook", "sakila", "kitchen_sink")


@pytest.fixture(scope="module")
def programs(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    for name in DATABASES:
        with connect(shared / "data" / f"{name}.sqlite", readonly=True) as db:
            text = render(db.schema, PythonOptions(source=f"{name}.sqlite"))
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        for kind in ("good", "bad"):
            shutil.copy(HERE / f"{name}_{kind}.py", folder)
    return folder


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_mistake_is_reported_at_its_line_and_nothing_else_is(checker: str, programs: Path) -> None:
    pytest.importorskip(checker)
    files = [f"{name}_{kind}.py" for name in DATABASES for kind in ("good", "bad")]
    result = run_checker([*CHECKERS[checker], *files], programs)
    reported = re.findall(r"(\w+)\.py:(\d+):.*\berror\b", result.stdout)
    found = {(name, int(line)) for name, line in reported}
    expected = {
        (file.removesuffix(".py"), number)
        for file in files
        for number, line in enumerate((programs / file).read_text(encoding="utf-8").splitlines(), start=1)
        if line.endswith("# error")
    }
    assert len(expected) > 40
    assert sorted(found - expected) == [], result.stdout + result.stderr
    assert sorted(expected - found) == []
