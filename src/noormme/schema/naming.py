"""The names that tables and columns have in Python.

Invariant: a name depends only on the name it is made from. Every field and manager name is a
snake_case identifier in the form in which Python itself reads it (NFKC), is no keyword, and never
holds two underscores in a row, because two underscores separate the parts of a lookup.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from functools import cache
from keyword import iskeyword, kwlist
from unicodedata import normalize

import msgspec

from noormme.schema.inflection import singular
from noormme.schema.model import SchemaWarning

__all__ = [
    "RESERVED_DATABASE_NAMES",
    "RESERVED_FIELD_NAMES",
    "NameOverrides",
    "allocate",
    "field_name",
    "free_name",
    "is_usable",
    "join_names",
    "manager_name",
    "model_name",
    "refused_override",
    "relation_name",
    "singular",
    "singular_name",
]

RESERVED_FIELD_NAMES = frozenset(
    {
        "DoesNotExist",
        "MultipleObjectsReturned",
        "_identity",
        "_loaded_fields",
        "_relate",
        "adelete",
        "ahistory",
        "aload",
        "arefresh",
        "asave",
        "aupdate",
        "delete",
        "history",
        "objects",
        "pk",
        "refresh",
        "save",
        "to_dict",
        "update",
    }
)
"""What every model has. A field or a relation of that name gets a ``_`` behind it."""

RESERVED_DATABASE_NAMES = frozenset(
    {
        "_declared",
        "_engine",
        "_late",
        "_registry",
        "_runner",
        "_set",
        "_settings",
        "aclose",
        "aexecute",
        "ahistory",
        "aexecute_many",
        "apull",
        "arefresh",
        "arun_in_transaction",
        "as_of",
        "audit",
        "capture",
        "close",
        "core",
        "dialect",
        "execute",
        "execute_many",
        "explain",
        "history",
        "model",
        "on",
        "on_commit",
        "path",
        "plans",
        "pull",
        "reading_from",
        "refresh",
        "register",
        "repository",
        "run_in_transaction",
        "schema",
        "settings",
        "stats",
        "table",
        "tables",
        "transaction",
        "url",
        "views",
    }
)
"""What a Database keeps for itself. A table of that name is reached with ``db["name"]``."""

_KEYWORDS = frozenset(kwlist)
_NO_FIELD = _KEYWORDS | RESERVED_FIELD_NAMES
_NOTHING_LEFT = "unnamed"

_WORD = (
    r"[A-Z]{2,}s(?![a-z0-9])"  # IDs, URLs
    r"|[A-Z][A-Z0-9]*(?=[A-Z][a-z])"  # HTTP in HTTPServer
    r"|[A-Z][A-Z0-9]*+(?![a-z])"  # USER in USER_ID
    r"|[A-Z]*[a-z0-9]+"  # Album in AlbumId, 2nd
)


class NameOverrides(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Names to use instead of those that the rules give. The keys are exact database names.

    Attributes:
        tables: Table to manager name.
        models: Table to the name of the model class.
        fields: Table to column to field name.
        relations: Table to the relation's name by the rules to the name to use.
    """

    tables: Mapping[str, str] = {}
    models: Mapping[str, str] = {}
    fields: Mapping[str, Mapping[str, str]] = {}
    relations: Mapping[str, Mapping[str, str]] = {}


def field_name(name: str) -> str:
    """Give the field name of a column: ``AlbumId`` is ``album_id``, ``class`` is ``class_``.

    Args:
        name: The column's exact name; any text, the empty one included.

    Returns:
        The name by itself, before it is compared with the other names of its table. A field name
        comes back unchanged.
    """
    name = _snake(name)
    return f"{name}_" if name in _NO_FIELD else name


def relation_name(name: str) -> str:
    """Give a name in field form a ``_`` when it is a keyword or belongs to every model."""
    return f"{name}_" if name in _NO_FIELD else name


def manager_name(table: str) -> str:
    """Give the name under which a Database has a table: ``Order Details`` is ``order_details``.

    Args:
        table: The exact name of a table or view; any text, the empty one included.

    Returns:
        The name by itself, before it is compared with those of other tables.
    """
    name = _snake(table)
    return f"{name}_" if name in _KEYWORDS else name


