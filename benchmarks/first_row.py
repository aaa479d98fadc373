"""A fresh process until it has the first row of a database that it discovers.

``python -m benchmarks.first_row``. Invariant: all programs do the same in interleaved rounds: they know the
path of a file and the name of a table, nothing else, and read one row by its key. Django needs its models
written down, and is there for its size.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import build_blog
from benchmarks.process import WorkerError, run_fresh

__all__ = ["PROGRAMS", "Cost", "measured"]

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


class Cost(NamedTuple):
    """What a program costs.

    Attributes:
        ms: Milliseconds until it has ended, of the best round.
        cpu_ms: How many the processor worked for it, of the round with the fewest, in which other programs of
            the machine count for less.
        mib: The most memory that was resident, in MiB.
    """

    ms: float
    cpu_ms: float
    mib: float


def measured(path: Path, rounds: int) -> dict[str, Cost]:
    """The best of some interleaved rounds.

    Args:
        path: The database.
        rounds: How many; one more goes before, in which modules are compiled and plans are kept.

    Returns:
        The costs by program; without the programs whose package is not installed.
    """
    found: dict[str, Cost] = {}
    for number in range(rounds + 1):
        for name, (package, source) in PROGRAMS.items():
            if package and find_spec(package) is None:
                continue
            before = _processor_ms()
            fresh = run_fresh(source, str(path))
            spent = _processor_ms() - before
            if number:
                ms, cpu_ms, mib = found.get(name, (inf, inf, 0.0))
                memory = (fresh.rss_kib or 0) / 1024
                found[name] = Cost(min(ms, fresh.seconds * 1e3), min(cpu_ms, spent), max(mib, memory))
    return found


def _processor_ms() -> float:
    """What the processes that have ended took of the processor, in milliseconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1e3


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
    print(f"{'':{width}}     ms CPU ms    MiB")
    for name, cost in found.items():
        print(f"{name:{width}} {cost.ms:6.1f} {cost.cpu_ms:6.1f} {cost.mib:6.1f}")


if __name__ == "__main__":
    main()
