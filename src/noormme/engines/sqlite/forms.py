"""In which form a column stores its values, and what follows from that for reading and for SQL.

Invariant: a form is pure data and says everything that reading, comparing and date functions need to
know about a column; it is learnt from a few stored values and from nothing else. Where values have
several forms, the most frequent one counts.

SQLite lets every tool choose: a datetime is text with a space or a ``T``, with ``Z``, an offset or
neither, or a number of seconds, milliseconds, …, or a Julian day. A parameter compares rightly only
when it has the form of what is stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, tzinfo
from functools import partial
from typing import Literal, cast

import apsw
import msgspec

from noormme.engines.sqlite.moments import (
    Unit,
    Unreadable,
    clock_unit_of,
    compact_datetime,
    datetime_of_number,
    unit_of,
)
from noormme.engines.sqlite.values import decode
from noormme.schema.model import Kind

__all__ = [
    "SEVERAL_FORMS",
    "StorageForm",
    "comparison_expression",
    "form_of",
    "strftime_argument",
    "time_expression",
    "unit_in",
]

SEVERAL_FORMS: frozenset[Kind] = frozenset({"boolean", "date", "time", "datetime", "uuid", "json"})
"""The kinds that SQLite has no storage class for, so that columns keep them in one form or another."""

Layout = Literal[
    "plain",
    "iso",
    "compact",
    "s",
    "ms",
    "us",
    "ns",
    "julian",
    "hyphenated",
    "hex",
    "braced",
    "urn",
    "bytes",
    "jsonb",
]
Timespec = Literal["auto", "trimmed", "days", "minutes", "seconds", "milliseconds", "microseconds"]


class StorageForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a column stores its values.

    Attributes:
        layout: ``"plain"``: as they are. Dates and times: ``"iso"`` text, ``"compact"`` YYYYMMDD digits,
            a unit of time since 1970 (or since midnight), or ``"julian"`` days. UUIDs: four kinds of
            text or 16 ``"bytes"``. JSON: ``"plain"`` text or ``"jsonb"``.
        separator: What stands between the date and the time.
        timespec: How exact ISO text is, in the words of ``datetime.isoformat``; ``"trimmed"`` has no
            zeros at the end of a fraction, ``"days"`` no time where it is midnight. For numbers
            ``"auto"`` says that they have fractions, ``"seconds"`` that they have none.
        offset: What stands after the time: ``""``, ``"Z"``, ``"+00:00"``, ``" +0200"``, …
        base_day: What stands before the time in a time column (Rails writes ``"2000-01-01 "``).
        words: What stands for False and for True.
        upper: Whether a UUID's letters are upper case.
        ascii: Whether JSON text escapes what is not ASCII.
        mixed: ``"forms"`` where some dates have another form, ``"units"`` where numbers count several
            units. Such a column is compared in its most frequent form, but read value by value.
    """

    layout: Layout = "plain"
    separator: Literal[" ", "T"] = " "
    timespec: Timespec = "auto"
    offset: str = ""
    base_day: str = ""
    words: tuple[int | str, int | str] = (0, 1)
    upper: bool = False
    ascii: bool = False
    mixed: Literal["no", "forms", "units"] = "no"


_DEFAULTS: Mapping[Kind, StorageForm] = {
    "date": StorageForm(layout="iso", timespec="days"),
    "time": StorageForm(layout="iso"),
    "datetime": StorageForm(layout="iso"),  # Django's form: YYYY-MM-DD HH:MM:SS[.ffffff]
    "uuid": StorageForm(layout="hyphenated"),
}
_PLAIN = StorageForm()
_UNITS: frozenset[Layout] = frozenset({"s", "ms", "us", "ns", "julian"})


def form_of(kind: Kind, samples: Sequence[object]) -> StorageForm:
    """Learn a column's form from a few of its values. Does not touch the database.

    Args:
        kind: The column's kind.
        samples: Stored values as SQLite gave them, some dozens at most; NULLs are passed over.

    Returns:
        The form of most of them; the usual form of the kind where none can be read.
    """
    learn = _LEARNERS.get(kind)
    if learn is None:
        return _PLAIN
    readable = [value for value in samples if value is not None and _is_readable(kind, value)]
    return learn(readable) or _DEFAULTS.get(kind, _PLAIN)


