"""Hrana, the protocol of libSQL's servers: values and statements as JSON, and answers from it.

Invariant: an integer of 64 bits, a text and a BLOB arrive exactly as they were sent. JSON has no infinite
numbers: one that is sent is refused, one that is received is said to be there. Nothing here is sent anywhere.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec

from noormme.engines.base import Row
from noormme.errors import InvalidValue, NotSupported

__all__ = [
    "Answer",
    "Cell",
    "ColumnAnswer",
    "Entry",
    "Fault",
    "Outcome",
    "ParameterAnswer",
    "Result",
    "Step",
    "batch",
    "encoded",
    "execute",
    "read_row",
    "statement",
]

_INT64 = range(-(2**63), 2**63)
_LARGEST = 1.7976931348623157e308

Request = dict[str, Any]


class Cell(msgspec.Struct, gc=False):
    """One value of a row, as it arrives."""

    type: str
    value: str | float | None = None
    base64: str = ""


class ColumnAnswer(msgspec.Struct):
    """One column of a result."""

    name: str | None = None
    decltype: str | None = None


class Fault(msgspec.Struct):
    """What the server says of a statement that failed."""

    message: str = ""
    code: str | None = None


class Step(msgspec.Struct):
    """What a statement did."""

    cols: list[ColumnAnswer] = []
    rows: list[list[Cell]] = []
    affected_row_count: int = 0
    last_insert_rowid: str | None = None


class ParameterAnswer(msgspec.Struct):
    """One parameter of a statement."""

    name: str | None = None


class Result(Step):
    """What a request gives: of a statement what it did, of a batch that of each step, or a description."""

    step_results: list[Step | None] = []
    step_errors: list[Fault | None] = []
    params: list[ParameterAnswer] = []
    is_explain: bool = False
    is_readonly: bool = False


class _Response(msgspec.Struct):
    type: str
    result: Result | None = None
    is_autocommit: bool = True


class Outcome(msgspec.Struct):
    """The answer to one request."""

    type: str
    response: _Response | None = None
    error: Fault | None = None


class Answer(msgspec.Struct):
    """The answer to several requests.

    Attributes:
        baton: What continues the stream; None where it has ended.
        base_url: Where the stream goes on, if that is elsewhere.
        results: One for each request.
    """

    baton: str | None = None
    base_url: str | None = None
    results: list[Outcome] = []


class Entry(msgspec.Struct):
    """One line of a cursor."""

    type: str = ""
    baton: str | None = None
    row: list[Cell] = []
    error: Fault | None = None


def encoded(value: object, *, compared: bool) -> Request:
    """A parameter as JSON.

    Args:
        value: What the dialect's encoders give: None, a number, text or bytes.
        compared: Whether it is only compared with, so that a number that is too large may be the largest one.

    Raises:
        InvalidValue: libSQL, or its protocol, has no such value.
    """
    if value is None:
        return {"type": "null"}
    if isinstance(value, str):
        return {"type": "text", "value": value}
    if isinstance(value, int):
        return _integer(int(value), compared=compared)
    if isinstance(value, float):
        return _real(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"type": "blob", "base64": b64encode(cast("bytes", value)).decode().rstrip("=")}
    raise InvalidValue(
        "a value is of a type that libSQL does not have",
        hint="give a number, text, bytes, a date or a Decimal",
    )


def _integer(value: int, *, compared: bool) -> Request:
    if value in _INT64:
        return {"type": "integer", "value": str(value)}
    if not compared:
        raise InvalidValue("an integer is beyond 64 bits, which libSQL cannot store")
    # It compares with stored numbers as the float next to it does.
    return _real(math.copysign(_LARGEST, value) if abs(value) > _LARGEST else float(value))


def _real(value: float) -> Request:
    if value != value:
        return {"type": "null"}
    if math.isinf(value):
        raise InvalidValue(
            "a number is infinite, which cannot be sent to a libSQL server",
            hint="give a finite number, or None",
        )
    return {"type": "float", "value": value}


def statement(
    sql: str, parameters: Iterable[object], *, rows: bool = True, compared: bool = False
) -> Request:
    """A statement as JSON.

    Args:
        sql: The statement.
        parameters: Its parameters, encoded.
        rows: Whether its rows are wanted.
        compared: As in ``encoded``.
    """
    args = [encoded(value, compared=compared) for value in parameters]
    return {"sql": sql, "args": args, "want_rows": rows}


def execute(made: Request) -> Request:
    """A request to run a statement."""
    return {"type": "execute", "stmt": made}


def batch(sql_id: int, rows: Sequence[Sequence[object]], *, wanted: bool) -> Request:
    """A request to run one stored statement for each row of parameters, until one fails.

    Args:
        sql_id: The number under which the server stores the statement.
        rows: The parameters, encoded.
        wanted: Whether the rows are wanted that the statement gives back.

    Raises:
        InvalidValue: libSQL, or its protocol, has no such value.
    """
    steps: list[Request] = []
    for index, row in enumerate(rows):
        args = [encoded(value, compared=False) for value in row]
        step: Request = {"stmt": {"sql_id": sql_id, "args": args, "want_rows": wanted}}
        if index:
            step["condition"] = {"type": "ok", "step": index - 1}
        steps.append(step)
    return {"type": "batch", "batch": {"steps": steps}}


def read_row(cells: Sequence[Cell]) -> Row:
    """A row as Python's values.

    Args:
        cells: Its values as they arrived.

    Raises:
        NotSupported: One of them is infinite.
    """
    return tuple([_read(cell) for cell in cells])


def _read(cell: Cell) -> object:
    kind, value = cell.type, cell.value
    if kind == "text":
        return value
    if kind == "integer":
        return int(value or 0)
    if kind == "float":
        if value is None:
            raise NotSupported(
                "a stored number is infinite, which a libSQL server cannot send",
                hint="leave such rows out: filter(field__lt=1e308, field__gt=-1e308)",
            )
        return float(value)
    if kind == "blob":
        text = cell.base64
        return b64decode(text + "=" * (-len(text) % 4))
    return None
