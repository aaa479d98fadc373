"""Processes that write one file at the same time: no errors, and nothing lost.

``NOORMME_STRESS_SECONDS`` says for how long they write (2), ``NOORMME_STRESS_PROCESSES`` how many they are (4 here,
16 in ``python -m tests.stress.processes``, which measures how fair it is). How fast anybody is decides nothing
here: other programs may use the machine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.stress.processes import SECONDS, measure

PROCESSES = int(os.environ.get("NOORMME_STRESS_PROCESSES", "4"))


@pytest.mark.skipif(sys.platform == "win32", reason="the queue between processes needs flock")
def test_no_process_fails_starves_or_loses_a_row(tmp_path: Path) -> None:
    found = measure(tmp_path, processes=PROCESSES, seconds=SECONDS)
    assert found["errors"] == {}
    assert found["lost"] == 0
    assert found["rows"] == found["transactions"]
    # Without the queue somebody makes none at all while others make dozens.
    assert found["slowest"] >= found["fastest"] / 10
