"""Processes that are killed while they write: no acknowledged commit is lost, none is there by half.

``NOORMME_STRESS_CRASHES`` says how many are killed (200), ``NOORMME_STRESS_SEED`` repeats what a failure prints.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed otherwise here")
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    # A program of its own, because it forks.
    run = subprocess.run(
        [sys.executable, "-m", "tests.stress.crashes"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["killed"] >= 2
    assert found["acknowledged"], "nobody came to write"
    assert found["wrong"] == [], found["seed"]
