"""The types of the public API, as mypy and pyright see them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).with_name("examples.py")
ROOT = EXAMPLES.parents[2]

CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-error-summary", "--hide-error-context"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_examples(checker: str) -> None:
    pytest.importorskip(checker)
    result = subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker], str(EXAMPLES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = {int(line) for line in re.findall(r"examples\.py:(\d+):.* error: ", result.stdout)}
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    expected = {number for number, line in enumerate(lines, start=1) if line.endswith("# error")}
    assert found == expected, result.stdout + result.stderr
