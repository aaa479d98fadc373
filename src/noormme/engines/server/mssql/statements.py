"""SQL of the user's own: where it takes parameters, and what it would do.

Invariant: what stands in quotes, in brackets or in a comment is never a parameter, and nothing but the places
themselves is changed. Nothing here runs a statement.
"""

from __future__ import annotations

import re

from noormme.errors import NotSupported, UsageError

__all__ = ["numbered", "only_statement", "writes"]

_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*|/\*.*?(?:\*/|\Z)"""
_PLACE = re.compile(
    rf"(?P<quoted>{_QUOTED})|(?P<place>\?[0-9]*)|(?P<native>@P[0-9]+)\b|(?<![:\w]):(?P<name>[A-Za-z_]\w*)",
    re.DOTALL,
)
_END = re.compile(rf"{_QUOTED}|(?P<end>;)", re.DOTALL)
_WORD = re.compile(rf"{_QUOTED}|(?P<word>[@#]?[A-Za-z_]\w*)", re.DOTALL)

_OF_CONNECTION = frozenset(
    {"COMMIT", "ROLLBACK", "SAVE", "SET", "USE", "GO", "KILL", "REVERT", "RECONFIGURE", "SHUTDOWN", "SETUSER"}
)
_TRANSACTIONS = frozenset({"TRAN", "TRANSACTION", "DISTRIBUTED"})
_READING = frozenset({"SELECT", "WITH"})
_WRITING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "TRUNCATE", "EXEC", "EXECUTE"}) | {
    *("UPDLOCK", "XLOCK", "TABLOCKX", "HOLDLOCK", "SERIALIZABLE")
}
"""Words of statements that write or lock, which belong where statements that write run."""


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
    begins = words[0] == "BEGIN" and len(words) > 1 and words[1] in _TRANSACTIONS
    if begins or words[0] in _OF_CONNECTION:
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
    return words[0] not in _READING or any(word in _WRITING for word in words[1:])


def numbered(sql: str) -> tuple[str, tuple[str | None, ...]]:
    """A statement with ``@P1`` and so on for its parameters.

    Args:
        sql: The statement, with ``?``, ``:name`` or ``@P1``.

    Returns:
        The statement, and the name of each parameter, None for one that has only its position.

    Raises:
        UsageError: It has parameters of several kinds.
    """
    names: list[str | None] = []
    kinds: set[str] = set()

    def place(found: re.Match[str]) -> str:
        if found["quoted"]:
            return found[0]
        if found["native"]:
            kinds.add("native")
            names.extend([None] * (int(found["native"][2:]) - len(names)))
            return found[0]
        if found["place"]:
            kinds.add("place")
            if found["place"] != "?":
                names.extend([None] * (int(found["place"][1:]) - len(names)))
                return f"@P{found['place'][1:]}"
            names.append(None)
            return f"@P{len(names)}"
        kinds.add("name")
        if found["name"] not in names:
            names.append(found["name"])
        return f"@P{names.index(found['name']) + 1}"

    text = _PLACE.sub(place, sql)
    if len(kinds) > 1:
        raise UsageError("the SQL has parameters of two kinds", hint="write ?, :name or @P1 throughout")
    return text, tuple(names)


def _words(sql: str) -> list[str]:
    return [found["word"].upper() for found in _WORD.finditer(sql) if found["word"]]
