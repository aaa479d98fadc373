"""A fresh process until it has the first row of a database that it discovers.

``python -m benchmarks.first_row``. Invariant: all programs do the same in interleaved rounds: they know the
path of a file and the name of a table, nothing else, and read one row by its key. Django needs its models
written down, and is there for its size.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.data import build_blog
from benchmarks.process import WorkerError, run_fresh

__all__ = ["PROGRAMS", "measured"]

_NOORMME = """
import sys
from noormme import connect
print(connect(sys.argv[1]{options}).users.get(id=1).email)
"""


def _startup(name: str) -> str:
    return (Path(__file__).parent / "startup" / f"{name}_startup.py").read_text(encoding="utf-8")


PROGRAMS: dict[str, tuple[str, str]] = {
    "an empty program": ("", ""),
    "APSW by hand, which discovers nothing": ("apsw", _startup("apsw")),
    "noormme, the plan is known": ("", _NOORMME.format(options="")),
    "noormme, it compiles": ("", _NOORMME.format(options=', plans="off"')),
    "peewee, playhouse.reflection": (
        "peewee",
        """
import sys
from peewee import SqliteDatabase
from playhouse.reflection import generate_models
print(generate_models(SqliteDatabase(sys.argv[1]))["users"].get_by_id(1).email)
""",
    ),
    "SQLAlchemy Core, reflection": ("sqlalchemy", _startup("sqlalchemy_core")),
    "SQLAlchemy, automap": (
        "sqlalchemy",
        """
import sys
from sqlalchemy import create_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session
base = automap_base()
engine = create_engine(f"sqlite:///{sys.argv[1]}")
base.prepare(autoload_with=engine)
print(Session(engine).get_one(base.classes.users, 1).email)
""",
    ),
    "Django, which discovers nothing": ("django", _startup("django")),
}
"""What each is called: the package that it needs, and its source."""


def measured(path: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """The best of some interleaved rounds.

    Args:
        path: The database.
        rounds: How many; one more goes before, in which modules are compiled and plans are kept.

    Returns:
        Milliseconds and MiB by program; without the programs whose package is not installed.
    """
    found: dict[str, tuple[float, float]] = {}
    for number in range(rounds + 1):
        for name, (package, source) in PROGRAMS.items():
            if package and find_spec(package) is None:
                continue
            fresh = run_fresh(source, str(path))
            if number:
                ms, mib = found.get(name, (float("inf"), 0.0))
                found[name] = min(ms, fresh.seconds * 1e3), max(mib, (fresh.rss_kib or 0) / 1024)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="a fresh process until it has the first row")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="interleaved rounds (20)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # The plans of this run belong to it alone.
        os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = str(Path(folder) / "caches")
        path = Path(folder) / "blog.db"
        build_blog(path, users=1000)
        try:
            found = measured(path, arguments.rounds)
        except WorkerError as error:
            raise SystemExit(str(error)) from None
    width = max(map(len, found))
    print(f"{'':{width}}     ms    MiB")
    for name, (ms, mib) in found.items():
        print(f"{name:{width}} {ms:6.1f} {mib:6.1f}")


if __name__ == "__main__":
    main()
