"""Where a user's SQL takes parameters: ``?`` and ``:name``, or ``%s`` and ``%(name)s`` as in Django.

Invariant: what stands in quotes or in a comment is never a parameter, and nothing but the places themselves
(and ``%%`` beside ``%s``) is changed.
"""

from __future__ import annotations

import re

from noormme.errors import UsageError

__all__ = ["has_second_statement", "native_placeholders"]

_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)"""
_PART = re.compile(
    rf"(?P<quoted>{_QUOTED})|(?P<place>%s(?![A-Za-z0-9_])|%\((?P<name>[A-Za-z_][A-Za-z0-9_]*)\)s)"
    r"|(?P<native>\?[0-9]*|(?<!:)[:@$][A-Za-z_][A-Za-z0-9_]*)|(?P<percent>%%)",
    re.DOTALL,
)
_END = re.compile(f"{_QUOTED}|;", re.DOTALL)


def native_placeholders(sql: str) -> str:
    """SQL with ``?`` and ``:name`` in place of Django's ``%s`` and ``%(name)s``.

    Args:
        sql: The statement. Where it has places of Django's, ``%%`` is a percent sign, in quotes too.

    Returns:
        The statement; the same where it has none of Django's places.

    Raises:
        UsageError: It has places of both kinds.
    """
    found = list(_PART.finditer(sql))
    if not any(part["place"] for part in found):
        return sql
    if any(part["native"] for part in found):
        raise UsageError(
            "the SQL has parameters of two kinds", hint="write ? or :name throughout, or %s or %(name)s"
        )
    return _PART.sub(_replaced, sql)


def has_second_statement(sql: str) -> bool:
    """Whether there is a ``;`` in SQL that is part of no text, name or comment.

    Args:
        sql: One statement.
    """
    return any(part[0] == ";" for part in _END.finditer(sql))


def _replaced(part: re.Match[str]) -> str:
    if part["place"]:
        return f":{part['name']}" if part["name"] else "?"
    return part[0].replace("%%", "%")
