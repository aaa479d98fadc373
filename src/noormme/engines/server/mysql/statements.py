"""SQL of the user's own: where it takes parameters, and what it would do.

Invariant: what stands in quotes or in a comment is never a parameter, and nothing but the places themselves
is changed; a comment that the server executes (``/*! … */``) is SQL. Nothing here runs a statement.
"""

from __future__ import annotations

import re

import msgspec

from noormme.errors import NotSupported, UsageError

__all__ = [
    "MAY_WRITE",
    "Placed",
    "called",
    "has_effects",
    "only_statement",
    "placed",
    "returned_query",
    "writes",
]

_QUOTED = (
    r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`"""
    r"""|--(?=\s|\Z)[^\n]*|\#[^\n]*|/\*(?!M?!).*?(?:\*/|\Z)"""
)
_PLACE = re.compile(
    rf"(?P<quoted>{_QUOTED})|(?P<numbered>\?[1-9][0-9]*)|(?P<place>\?)|(?P<native>%s(?!\w))"
    r"|(?<![:\w]):(?P<name>[A-Za-z_]\w*)",
    re.DOTALL,
)
_END = re.compile(rf"{_QUOTED}|(?P<end>;)", re.DOTALL)
_WORD = re.compile(rf"{_QUOTED}|(?<![\w@.])(?P<word>[A-Za-z_]\w*)(?!\w*\s*[(.])", re.DOTALL)
"""Words that are neither functions nor parts of a longer name."""

_OF_CONNECTION = frozenset(
    {"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA", "SET", "USE", "RESET", "HANDLER"}
    | {"LOCK", "UNLOCK", "PREPARE", "EXECUTE", "DEALLOCATE"}
)
_READING = frozenset({"SELECT", "VALUES", "TABLE", "SHOW", "WITH", "EXPLAIN", "DESCRIBE", "DESC"})
_WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "INTO"})
_OF_SEVERAL = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"})
"""What is made of several statements."""

_NAME = r"(?:`(?:[^`]|``)*`|[\w$]+)"
_TARGET = re.compile(
    r"(?:\s|--\s[^\n]*\n|\#[^\n]*\n|/\*(?!M?!).*?\*/)*"
    r"(?:(?:INSERT|REPLACE)(?:\s+(?:IGNORE|LOW_PRIORITY|HIGH_PRIORITY))*(?:\s+INTO)?"
    rf"|DELETE(?:\s+(?:IGNORE|LOW_PRIORITY|QUICK))*\s+FROM)\s+(?P<table>{_NAME}(?:\.{_NAME})?)",
    re.IGNORECASE | re.DOTALL,
)
_RETURNING = re.compile(rf"{_QUOTED}|\b(?P<word>RETURNING)\b", re.IGNORECASE | re.DOTALL)

_CALL = re.compile(rf"(?P<call>(?:(?P<word>[\w$]+)|`(?P<name>(?:[^`]|``)+)`)\s*\()|{_QUOTED}", re.DOTALL)
_EFFECTS = frozenset(("get_lock", "release_lock", "release_all_locks", "last_insert_id", "nextval", "setval"))
_LIST = re.compile(r"\bIN\s*\Z", re.IGNORECASE)
"""What a list stands behind that the driver writes."""

_NEXT = re.compile(rf"{_QUOTED}|\bNEXT\s+(?P<word>VALUE)\s+FOR\b", re.IGNORECASE | re.DOTALL)

MAY_WRITE = """
SELECT COUNT(*) FROM information_schema.ROUTINES
WHERE ROUTINE_TYPE = 'FUNCTION' AND SQL_DATA_ACCESS NOT IN ('NO SQL', 'READS SQL DATA')
    AND LOWER(ROUTINE_NAME) IN %s
"""
"""How many stored functions of some names may write, as far as who made them has said."""


class Placed(msgspec.Struct, frozen=True):
    """A statement with its parameters found.

    Attributes:
        sql: The statement as PyMySQL takes it: ``%s`` for a parameter, ``%%`` for a percent sign.
        prepared: The statement as the server takes it: ``?`` for a parameter.
        names: The name of each parameter, None for one that has only its position.
        places: Which of them stands at each place.
    """

    sql: str
    prepared: str
    names: tuple[str | None, ...]
    places: tuple[int, ...] = ()


def only_statement(sql: str) -> str:
    """The one statement of a text, which changes nothing of the connection.

    Args:
        sql: The text.

    Raises:
        UsageError: There is none, or there are several.
        NotSupported: It is about the connection or the transaction.
    """
    ends = [found.start() for found in _END.finditer(sql) if found["end"]]
    words = _words(sql)
    if words and words[0] == "CREATE" and not _OF_SEVERAL.isdisjoint(words[1:12]):
        # Its body has statements of its own; the server takes one at a time.
        return sql.strip()
    text = sql
    if ends:
        if _words(sql[ends[0] + 1 :]):
            raise UsageError("there are several statements in this text", hint="call execute() for each")
        text = sql[: ends[0]]
    if not words:
        raise UsageError("there is no statement in this text", hint="give one, such as 'select * from users'")
    if words[0] in _OF_CONNECTION:
        raise NotSupported(
            f"{words[0]} changes the connection, which noormme keeps for itself",
            hint="connect() has settings for it, and db.transaction() is there for transactions",
        )
    return text.strip()


def writes(sql: str) -> bool:
    """Whether a statement may change the database.

    Args:
        sql: One statement.
    """
    words = _words(sql)
    if words[0] not in _READING:
        return True
    # SELECT … FOR UPDATE locks, and belongs where statements that write run.
    return words[0] in ("WITH", "EXPLAIN", "SELECT") and not _WRITING.isdisjoint(words[1:])


def called(sql: str) -> list[str]:
    """The names of the functions that a statement calls, in lower case, and of what else parentheses follow.

    Args:
        sql: One statement.
    """
    found = {
        (each["word"] or each["name"].replace("``", "`")).lower()
        for each in _CALL.finditer(sql)
        if each["call"]
    }
    return sorted(found)


def has_effects(sql: str) -> bool:
    """Whether a statement that reads takes a lock or a number of a sequence.

    Args:
        sql: One statement.
    """
    return not _EFFECTS.isdisjoint(called(sql)) or any(found["word"] for found in _NEXT.finditer(sql))


def placed(sql: str) -> Placed:
    """A statement with its parameters found.

    Args:
        sql: The statement, with ``?``, ``?1``, ``:name`` or the driver's own ``%s``. A percent sign that is
            none of these stands for itself.

    Raises:
        UsageError: It has parameters of several kinds.
    """
    names: list[str | None] = []
    places: list[int] = []
    kinds: set[str] = set()
    for_driver: list[str] = []
    for_server: list[str] = []
    end = 0
    for found in _PLACE.finditer(sql):
        between = sql[end : found.start()]
        end = found.end()
        for_driver.append(between.replace("%", "%%"))
        for_server.append(between)
        if found["quoted"]:
            for_driver.append(found[0].replace("%", "%%"))
            for_server.append(found[0])
            continue
        kinds.add("name" if found["name"] else "native" if found["native"] else "place")
        places.append(_parameter(found, names))
        for_driver.append("%s")
        # The driver writes a list with its parentheses.
        for_server.append("(?)" if _LIST.search(between) else "?")
    if len(kinds) > 1:
        raise UsageError("the SQL has parameters of two kinds", hint="write ?, :name or %s throughout")
    for_driver.append(sql[end:].replace("%", "%%"))
    for_server.append(sql[end:])
    return Placed("".join(for_driver), "".join(for_server), tuple(names), tuple(places))


def _parameter(found: re.Match[str], names: list[str | None]) -> int:
    """Which parameter a place has; one that is new is added to the names."""
    if found["numbered"]:
        number = int(found["numbered"][1:])
        names.extend([None] * (number - len(names)))
        return max(number - 1, 0)
    if found["name"] is None or found["name"] not in names:
        names.append(found["name"])
        return len(names) - 1
    return names.index(found["name"])


def returned_query(sql: str) -> str | None:
    """The query that gives the columns of what a statement gives back, which no server tells beforehand.

    Args:
        sql: The statement.

    Returns:
        A SELECT of the table that is written; None where nothing is given back.
    """
    target = _TARGET.match(sql)
    at = next((found.end() for found in _RETURNING.finditer(sql) if found["word"]), None)
    return None if target is None or at is None else f"SELECT {sql[at:]} FROM {target['table']}"


def _words(sql: str) -> list[str]:
    return [found["word"].upper() for found in _WORD.finditer(sql) if found["word"]]
