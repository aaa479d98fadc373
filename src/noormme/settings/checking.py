"""Whether a value is one that a setting can have.

Invariant: a value that passes has the type of its setting; the error for any other says where it was set.
"""

from __future__ import annotations

import os
from typing import Literal, cast, get_args, get_origin

import msgspec

from noormme.errors import SettingsError, did_you_mean

__all__ = ["checked"]


def checked(
    settings: type[msgspec.Struct], name: str, value: object, source: str, *, strict: bool = True
) -> object:
    """The value as its setting's type.

    Args:
        settings: The class of the settings.
        name: The setting.
        value: The value as it was written.
        source: Where it was set, for messages.
        strict: Whether text stands for text only; what a variable holds is always text.

    Raises:
        SettingsError: There is no such setting, or the value is none of its type.
    """
    known = settings.__struct_fields__
    if name not in known:
        raise SettingsError(
            f"no setting '{name}' (in {source})",
            hint=did_you_mean(name, known) or f"the settings are {', '.join(sorted(known))}",
        )
    if name == "plans" and isinstance(value, os.PathLike):
        value = os.fspath(cast("os.PathLike[str]", value))
    expected = next(field.type for field in msgspec.structs.fields(settings) if field.name == name)
    try:
        converted: object = msgspec.convert(value, expected, strict=strict)
    except msgspec.ValidationError as error:
        choices = get_args(expected) if get_origin(expected) is Literal else ()
        reason = f"expected one of {', '.join(map(repr, choices))}" if choices else str(error)
        raise SettingsError(f"setting '{name}' (in {source}): {reason}") from error
    if name == "timezone" and isinstance(converted, str):
        _check_timezone(converted, source)
    return converted


def _check_timezone(name: str, source: str) -> None:
    """Raise when this machine knows no time zone of that name."""
    # Most databases need no time zone, and reading the list of them is file access.
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"setting 'timezone' (in {source}): no such time zone on this machine",
            hint=did_you_mean(name, zoneinfo.available_timezones()) or "write it as 'Europe/Berlin'",
        ) from error