def model_name(table: str) -> str:
    """Give the name of a table's model class: ``order_items`` is ``OrderItem``.

    Args:
        table: The exact name of a table or view; any text, the empty one included.

    Returns:
        The name by itself, before it is compared with those of other tables.
    """
    words = singular_name(_snake(table)).split("_")
    name = "".join([word[:1].upper() + word[1:] for word in words])
    if not name.isascii():
        name = normalize("NFKC", name)
    if not name.isidentifier():
        return f"_{name}"
    return f"{name}_" if iskeyword(name) else name


def singular_name(name: str) -> str:
    """Put the last word of a name in field form into the singular: ``order_items``, ``order_item``."""
    head, underscore, last = name.rstrip("_").rpartition("_")
    return head + underscore + singular(last)


def join_names(first: str, word: str, second: str) -> str:
    """Join two names in field form: ``messages``, ``as`` and ``sender`` are ``messages_as_sender``."""
    return f"{first.rstrip('_')}_{word}_{second.strip('_')}"


def is_usable(name: str, reserved: frozenset[str] = frozenset()) -> bool:
    """Say whether a name that a person chose can be used as it is.

    Args:
        name: The name wanted.
        reserved: Names that are not to be had.

    Returns:
        Whether it is an identifier in Python's own form, no keyword, not reserved, and holds no two
        underscores in a row.
    """
    return (
        name.isidentifier()
        and not iskeyword(name)
        and name not in reserved
        and "__" not in name
        and normalize("NFKC", name) == name
    )


def allocate(
    claims: Iterable[tuple[int, str, str]], *, taken: Iterable[str] = (), separator: str = "_"
) -> dict[str, str]:
    """Give every claimant a name of its own, whatever order the claims come in.

    Args:
        claims: Rank, claimant and the name wanted. The lowest rank has the name; among equals, the
            claimant that sorts first.
        taken: Names that are gone already.
        separator: What stands between a name and the number that a loser gets.

    Returns:
        Claimant to name. A loser's name is the one it wanted with the lowest free number from 2.
    """
    names: dict[str, str] = {}
    gone = set(taken)
    losers: list[tuple[str, str]] = []
    for _, claimant, wanted in sorted(claims):
        if wanted in gone:
            losers.append((claimant, wanted))
        else:
            gone.add(wanted)
            names[claimant] = wanted
    for claimant, wanted in losers:
        names[claimant] = name = free_name(wanted, gone, separator=separator)
        gone.add(name)
    return names


def free_name(wanted: str, taken: Container[str], *, separator: str = "_") -> str:
    """Give a name with the lowest number from 2 that makes it free."""
    stem = wanted.rstrip("_") + separator
    number = 2
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def refused_override(table: str, subject: str, reason: str) -> SchemaWarning:
    """Give the warning for a name in ``NameOverrides`` that cannot be used."""
    return SchemaWarning("name_override", table, f"{table}: no use for {subject}: {reason}")


def _snake(name: str) -> str:
    # Most names are in this form already, and a large database has thousands of them.
    if name.islower() and name.isascii() and name.isidentifier() and "__" not in name:
        return name
    if name.isascii():
        body = "_".join(_word().findall(name)).lower()
    else:
        name = normalize("NFKC", name)
        spans = [match.span() for match in _word().finditer(_shape(name))]
        body = normalize("NFKC", "_".join([name[start:end] for start, end in spans]).lower())
    if not body:
        return _NOTHING_LEFT
    if name[0] == "_" or not body.isidentifier():
        body = f"_{body}"
    return f"{body}_" if name[-1] == "_" else body


@cache
def _word() -> re.Pattern[str]:
    # Compiled at first use: it takes a millisecond, and many databases have no name that needs it.
    return re.compile(_WORD)


def _shape(name: str) -> str:
    """Write every letter beyond ASCII as ``A`` or ``a``, so that one pattern finds the words."""
    return "".join([char if char.isascii() else _letter(char) for char in name])


def _letter(char: str) -> str:
    if not f"a{char}".isidentifier():
        return " "
    return "a" if char.lower() == char else "A"
