"""One sequence of writes on both sides, each in a transaction over a copy of its own of one database.

Invariant: after every step both sides hold the same, or the step is reported and undone on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import noormme

from .contents import contents, rows_of
from .sides import DjangoSide, namespace
from .steps import changed, words
from .writes import Step

__all__ = ["Difference", "Report", "WritingSides", "opened"]

_ANSWERS = ("IntegrityError", "MultipleObjectsReturned")
"""Errors that answer a step; any other one says that Django did not take it."""


class Difference(NamedTuple):
    """A step whose outcome is not the same on both sides.

    Attributes:
        before: The steps before it, in the same sequence.
        step: The step.
        what: What differs, for a reader.
    """

    before: tuple[Step, ...]
    step: Step
    what: str


class Report(NamedTuple):
    """What came of a sequence: the steps that both sides took, those that Django refused, and those that differ."""

    taken: int
    refused: int
    written: int
    differences: list[Difference]


class WritingSides:
    """Both sides.

    Args:
        django: Django over its copy, in the mode ``writes``.
        path: The copy of noormme.
    """

    def __init__(self, django: DjangoSide, path: Path) -> None:
        self.django = django
        self.db = noormme.connect(path)
        own = {"made": self._made, "deleted": _deleted, "saved": _saved}
        self._namespace = {**namespace(self.db), **words(), **own}
        self._columns = {table: list(about["columns"]) for table, about in django.description.items()}

    def _made(self, table: str, **values: object) -> noormme.Model:
        return self.db.model(table)(**values)

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def run(self, steps: Sequence[Step]) -> Report:
        """Take steps one after another on both sides, and undo all of them.

        Args:
            steps: The steps.
        """
        found: list[Difference] = []
        done: list[Step] = []
        refused = written = 0
        with self.db.transaction() as transaction:
            transaction.rollback()
            now = self.django.ask(do="begin")["contents"]
            assert now == self._contents(), "a sequence begins with the same rows on both sides"
            for step in steps:
                expected = self.django.ask(do="step", source=step.source())
                if _error(expected) and _error(expected) not in _ANSWERS:
                    refused += 1
                    continue
                with self.db.capture() as statements:
                    what = self._take(step, expected)
                if what is not None and any("noormme_once" in each.statement for each in statements):
                    # Django lets SQLite see the rows that the same update has written already.
                    refused += 1
                elif what is not None:
                    found.append(Difference(tuple(done), step, what))
                else:
                    done.append(step)
                    written += expected.get("contents", now) != now
                    now = expected.get("contents", now)
            self.django.ask(do="end")
        return Report(len(done), refused, written, found)

    def _take(self, step: Step, expected: dict[str, Any]) -> str | None:
        """Take a step here; where the outcome is another one than there, undo it on both sides and say so."""
        try:
            with self.db.transaction() as inner:
                value = repr(eval(step.source(), self._namespace))
                what = self._difference(value, expected)
                if what is not None:
                    inner.rollback()
        except Exception as error:
            what = None if _same(error, expected) else f"expected {_shown(expected)}, got {error!r}"
        if what is not None and not _error(expected):
            self.django.ask(do="undo")
        return what

    def _difference(self, value: str, expected: dict[str, Any]) -> str | None:
        if _error(expected):
            return f"expected {expected['error']}, got {value}"
        mine = self._contents()
        lines = [] if value == expected["value"] else [f"expected {expected['value']}, got {value}"]
        for table, digest in expected["contents"].items():
            if mine[table] != digest:
                left = set(self.django.ask(do="rows", table=table)["rows"])
                right = set(rows_of(self._query, table, self._columns[table]))
                lines.append(f"{table} ({' | '.join(sorted(self._columns[table]))}):")
                lines += [f"  missing {row}" for row in sorted(left - right)[:3]]
                lines += [f"  extra   {row}" for row in sorted(right - left)[:3]]
        return "\n".join(lines) or None

    def _contents(self) -> dict[str, str]:
        return contents(self._query, self._columns)

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.db.execute(sql)]


def _deleted(count: int, table: str) -> int:
    return count


def _saved(item: noormme.Model, **values: object) -> object:
    changed([item], **values)
    item.save()
    return item.pk


def _error(answer: dict[str, Any]) -> str:
    return str(answer.get("error", "")).partition(":")[0]


def _same(error: Exception, expected: dict[str, Any]) -> bool:
    """Whether an error means what Django's does; a key of the wrong type is a wrong value here."""
    if "datatype mismatch" in str(expected.get("error")):
        return isinstance(error, noormme.InvalidValue)
    return _error(expected) in [kind.__name__ for kind in type(error).__mro__]


def _shown(answer: dict[str, Any]) -> str:
    return str(answer.get("error") or answer.get("value"))


@contextmanager
def opened(django: DjangoSide, path: Path) -> Iterator[WritingSides]:
    """Both sides, closed in the end."""
    sides = WritingSides(django, path)
    try:
        yield sides
    finally:
        sides.close()
