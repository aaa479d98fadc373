"""Checks of what a function is called with.

Invariant: a call that cannot have a meaning raises where it is written, not where the query runs; a number
that only the database knows is left to it.
"""

from __future__ import annotations

from datetime import timedelta, tzinfo

from noormme.errors import NotSupported, UsageError
from noormme.query.expressions.base import Expression

__all__ = ["whole_number", "zone_name"]


def whole_number(function: object, argument: str, value: object, *, least: int) -> object:
    """Give back a number, a field or an expression that a function takes as a number.

    Args:
        function: The function, to be named in an error.
        argument: What its argument is called.
        value: What was given: a whole number, the name of a field, or an expression.
        least: The smallest number that has a meaning.

    Raises:
        UsageError: It is none of these, or the number is smaller.
    """
    label = type(function).__name__
    if isinstance(value, bool) or not isinstance(value, (int, str, Expression)):
        raise UsageError(
            f"{label} takes a whole number as {argument}, not {type(value).__name__}",
            hint="give a number, the name of a field, or an expression",
        )
    if isinstance(value, int) and value < least:
        raise UsageError(f"{label} takes a {argument} of {least} or more")
    return value


def zone_name(function: object, zone: tzinfo | None) -> str:
    """The name of a time zone as an option of a function holds it: ``"Europe/Berlin"`` or ``"+05:30"``.

    Args:
        function: The function, to be named in an error.
        zone: The time zone; None is ``""``.

    Raises:
        UsageError: It is no time zone.
        NotSupported: It has neither a name nor a fixed distance from UTC.
    """
    label = type(function).__name__
    if zone is None:
        return ""
    if not isinstance(zone, tzinfo):
        raise UsageError(
            f"{label} takes a time zone as tzinfo, not {type(zone).__name__}",
            hint='write ZoneInfo("Europe/Berlin")',
        )
    name = getattr(zone, "key", None)
    if isinstance(name, str) and _is_plain(name):
        return name
    distance = zone.utcoffset(None)
    if distance is None or distance % timedelta(minutes=1):
        raise NotSupported(
            f"{label} cannot tell the database this time zone: it has no name",
            hint='write ZoneInfo("Europe/Berlin") or a fixed timezone',
        )
    hours, minutes = divmod(abs(distance) // timedelta(minutes=1), 60)
    return f"{'-' if distance < timedelta() else '+'}{hours:02d}:{minutes:02d}"


def _is_plain(name: str) -> bool:
    """Whether it has only the characters that names of zones have, and none that means something in SQL."""
    return name.isascii() and all(letter.isalnum() or letter in "_+-/" for letter in name) and name != ""