def unit_in(form: StorageForm) -> Unit | None:
    """What numbers in such a column count; None where each number has to say so itself."""
    return cast("Unit", form.layout) if form.layout in _UNITS and form.mixed != "units" else None


def strftime_argument(form: StorageForm, *, timezone: tzinfo | None = None) -> tuple[str, tuple[str, ...]]:
    """How SQLite's date functions take a temporal column of that form.

    The parts of a date that SQL then sees are those of the decoded Python value: the wall clock of the
    column, or of ``timezone`` for numbers.

    Args:
        form: The column's form.
        timezone: As in ``values.decode``.

    Returns:
        A template of an SQL expression with ``{c}`` for the column, and the modifiers to give after it:
        ``("floor({c} / 1000.0)", ("unixepoch",))``.
    """
    layout = form.layout
    moves = layout in _UNITS and timezone is not None and timezone.utcoffset(None) != timedelta(0)
    if moves or form.mixed != "no":
        unit = unit_in(form)
        return "noormme_datetime({c})" if unit is None else f"noormme_datetime({{c}}, '{unit}')", ()
    if layout in _SECONDS:
        # Downwards, because SQLite rounds to milliseconds, and a rounded second may be of next year.
        return f"floor({_SECONDS[layout]})", ("unixepoch",)
    if layout == "compact":
        parts = "substr({c}, 1, 4) || '-' || substr({c}, 5, 2) || '-' || substr({c}, 7, 2)"
        if form.timespec == "days":
            return parts, ()
        clock = "substr({c}, 9, 2) || ':' || substr({c}, 11, 2) || ':' || substr({c}, 13, 2)"
        return f"{parts} || ' ' || {clock}", ()
    if form.offset:
        # SQLite would move the time to UTC, and does not know all spellings.
        length = len(form.base_day) + {"days": 10, "minutes": 16}.get(form.timespec, 19)
        return f"substr({{c}}, 1, {length})", ()
    return "{c}", ()


def comparison_expression(kind: Kind) -> str:
    """How a column of that kind stands on the left of a comparison, as a template with ``{c}``.

    JSON is compared as SQLite writes it, without blanks and from JSONB too; what is no JSON stands for
    itself, because ``json()`` alone would fail the whole query.
    """
    return "iif(json_valid({c}, 9), json({c}), {c})" if kind == "json" else "{c}"


def time_expression(form: StorageForm) -> str:
    """The time of day of a temporal column as text ``HH:MM:SS[.ffffff]``, as a template with ``{c}``."""
    unit = unit_in(form)
    return "noormme_time({c})" if unit is None else f"noormme_time({{c}}, '{unit}')"


_SECONDS: Mapping[Layout, str] = {
    "s": "{c}",
    "ms": "{c} / 1000.0",
    "us": "{c} / 1000000.0",
    "ns": "({c} - ({c} < 0) * 999) / 1000 / 1000000.0",  # a real cannot hold them
}


def _is_readable(kind: Kind, value: object) -> bool:
    try:
        decode(kind, value)
    except Unreadable:
        return False
    return True


_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)?([ T])?(?:(\d\d:\d\d)(:\d\d)?(?:\.(\d+))?)?"
    r"(\s*(?:Z|UTC|[+-]\d\d(?::?\d\d)?)(?: [A-Z]{3,4})?)?",
    re.ASCII,
)


def _temporal_form(samples: Sequence[object], *, of_day: bool = False) -> StorageForm | None:
    numbers = [value for value in samples if isinstance(value, (int, float))]
    shapes = [match for value in samples if isinstance(value, str) and (match := _ISO.fullmatch(value))]
    if len(numbers) > len(shapes):
        form = _number_form(numbers, of_day=of_day)
        strangers = not of_day and len(numbers) < len(samples) and form.mixed == "no"
        return msgspec.structs.replace(form, mixed="forms") if strangers else form
    if not shapes:
        return None
    separator, offset = frame = Counter(map(_frame, shapes)).most_common(1)[0][0]
    alike = [shape for shape in shapes if _frame(shape) == frame]
    base = alike[0][1]
    # Date functions do not mind the separator, and times have a function of their own.
    offsets = {_frame(shape)[1] for shape in shapes}
    strangers = not of_day and (len(shapes) < len(samples) or len(offsets) > 1)
    return StorageForm(
        layout="iso",
        separator="T" if separator == "T" else " ",
        timespec=_timespec(alike),
        offset=offset,
        base_day=f"{base}{separator}" if of_day and base else "",
        mixed="forms" if strangers else "no",
    )


