"""Threads and tasks that read and then write: no lock errors, and every acknowledged write is there.

``NOORMME_STRESS_SECONDS`` says for how long they write (2), ``NOORMME_STRESS_THREADS`` and ``NOORMME_STRESS_TASKS`` how
many they are (50 and 1,000).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stress.threads import SECONDS, TASKS, THREADS, measure


@pytest.mark.parametrize(
    ("threads", "tasks"), [(THREADS, 0), (0, TASKS), (THREADS, TASKS)], ids=["threads", "tasks", "both"]
)
def test_what_is_read_and_then_written_is_never_lost(tmp_path: Path, threads: int, tasks: int) -> None:
    found = measure(tmp_path, threads=threads, tasks=tasks, seconds=SECONDS)
    assert found["errors"] == {}
    assert found["acknowledged"] > 0
    assert found["counted"] == found["logged"] == found["acknowledged"]
    assert found["twice"] == 0
    assert found["integrity"] == "ok"
