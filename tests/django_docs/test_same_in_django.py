"""What these tests expect is what Django answers: its own process runs the same examples on copies of the files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_START = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); "
    "from tests.django_docs.django_side import main; main(json.loads(sys.argv[2]), sys.argv[3:])"
)

DIFFERENT: dict[str, str] = {
    "test_an_index_from_the_end": "as from Django 6.0 on",
    "test_contained_by": "Django does not have it on SQLite",
    "test_contains": "Django does not have it on SQLite",
    "test_text_of_a_key_is_a_value": "Django reads the text as JSON there, and fails",
    "test_greatest_and_least_pass_over_nulls": "as on PostgreSQL; Django's answer on SQLite is NULL",
}
"""Examples that Django answers otherwise on SQLite, and why that is as wanted."""


def test_django_agrees(world_paths: dict[str, Path], tmp_path: Path) -> None:
    files = {name: str(shutil.copy(path, tmp_path)) for name, path in world_paths.items()}
    examples = {path.stem for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).stem}
    modules = [f"tests.django_docs.{name}" for name in sorted(examples)]
    run = subprocess.run(
        [sys.executable, "-P", "-c", _START, str(ROOT), json.dumps(files), *modules],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert len(found["ran"]) > 70
    assert found["failures"].keys() == DIFFERENT.keys(), json.dumps(found["failures"], indent=1)
