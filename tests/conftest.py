"""What every test can ask for: the sample databases, as copies that no other test sees."""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from noormme import Database, connect, sample
from tests.measuring import choose_measured, pytest_runtest_protocol
from tests.worlds import engine, only_where_it_holds, worlds

__all__ = ["engine", "pytest_runtest_protocol", "worlds"]

hypothesis.settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("suite")

# No test finds what another one compiled, and none writes to the cache folder of who runs them: there can be none.
os.environ["XDG_CACHE_HOME"] = os.devnull

SHARED = Path(os.environ.get("NOORMME_SHARED") or Path(__file__).resolve().parents[2] / "shared")
"""Databases of other projects, which are not part of this repository."""

SERVERS = {"postgresql": "PostgreSQL", "mysql": "MariaDB", "libsql": "libSQL"}
"""The folders of the tests that need a server, and which."""

NO_SHARED = f"no sample databases in {SHARED}: set NOORMME_SHARED to the folder that has them"


def pytest_configure() -> None:
    """Let Ctrl-C mean what it usually does, also where the suite was started in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep twenty thousand collected tests from the garbage collector.

    They stay to the end: to look at them again and again is a third of collecting them, and half a second of each
    ``gc.collect()`` that a test or the demo calls.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what holds for SQLite alone on SQLite alone, and measure coverage where it tells something new."""
    items[:] = only_where_it_holds(items)
    choose_measured(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give each process of ``-n`` a run of files, and let the one that is done first take from the others.

    What the tests of a file share is made once so, and no process waits at the end.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say when a part of the suite did not run, and what it needs."""
    skipped = [
        report for report in terminalreporter.stats.get("skipped", []) if NO_SHARED in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests skipped: {NO_SHARED}")
    servers = [_of_server(terminalreporter, folder, name) for folder, name in SERVERS.items()]
    terminalreporter.write_line(f"engines: SQLite; {'; '.join(servers)}")


def _of_server(terminalreporter: pytest.TerminalReporter, folder: str, name: str) -> str:
    """What became of the tests that need a server.

    Args:
        terminalreporter: Knows them.
        folder: Where they are.
        name: What the server is called.
    """
    found = {
        outcome: [
            report
            for report in terminalreporter.stats.get(outcome, [])
            if folder in getattr(report, "nodeid", "")
        ]
        for outcome in ("passed", "failed", "skipped")
    }
    ran = len(found["passed"]) + len(found["failed"])
    if found["skipped"]:
        return f"{name} only in {ran} tests, {len(found['skipped'])} skipped (see -rs)"
    return f"{name} ({ran} tests)" if ran else f"not {name}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the databases of other projects; the test is skipped where there is none."""
    if not (SHARED / "data").is_dir():
        pytest.skip(NO_SHARED)
    return SHARED


@pytest.fixture(scope="session")
def copied(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that gives the copy of a sample database by its name (``"chinook"``).

    The copy is one for the whole session: read it, and do not write to it.
    """
    folder = tmp_path_factory.mktemp("copied")

    def copy(name: str) -> Path:
        path = folder / f"{name}.sqlite"
        if not path.exists():
            shutil.copyfile(shared / "data" / path.name, path)
        return path

    return copy


@pytest.fixture
def chinook(copied: Callable[[str], Path]) -> Iterator[Database]:
    """Chinook: a shop for music; 11 tables with names in PascalCase."""
    with connect(copied("chinook"), readonly=True) as db:
        yield db


@pytest.fixture
def northwind(copied: Callable[[str], Path]) -> Iterator[Database]:
    """Northwind: a trading company; names with spaces, 16 views."""
    with connect(copied("northwind"), readonly=True) as db:
        yield db


@pytest.fixture
def sakila(copied: Callable[[str], Path]) -> Iterator[Database]:
    """Sakila: a shop that lends films; triggers, views, circular foreign keys."""
    with connect(copied("sakila"), readonly=True) as db:
        yield db


@pytest.fixture(scope="session")
def studio_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample database of ``noormme demo`` in its full size; read it, and do not write to it."""
    return sample.build(tmp_path_factory.mktemp("studio") / "studio.db")


@pytest.fixture
def studio(studio_path: Path) -> Iterator[Database]:
    """The sample database of ``noormme demo``, connected."""
    with connect(studio_path, readonly=True) as db:
        yield db
