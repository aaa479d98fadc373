"""Where a statement takes parameters.

Invariant: only the parameters are changed, and where each of them stood is known, so that a place in what was
sent to the database can be told in the file. A parameter behind IN, without parentheses, is a list, which
each database takes in words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from noormme.codegen.sql.scan import Token, scan

__all__ = ["MARK", "Placed", "placed"]

MARK = "noormme_"
"""What the names of parameters begin with where the statement is parsed."""


_LISTS: Mapping[str, tuple[str, str, str, str]] = {
    "sqlite": ("IN (SELECT value FROM carray(", "))", "NOT IN (SELECT value FROM carray(", "))"),
    "libsql": (
        "IN (SELECT CASE type WHEN 'object' THEN unhex(json_extract(value, '$.bytes')) ELSE value END"
        " FROM json_each(",
        "))",
        "NOT IN (SELECT CASE type WHEN 'object' THEN unhex(json_extract(value, '$.bytes')) ELSE value END"
        " FROM json_each(",
        "))",
    ),
    "postgresql": ("= ANY(", ")", "<> ALL(", ")"),
    # The driver writes the list with its parentheses.
    "mysql": ("IN ", "", "NOT IN ", ""),
    "mariadb": ("IN ", "", "NOT IN ", ""),
}
"""What stands around a list for each dialect, behind IN and behind NOT IN."""


class _Place(msgspec.Struct, frozen=True):
    start: int
    stop: int
    index: int


class _Moved(msgspec.Struct, frozen=True):
    """A part of what is sent that is written otherwise in the file: both places, and those behind them."""

    sent: int
    sent_stop: int
    start: int
    stop: int


class Placed(msgspec.Struct, frozen=True):
    """A statement with its parameters found.

    Attributes:
        sql: The statement, with ``:name`` for what was ``@name`` or ``$name``.
        names: The name of each parameter; None for one that has only its position.
        places: Where they stand in ``sql``.
        parsed: The statement as a parser takes it: with a name for each parameter that tells its number.
        lists: The numbers of those that are lists.
    """

    sql: str
    names: tuple[str | None, ...]
    places: tuple[_Place, ...]
    parsed: str
    lists: frozenset[int] = frozenset()
    moved: tuple[_Moved, ...] = ()

    def in_file(self, offset: int) -> int:
        """A place in the statement as the file has it, from one in ``sql``.

        Args:
            offset: The place there, in characters from 0.
        """
        for moved in reversed(self.moved):
            if offset >= moved.sent_stop:
                return offset - moved.sent_stop + moved.stop
            if offset >= moved.sent:
                return moved.start
        return offset

    def offset_in_numbered(self, offset: int) -> int:
        """A place in ``sql`` from one in the same with ``$1`` and so on for its parameters.

        Args:
            offset: The place there, in characters from 0.
        """
        moved = 0
        for place in self.places:
            if place.start + moved >= offset:
                break
            moved += len(f"${place.index + 1}") - (place.stop - place.start)
        return max(0, offset - moved)

    def place_of(self, index: int) -> int:
        """Where a parameter stands first in ``sql``, in characters from 0."""
        return next((place.start for place in self.places if place.index == index), 0)


def placed(sql: str, dialect: str) -> Placed:
    """Find the parameters of a statement.

    Args:
        sql: The statement.
        dialect: The dialect whose rules hold.
    """
    names: list[str | None] = []
    places: list[_Place] = []
    parts: list[str] = []
    parsed: list[str] = []
    lists: set[int] = set()
    moved: list[_Moved] = []
    before: list[Token] = []
    # Of each parenthesis that is open, whether it is that of position(… IN …), whose IN has no list.
    positions: list[bool] = []
    for token in scan(sql, dialect):
        text = token.text
        if text == "(":
            positions.append(bool(before) and before[-1].text.upper() == "POSITION")
        elif text == ")" and positions:
            positions.pop()
        words, before = before, [*before[-1:], token] if token.is_sql else before
        if token.kind != "parameter":
            parts.append(text)
            # An operator of PostgreSQL's, which noormme takes doubled.
            doubled = dialect == "postgresql" and text == "?" and parsed[-1:] == ["?"]
            parsed += [] if doubled else [text]
            continue
        if text[1:].isdigit():
            number = int(text[1:])
            names.extend([None] * (number - len(names)))
            index = max(number - 1, 0)
        elif text[0] in ":@$":
            text = f":{text[1:]}"
            if text[1:] not in names:
                names.append(text[1:])
            index = names.index(text[1:])
        else:
            names.append(None)
            index = len(names) - 1
        parsed.append(f":{MARK}{index}")
        is_list = bool(words) and words[-1].text.upper() == "IN" and not any(positions[-1:])
        if is_list:
            lists.add(index)
        around = _around(words, dialect) if is_list else None
        if around is not None:
            start, opening, closing = around
            kept = "".join(parts)
            sent = start - sum(each.stop - each.sent_stop for each in moved[-1:])
            kept = kept[:sent]
            parts = [kept, opening, text, closing]
            at = sent + len(opening)
            moved.append(_Moved(sent, at + len(text) + len(closing), start, token.stop))
        else:
            parts.append(text)
            at = sum(map(len, parts)) - len(text)
        places.append(_Place(at, at + len(text), index))
    return Placed(
        "".join(parts), tuple(names), tuple(places), "".join(parsed), frozenset(lists), tuple(moved)
    )


def _around(words: list[Token], dialect: str) -> tuple[int, str, str] | None:
    """Where a list begins with its IN, and what is to stand around it; None where it is taken as it stands.

    Args:
        words: The two tokens before the parameter, the later of which is IN.
        dialect: The dialect.
    """
    if dialect not in _LISTS:
        return None
    opening, closing, not_opening, not_closing = _LISTS[dialect]
    if len(words) > 1 and words[0].text.upper() == "NOT":
        return words[0].start, not_opening, not_closing
    return words[-1].start, opening, closing
