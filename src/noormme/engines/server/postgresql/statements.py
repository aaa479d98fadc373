"""SQL of the user's own: where it takes parameters, and what it would do.

Invariant: what stands in quotes or in a comment is never a parameter, and nothing but the places themselves
is changed. Nothing here runs a statement.
"""

from __future__ import annotations

import re

from noormme.errors import NotSupported, UsageError

__all__ = ["MAY_WRITE", "called", "numbered", "only_statement", "writes"]

_QUOTED = (
    r"""[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)"""
    r"""|--[^\n]*|/\*.*?(?:\*/|\Z)"""
)
_PLACE = re.compile(
    rf"(?P<quoted>{_QUOTED})|(?P<doubled>\?\?)|(?P<operator>\?[|&])|(?P<place>\?[0-9]*)"
    r"|(?P<native>\$[0-9]+)|(?<![:\w]):(?P<name>[A-Za-z_]\w*)",
    re.DOTALL,
)
_END = re.compile(rf"{_QUOTED}|(?P<end>;)", re.DOTALL)
_WORD = re.compile(rf"{_QUOTED}|(?P<word>[A-Za-z_]\w*)", re.DOTALL)

_OF_CONNECTION = frozenset(
    {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "SET", "RESET"}
    | {"DISCARD", "LISTEN", "UNLISTEN", "PREPARE", "DEALLOCATE", "DECLARE", "FETCH", "MOVE", "CLOSE", "COPY"}
)
_READING = frozenset({"SELECT", "VALUES", "TABLE", "SHOW", "WITH", "EXPLAIN"})
_WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "ANALYZE", "ANALYSE"})

_CALL = re.compile(
    rf"(?P<call>(?:(?P<word>[A-Za-z_\u0080-\uffff][\w$]*)|\"(?P<name>(?:[^\"]|\"\")+)\")\s*\()|{_QUOTED}",
    re.DOTALL,
)
_HARMLESS = (
    *("clock_timestamp", "current_query", "currval", "gen_random_uuid", "lastval", "pg_blocking_pids"),
    *("pg_current_logfile", "pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_lsn"),
    *("pg_database_size", "pg_indexes_size", "pg_is_in_recovery", "pg_is_wal_replay_paused"),
    *("pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp"),
    *("pg_notification_queue_usage", "pg_partition_ancestors", "pg_partition_tree", "pg_relation_size"),
    *("pg_sequence_last_value", "pg_sleep", "pg_sleep_for", "pg_sleep_until", "pg_table_size"),
    *("pg_tablespace_size", "pg_total_relation_size", "random", "random_normal", "timeofday", "ts_stat"),
    *("uuidv4", "uuidv7"),
)
"""Functions of PostgreSQL's own that give another value each time, and change nothing."""

MAY_WRITE = f"""
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_proc WHERE proname = ANY($1) AND provolatile = 'v' AND NOT
    (pronamespace = 'pg_catalog'::regnamespace AND proname = ANY('{{{",".join(_HARMLESS)}}}'))
)
"""
"""Whether one of the functions of some names may write, as far as who made it has said."""


def called(sql: str) -> list[str]:
    """The names of the functions that a statement calls, and of what else parentheses follow.

    Args:
        sql: One statement.
    """
    found = {
        each["word"].lower() if each["word"] else each["name"].replace('""', '"')
        for each in _CALL.finditer(sql)
        if each["call"]
    }
    return sorted(found)


def only_statement(sql: str) -> str:
    """The one statement of a text, which changes nothing of the connection.

    Args:
        sql: The text.

    Raises:
        UsageError: There is none, or there are several.
        NotSupported: It is about the connection or the transaction.
    """
    ends = [found.start() for found in _END.finditer(sql) if found["end"]]
    text = sql
    if ends:
        if any(found["word"] for found in _WORD.finditer(sql, ends[0] + 1)):
            raise UsageError("there are several statements in this text", hint="call execute() for each")
        text = sql[: ends[0]]
    words = _words(text)
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
    return words[0] in ("WITH", "EXPLAIN", "SELECT") and any(word in _WRITING for word in words[1:])


def numbered(sql: str) -> tuple[str, tuple[str | None, ...]]:
    """A statement with ``$1`` and so on for its parameters.

    Args:
        sql: The statement, with ``?``, ``:name`` or PostgreSQL's own ``$1``. A ``?`` that is an operator is
            written ``??``.

    Returns:
        The statement, and the name of each parameter, None for one that has only its position.

    Raises:
        UsageError: It has parameters of several kinds.
    """
    names: list[str | None] = []
    kinds: set[str] = set()

    def place(found: re.Match[str]) -> str:
        if found["quoted"] or found["operator"]:
            return found[0]
        if found["doubled"]:
            return "?"
        if found["native"]:
            kinds.add("native")
            number = int(found["native"][1:])
            names.extend([None] * (number - len(names)))
            return found[0]
        if found["place"]:
            kinds.add("place")
            if found["place"] != "?":
                names.extend([None] * (int(found["place"][1:]) - len(names)))
                return f"${found['place'][1:]}"
            names.append(None)
            return f"${len(names)}"
        kinds.add("name")
        if found["name"] not in names:
            names.append(found["name"])
        return f"${names.index(found['name']) + 1}"

    text = _PLACE.sub(place, sql)
    if len(kinds) > 1:
        raise UsageError("the SQL has parameters of two kinds", hint="write ?, :name or $1 throughout")
    return text, tuple(names)


def _words(sql: str) -> list[str]:
    return [found["word"].upper() for found in _WORD.finditer(sql) if found["word"]]
