"""Where a statement takes parameters.

Invariant: only the parameters are changed, and where each of them stood is known, so that a place in what was
sent to the database can be told in the file.
"""

from __future__ import annotations

import msgspec

from noormme.codegen.sql.scan import scan

__all__ = ["MARK", "Placed", "placed"]

MARK = "noormme_"
"""What the names of parameters begin with where the statement is parsed."""


class _Place(msgspec.Struct, frozen=True):
    start: int
    stop: int
    index: int


class Placed(msgspec.Struct, frozen=True):
    """A statement with its parameters found.

    Attributes:
        sql: The statement, with ``:name`` for what was ``@name`` or ``$name``.
        names: The name of each parameter; None for one that has only its position.
        places: Where they stand in the statement.
        parsed: The statement as a parser takes it: with a name for each parameter that tells its number.
    """

    sql: str
    names: tuple[str | None, ...]
    places: tuple[_Place, ...]
    parsed: str

    def offset_in_numbered(self, offset: int) -> int:
        """A place in the statement from one in the same with ``$1`` and so on for its parameters.

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
        """Where a parameter stands first, in characters from 0."""
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
    for token in scan(sql, dialect):
        text = token.text
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
        parts.append(text)
        parsed.append(f":{MARK}{index}")
        places.append(_Place(token.start, token.stop, index))
    return Placed("".join(parts), tuple(names), tuple(places), "".join(parsed))