def _frame(shape: re.Match[str]) -> tuple[str, str]:
    """What stands before and after the time."""
    return (shape[2] or "", shape[6] or "") if shape[3] else ("", "")


def _number_form(numbers: Sequence[float], *, of_day: bool) -> StorageForm:
    if not of_day and all(compact_datetime(str(number)) for number in numbers):
        days = all(len(str(number)) == 8 for number in numbers)
        return StorageForm(layout="compact", timespec="days" if days else "seconds")
    largest = max(numbers, key=abs)  # a small number may count any unit
    # Only a number that gives a date of our days by its size says something about the others.
    votes: list[Unit] = [unit_of(number) for number in numbers if not of_day and _is_recent(number)]
    unit: Unit = clock_unit_of(largest) if of_day else unit_of(largest)
    if votes:
        unit = max(votes, key=votes.count)
    return StorageForm(
        layout=unit,
        timespec="seconds" if all(number == int(number) for number in numbers) else "auto",
        mixed="units" if 4 * votes.count(unit) < 3 * len(votes) else "no",
    )


def _is_recent(number: float) -> bool:
    return 1990 <= datetime_of_number(number, None, None).year < 2100


def _timespec(shapes: Sequence[re.Match[str]]) -> Timespec:
    if all(shape[3] is None for shape in shapes):
        return "days"
    if all(shape[4] is None for shape in shapes):
        return "minutes"
    fractions = [shape[5] or "" for shape in shapes]
    lengths = {len(fraction) for fraction in fractions}
    if lengths == {3}:
        return "milliseconds"
    if lengths - {0, 3, 6}:
        return "trimmed"
    # A fraction sorts before Z, so such text sorts rightly only when all of it is equally long.
    before_letter = (shapes[0][6] or "")[:1].isalpha()
    if 6 in lengths and (before_letter or "000000" in fractions):
        return "microseconds"
    return "seconds" if lengths == {0} and before_letter else "auto"


def _boolean_form(samples: Sequence[object]) -> StorageForm | None:
    words = Counter(value.strip() for value in samples if isinstance(value, str))
    if 2 * words.total() <= len(samples):
        return None
    word = words.most_common(1)[0][0]
    spelled = next(pair for pair in _PAIRS if word.lower() in pair)
    style = str.upper if word.isupper() else str.capitalize if word[0].isupper() else str.lower
    return StorageForm(words=(style(spelled[0]), style(spelled[1])))


_PAIRS = (("false", "true"), ("f", "t"), ("no", "yes"), ("n", "y"), ("off", "on"), ("0", "1"))


def _uuid_form(samples: Sequence[object]) -> StorageForm | None:
    layouts: list[Layout] = [_uuid_layout(value) for value in samples]
    if not layouts:
        return None
    letters = "".join(value for value in samples if isinstance(value, str))
    return StorageForm(
        layout=max(layouts, key=layouts.count), upper=any(letter in letters for letter in "ABCDEF")
    )


def _uuid_layout(value: object) -> Layout:
    if isinstance(value, bytes):
        return "bytes"
    text = str(value)
    if text.startswith("{"):
        return "braced"
    if text.startswith("urn:"):
        return "urn"
    return "hyphenated" if "-" in text else "hex"


def _is_jsonb(value: object) -> bool:
    return isinstance(value, bytes) and apsw.jsonb_detect(value)  # pyright: ignore[reportUnknownMemberType]


def _json_form(samples: Sequence[object]) -> StorageForm | None:
    binary = sum(_is_jsonb(value) for value in samples)
    if 2 * binary > len(samples):
        return StorageForm(layout="jsonb")
    texts = [value for value in samples if isinstance(value, str)]
    escaped = any("\\u" in text for text in texts) and all(text.isascii() for text in texts)
    return StorageForm(ascii=True) if escaped else None


_LEARNERS: Mapping[Kind, Callable[[Sequence[object]], StorageForm | None]] = {
    "date": _temporal_form,
    "time": partial(_temporal_form, of_day=True),
    "datetime": _temporal_form,
    "boolean": _boolean_form,
    "uuid": _uuid_form,
    "json": _json_form,
}
