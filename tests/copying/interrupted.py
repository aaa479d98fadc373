"""A copy in a process of its own that kills itself, as a crash does, at a point that its arguments choose.

Usage: ``python interrupted.py SOURCE TARGET BATCH_ROWS POINT COUNT``. ``POINT`` is a phase of the copy, which is
left at its report of number ``COUNT``; ``note``, which is in the middle of a transaction of rows; or ``none``.
"""

from __future__ import annotations

import os
import signal
import sys

from noormme.copying import copy
from noormme.copying.progress import Record
from noormme.copying.report import Progress


def main(source: str, target: str, batch_rows: str, point: str, count: str) -> None:
    left = int(count)
    first: Progress | None = None

    def crash() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    def told(progress: Progress) -> None:
        nonlocal first
        if progress.phase == "copying" and first is None:
            first = progress
        if progress.phase == point:
            crash()

    if point == "note":
        note = Record.note

        def noted(*arguments: object, **options: object) -> None:
            # The rows are written, and not committed.
            crash()
            note(*arguments, **options)  # type: ignore[arg-type]

        Record.note = noted  # type: ignore[method-assign]
    report = copy(source, target, batch_rows=int(batch_rows), progress=told)
    print(report.resumed, report.verified, 0 if first is None else first.done)


if __name__ == "__main__":
    main(*sys.argv[1:])
