"""A SQLite database from inside: pragmas, the log, and whether the file is whole.

Invariant: reads only, for no longer than it may take unless a full examination is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from noormme import Database, NoormmeError
from noormme.cli.doctor.finding import Finding, ok, problem, warning
from noormme.cli.doctor.machine import damages_wal, other_sqlites
from noormme.cli.output import plural, printable, size
from noormme.engines.base import Engine
from noormme.engines.budget import time_limit
from noormme.errors import QueryTimeout

__all__ = ["contents"]

_LOG_BYTES = 64 * 1024 * 1024
_SHOWN = 3


def contents(db: Database, engine: Engine, *, full: bool, limit_s: float) -> Iterator[Finding]:
    """Look at an open SQLite database.

    Args:
        db: The database.
        engine: Its engine.
        full: Read everything, however long it takes.
        limit_s: How long the checks may take otherwise, in seconds.
    """
    yield from _journal(db, engine)
    yield from _free_pages(engine)
    until = None if full else monotonic() + limit_s
    yield from _integrity(engine, until, full=full)
    yield from _foreign_keys(db, engine, until)


def _pragma(engine: Engine, name: str) -> object:
    rows = engine.fetch(f"PRAGMA {name}", (), 1)
    return rows[0][0] if rows else None


def _journal(db: Database, engine: Engine) -> Iterator[Finding]:
    mode = str(_pragma(engine, "journal_mode"))
    if mode != "wal":
        if db.settings.journal_mode == "wal":
            yield ok("journal", f"{mode}; noormme switches the file to wal when it writes first")
        else:
            yield warning(
                "journal",
                f"{mode}, and journal_mode is set to keep: readers and a writer wait for each other",
                "leave journal_mode out of the configuration",
            )
        return
    yield ok("journal", "wal")
    log = Path(f"{db.path}-wal")
    if log.exists() and (length := log.stat().st_size) > _LOG_BYTES:
        yield warning(
            "journal",
            f"the write-ahead log has {size(length)}",
            "a program that reads for hours keeps it from being emptied: find it and let it end",
        )
    for program, version in other_sqlites():
        if damages_wal(version):
            yield warning(
                "journal",
                f"{printable(program)} has SQLite {version}, which can damage a file in WAL mode",
                "do not write to this file with it while others use the file (fixed in SQLite 3.51.3)",
            )


def _free_pages(engine: Engine) -> Iterator[Finding]:
    free, pages, page = (
        int(str(_pragma(engine, name) or 0)) for name in ("freelist_count", "page_count", "page_size")
    )
    if pages and free / pages > 0.25 and free * page > 1024 * 1024:
        yield warning(
            "free pages",
            f"{free / pages:.0%} of the file is empty: {size(free * page)}",
            'VACUUM gives it back to the disk: noormme query DB "vacuum" --write',
        )


def _integrity(engine: Engine, until: float | None, *, full: bool) -> Iterator[Finding]:
    check = "integrity_check" if full else "quick_check"
    try:
        with time_limit(_left(until)):
            said = [str(row[0]) for row in engine.fetch(f"PRAGMA {check}(20)", (), 1)]
    except QueryTimeout:
        yield _unfinished("integrity")
        return
    except NoormmeError as error:
        yield problem("integrity", error.message, error.hint or _RESTORE)
        return
    if said == ["ok"]:
        yield ok("integrity", f"{check} found nothing wrong")
    else:
        lines = [line for each in said for line in each.splitlines()]
        more = f" (and {len(lines) - _SHOWN} more)" if len(lines) > _SHOWN else ""
        yield problem("integrity", f"{printable('; '.join(lines[:_SHOWN]))}{more}", _RESTORE)


_RESTORE = "restore a backup; without one, copy what can be read: sqlite3 DB .recover"


def _foreign_keys(db: Database, engine: Engine, until: float | None) -> Iterator[Finding]:
    broken: list[str] = []
    odd = 0
    for table in db.schema.tables:
        if not table.foreign_keys:
            continue
        name = table.name.replace('"', '""')
        try:
            with time_limit(_left(until)):
                rows = engine.fetch(f'PRAGMA foreign_key_check("{name}")', (), 4)
        except QueryTimeout:
            yield _unfinished("foreign keys")
            break
        except NoormmeError:
            # A foreign key at what is no key: the schema's warnings say so.
            odd += 1
            continue
        if rows:
            broken.append(f"{printable(table.name)} ({plural(len(rows), 'row')})")
    if broken:
        yield warning(
            "foreign keys",
            f"rows point at rows that do not exist: {', '.join(broken)}",
            "give them a target or remove them; a program that does not enforce foreign keys made them",
        )
    elif odd:
        yield warning(
            "foreign keys",
            f"{plural(odd, 'table')} could not be checked",
            "noormme inspect says what is odd about their foreign keys",
        )
    else:
        yield ok("foreign keys", "every row points at a row that exists")


def _left(until: float | None) -> float | None:
    return None if until is None else max(until - monotonic(), 0.001)


def _unfinished(about: str) -> Finding:
    return warning(about, "the check was not finished in time", "--full lets it take its time")
