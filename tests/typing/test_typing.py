"""The types of the public API, as mypy and pyright see them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.checkers import run_checker

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = [Path(__file__).with_name(name) for name in ("examples.py", "typed_sql.py")]
GENERATED = ROOT / "tests" / "codegen" / "sql" / "queries.py"

CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-error-summary", "--hide-error-context"],
    # It reports of files that it is given; mypy of those that are imported too.
    "pyright": ["pyright", "--pythonpath", sys.executable, str(GENERATED)],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_examples(checker: str) -> None:
    pytest.importorskip(checker)
    result = run_checker([*CHECKERS[checker], *map(str, EXAMPLES)], ROOT)
    found = {(name, int(line)) for name, line in re.findall(r"(\w+\.py):(\d+):.* error: ", result.stdout)}
    expected = {
        (path.name, number)
        for path in EXAMPLES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.endswith("# error")
    }
    assert found == expected, result.stdout + result.stderr
