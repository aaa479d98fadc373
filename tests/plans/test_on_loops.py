"""No file of plans is read or written on the thread of an event loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plans.processes import SCHEMA, make, run

PROGRAM = """
import asyncio, sys, threading
from noormme import connect
from noormme.engines import plan_file

plan_file._SAVED_AFTER_S = 0.0
touched = []

def hook(event, arguments):
    if event in ("open", "os.rename") and "plans-" in str(arguments[0]):
        touched.append((event, threading.current_thread() is threading.main_thread()))

sys.addaudithook(hook)
databases = [connect(path) for path in sys.argv[1:]]

async def ask():
    for db in databases:
        print((await db.authors.aget(id=1)).name, await db.books.filter(price__gt=1).acount())
        # What a coroutine calls without await is on that thread as well.
        print(db.authors.filter(born__year=1960).count())

asyncio.run(ask())
for thread in threading.enumerate():
    if thread.name == "noormme plans":
        thread.join(20)
print(sorted({event for event, _ in touched}), [event for event, main in touched if main])
for db in databases:
    db.close()
print("compiled" if "sqlalchemy" in sys.modules else "found")
"""


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Two databases whose plans are in files of their own."""
    return [
        make(tmp_path / "one.db"),
        make(tmp_path / "two.db", f"{SCHEMA}; CREATE TABLE other (id)"),
    ]


def test_files_of_plans_are_for_other_threads(paths: list[Path], tmp_path: Path) -> None:
    lines = ["Ann 2", "1", "Ann 2", "1"]
    assert run(PROGRAM, *paths, cache=tmp_path) == [*lines, "['open', 'os.rename'] []", "compiled"]
    assert len(list((tmp_path / "noormme").glob("plans-*.bin"))) == 2
    assert run(PROGRAM, *paths, cache=tmp_path) == [*lines, "['open'] []", "found"], "all of them were saved"
