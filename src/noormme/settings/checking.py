"""Whether a value is one that a setting can have.

Invariant: a value that passes has the type of its setting; the error for any other says where it was set.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Literal, cast, get_args, get_origin

import msgspec

from noormme.errors import SettingsError, did_you_mean
from noormme.schema.model import Kind

__all__ = ["checked", "is_path"]

_PLACES = ("cache", "off")
"""Where plans are kept that are in no file of the user's."""
_TABLES = ("names", "python_types", "types")
_KINDS: tuple[str, ...] = get_args(Kind)
_IN_WORDS = {
    "python_types": "expected a table with the name of a Python type for each column or declared type",
    "replicas": "expected a list of URLs",
    "types": f"expected a table with one of {', '.join(map(repr, _KINDS))} for each declared type",
}
_NO_TEXT = ("expected a number", "expected a whole number", "expected true")
"""How the reason begins where text may look like the value that is wanted."""


def is_path(value: str) -> bool:
    """Whether text is meant as the path of a file: a word alone is more likely a misspelt one of a setting's.

    Args:
        value: What was written.
    """
    return any(sign in value for sign in (".", "/", os.sep))


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
    elif name == "plans" and isinstance(value, str) and value not in _PLACES and not is_path(value):
        raise SettingsError(
            f"setting 'plans' (in {source}): it is 'cache', 'off' or the path of a file",
            hint=did_you_mean(value, _PLACES) or "a path has a folder or an ending: './plans', 'app.plans'",
        )
    expected = _types(settings)[name]
    try:
        converted: object = msgspec.convert(value, expected, strict=strict)
    except msgspec.ValidationError as error:
        reason = _IN_WORDS.get(name) or _expected(expected, text=not strict) or str(error)
        if strict and isinstance(value, str) and reason.startswith(_NO_TEXT):
            reason += ", not text"
        hint = None
        if name in _TABLES and not strict:
            hint = "no variable can hold it, so write it in a configuration file"
        elif name == "types" and isinstance(value, Mapping):
            hint = _kind_meant(cast("Mapping[object, object]", value))
        raise SettingsError(f"setting '{name}' (in {source}): {reason}", hint=hint) from error
    if name == "timezone" and isinstance(converted, str):
        _check_timezone(converted, source)
    return converted


def _expected(wanted: object, *, text: bool) -> str | None:
    """What a setting can be, in words; None where the reader's own say more.

    Args:
        wanted: The type of the setting.
        text: Whether it is given as text, as in a variable.
    """
    if get_origin(wanted) is Literal:
        return f"expected one of {', '.join(map(repr, get_args(wanted)))}"
    if wanted is bool:
        return "expected true or false"
    found = msgspec.inspect.type_info(wanted)
    optional = isinstance(found, msgspec.inspect.UnionType)
    if isinstance(found, msgspec.inspect.UnionType):
        found = found.types[0]
    if not isinstance(found, (msgspec.inspect.IntType, msgspec.inspect.FloatType)):
        return None
    kind = "a whole number" if isinstance(found, msgspec.inspect.IntType) else "a number"
    if found.gt is not None:
        limits = f"above {found.gt}" if found.le is None else f"above {found.gt}, up to {found.le}"
    else:
        limits = f"of at least {found.ge}" if found.le is None else f"from {found.ge} to {found.le}"
    return f"expected {kind} {limits}{', or null' if optional and text else ''}"


def _kind_meant(types: Mapping[object, object]) -> str | None:
    """The kind that the first wrong one is like."""
    wrong = next((kind for kind in types.values() if kind not in _KINDS), None)
    return did_you_mean(wrong, _KINDS) if isinstance(wrong, str) else None


@cache
def _types(settings: type[msgspec.Struct]) -> dict[str, object]:
    """The type of each setting: to tell one, all annotations are evaluated, which takes a millisecond."""
    return {field.name: field.type for field in msgspec.structs.fields(settings)}


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
