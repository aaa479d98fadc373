"""``copy``: a database into another one.

Invariant: nothing is written before all of the plan is made, and what was planned is what is written. A copy
that was stopped goes on when it is called again with the same arguments.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing

from noormme.copying.ends import open_source
from noormme.copying.report import CopyReport, Progress
from noormme.copying.run import Run, Told
from noormme.copying.survey import OnBadValue
from noormme.errors import UsageError

__all__ = ["copy"]

_BAD_VALUES = ("error", "null", "text")


def copy(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    tables: Iterable[str] = (),
    exclude: Iterable[str] = (),
    schema_only: bool = False,
    dry_run: bool = False,
    replace: bool = False,
    verify: bool = True,
    batch_rows: int = 5_000,
    on_bad_value: OnBadValue = "error",
    progress: Told | None = None,
) -> CopyReport:
    """Copy a database into another one, of the same engine or of another.

    Tables with their keys are made first, then the rows are written, then indexes, foreign keys and views are
    made, and at the end every table is read again on both sides. Stopped in between, by an error, Ctrl-C or a
    crash, it goes on where it was when it is called again with the same arguments. The source must not be
    written to meanwhile. Touches both databases; only the target is written to.

    Args:
        source: The database that is read: a path or a URL, as for ``connect``.
        target: The database that is written; a SQLite file that is not there is made.
        tables: The tables that are wanted, by name; none for all. Views come with all tables only.
        exclude: Tables that are not wanted.
        schema_only: Make the tables and leave them empty.
        dry_run: Write nothing, and report what would be written.
        replace: Remove tables and views of the target that have the names of those that are copied.
        verify: Read every table again on both sides, and compare.
        batch_rows: How many rows are held in memory, and committed together.
        on_bad_value: What becomes of a value that is none of its column's type (which SQLite allows):
            ``"error"`` stops before anything is written, ``"null"`` leaves the value out, ``"text"`` makes
            the column one of text.
        progress: Called as it goes on.

    Returns:
        What was copied, and what has no equal at the target.

    Raises:
        ConnectionFailed: One of the two cannot be opened.
        UnsafeOperation: The target has tables of these names, or an unfinished copy of something else.
        InvalidValue: A value fits no type of the target; the message names table, column and key.
        TableNotFound: The source has no table of a name.
        UsageError: An argument is none of those described, or both are the same database.

    Example:
        ``copy("app.db", "postgresql://localhost/app").verified``
    """
    if batch_rows < 1:
        raise UsageError("batch_rows is less than 1", hint="5,000 is a good number")
    if on_bad_value not in _BAD_VALUES:
        raise UsageError(f"on_bad_value is none of {', '.join(_BAD_VALUES)}")
    with closing(open_source(source)) as first:
        run = Run(
            first,
            target,
            only=tuple(tables),
            without=tuple(exclude),
            schema_only=schema_only,
            dry_run=dry_run,
            replace=replace,
            verify=verify,
            batch_rows=batch_rows,
            on_bad_value=on_bad_value,
            told=progress or _nobody,
        )
        return run.report()


def _nobody(progress: Progress) -> None:
    """Nobody listens."""
