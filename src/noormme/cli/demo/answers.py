"""Questions become answers: the code runs, and what it did is written down.

Invariant: the rows, the statements and the times that are shown come from running the very code that
is shown. The first run is timed apart, because it compiles the queries.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter
from types import CodeType
from typing import TypeAlias, cast

import msgspec

import noormme
from noormme import Database, Model, NoormmeError, QuerySet
from noormme.cli.demo.questions import Question

__all__ = ["Answer", "answer"]

Row: TypeAlias = tuple[object, ...]

_NAMES = {name: getattr(noormme, name) for name in noormme.__all__} | {
    "Decimal": Decimal,
    "date": date,
    "datetime": datetime,
    "timedelta": timedelta,
}
"""What the code of a question can use beside ``db``."""

_RUNS = 5
_LONG_S = 0.5
"""After a first run of so many seconds, one more has to do."""


class Answer(msgspec.Struct, frozen=True):
    """What a question's code did and gave.

    Attributes:
        question: The question.
        statements: The SQL that ran, in order.
        columns: Headings of the rows.
        rows: The rows, values as Python has them; one row of one value for a scalar.
        scalar: Whether the answer is one value and not rows.
        first_s: Seconds of the first run, in which the queries were compiled.
        seconds: Seconds of a later run, the median of several.
        failure: What the code raised instead of giving an answer, or None.
    """

    question: Question
    statements: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    scalar: bool = False
    first_s: float = 0.0
    seconds: float = 0.0
    failure: str | None = None


def answer(db: Database, question: Question) -> Answer:
    """Run a question's code. Touches the database; reads only.

    An error of the code is part of the answer: in a database that nobody knows, a question can meet
    rows that break the rules of their own schema.
    """
    try:
        return _answer(db, question)
    except (NoormmeError, AttributeError) as error:
        return Answer(question, failure=str(error))


def _answer(db: Database, question: Question) -> Answer:
    code = compile(question.code, question.title, "eval")
    names: dict[str, object] = {**_NAMES, "db": db}
    first_s, result = _timed(code, names)
    with db.capture() as statements:
        _timed(code, names)
    later = [_timed(code, names)[0] for _ in range(_RUNS if first_s < _LONG_S else 1)]
    columns, rows = _table(result, question.columns)
    return Answer(
        question,
        statements=tuple(text.statement for text in statements),
        columns=columns,
        rows=rows,
        scalar=not isinstance(result, list | dict | Model),
        first_s=first_s,
        seconds=median(later),
    )


def _timed(code: CodeType, names: dict[str, object]) -> tuple[float, object]:
    start = perf_counter()
    result: object = eval(code, names)
    if isinstance(result, QuerySet):
        # A query set runs when it is iterated.
        result = list(cast("QuerySet[object]", result))
    return perf_counter() - start, result


def _table(result: object, headings: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The headings and the rows of whatever a question's code gave."""
    if not isinstance(result, list):
        result = [result]
    rows = [_row(item) for item in cast("list[object]", result)]
    columns = tuple(rows[0]) if rows else headings
    if headings:
        columns = headings
    return columns, tuple(tuple(row.values()) for row in rows)


def _row(item: object) -> dict[str, object]:
    match item:
        case Model():
            return item.to_dict()
        case dict():
            return cast("dict[str, object]", item)
        case tuple():
            values = cast("tuple[object, ...]", item)
            return {str(position): value for position, value in enumerate(values, 1)}
        case _:
            return {"": item}
