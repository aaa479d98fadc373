"""The text of a query as a user of Django would write it.

Invariant: for readers only; what runs is the text that both sides share (``django_language`` says what its names
mean there).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["as_django"]

_FIELDS = {
    "bool": "BooleanField()",
    "int": "IntegerField()",
    "float": "FloatField()",
    "str": "TextField()",
    "Decimal": "DecimalField(max_digits=30, decimal_places=6)",
    "datetime": "DateTimeField()",
    "date": "DateField()",
    "time": "TimeField()",
    "timedelta": "DurationField()",
}
_TABLE = re.compile(r"\bdb\.(\w+)\b")
_TYPE = re.compile(
    r"(output_field=|Cast\([^()]*, )(bool|int|float|str|Decimal|datetime|date|time|timedelta)\b(?!\()"
)


def as_django(source: str, models: Mapping[str, str]) -> str:
    """The text with Django's managers and fields.

    Args:
        source: The text that ran.
        models: The name of each table's model.
    """
    source = _TABLE.sub(lambda found: f"{models[found[1]]}.objects", source)
    return _TYPE.sub(lambda found: found[1] + _FIELDS[found[2]], source)
