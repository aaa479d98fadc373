"""A drawing of a schema as SVG: tables as cards, foreign keys as lines with the feet of a crow.

Invariant: the text is well-formed whatever the names are, and needs no script, font or file. Its colours
follow the reader's preference for light or dark; on the other ground it can be read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from unicodedata import east_asian_width

import msgspec

from noormme.schema.diagram import drawn_relations, drawn_tables, keyed_columns
from noormme.schema.drawing.places import Box, Places, place
from noormme.schema.model import Column, Relation, Schema, Table

__all__ = ["Drawing", "draw"]

_HEAD, _ROW, _FOOT = 30.0, 20.0, 6.0
_MARGIN, _PADDING, _MARKS, _BETWEEN = 12.0, 12.0, 26.0, 22.0
_SMALLEST, _LONGEST_NAME, _LONGEST_TYPE = 120.0, 34, 20

_STYLE = """
.noormme{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.noormme .card{fill:#fff;stroke:#cfd6df}
.noormme .head{fill:#eef2f7}
.noormme .view .head{fill:#f0edf8}
.noormme .rule{stroke:#cfd6df}
.noormme .name{fill:#1c2733;font-weight:600;font-size:13px}
.noormme .column{fill:#2b3743}
.noormme .key{font-weight:600}
.noormme .type,.noormme .note{fill:#6d7a89;font-size:11px}
.noormme .mark{font-size:9px;font-weight:700;letter-spacing:.3px}
.noormme .pk{fill:#b7711c}
.noormme .fk{fill:#3674b5}
.noormme .uk{fill:#5c8a3a}
.noormme .edge{fill:none;stroke:#8494a7;stroke-width:1.3}
.noormme .edge:hover{stroke:#d2691e;stroke-width:2.4}
@media (prefers-color-scheme:dark){
.noormme .card{fill:#1d232b;stroke:#3c4754}
.noormme .head{fill:#29323d}
.noormme .view .head{fill:#322d42}
.noormme .rule{stroke:#3c4754}
.noormme .name{fill:#eef2f6}
.noormme .column{fill:#d3dbe4}
.noormme .type,.noormme .note{fill:#8d9aaa}
.noormme .pk{fill:#e3a355}
.noormme .fk{fill:#76abe0}
.noormme .uk{fill:#97c373}
.noormme .edge{stroke:#7b8a9c}
}
"""


class Drawing(msgspec.Struct, frozen=True):
    """A picture of a schema. A notebook shows it; ``save`` writes it to a file.

    Attributes:
        svg: The picture as an SVG document.
    """

    svg: str

    def save(self, path: str | Path) -> None:
        """Write the picture to a file.

        Args:
            path: The file, which usually ends in ``.svg``.

        Raises:
            OSError: It cannot be written.
        """
        Path(path).write_text(self.svg, encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Drawing: {len(self.svg):,} characters of SVG>"


def draw(schema: Schema, tables: Iterable[str] | None = None, *, max_columns: int | None = 16) -> Drawing:
    """Draw a schema. Touches no database.

    Args:
        schema: The schema.
        tables: The tables and views to draw, by exact name or manager; None for every table.
        max_columns: How many columns a table shows at most, keys first; None for all of them.

    Returns:
        The picture.

    Raises:
        TableNotFound: One of ``tables`` does not exist.
    """
    drawn = drawn_tables(schema, tables)
    cards = {name: _Card(table, max_columns) for name, table in drawn.items()}
    relations = drawn_relations(schema, drawn)
    pairs = [(relation.source, relation.target) for relation in relations]
    places = place({name: (card.width, card.height) for name, card in cards.items()}, pairs)
    lines = [_Line(relation, cards, places).svg() for relation in relations]
    boxes = [card.svg(places.boxes[name]) for name, card in cards.items()]
    width, height = places.width + 2 * _MARGIN + 24, places.height + 2 * _MARGIN
    title = f"{len(drawn)} tables and their relations"
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="noormme" role="img" width="{_n(width)}"'
        f' height="{_n(height)}" viewBox="{_n(-_MARGIN)} {_n(-_MARGIN)} {_n(width)} {_n(height)}"'
        f' style="max-width:100%;height:auto"><title>{title}</title><style>{_STYLE}</style>'
        + "".join([*lines, *boxes])
        + "</svg>\n"
    )


class _Card:
    """One table as a card."""

    def __init__(self, table: Table, most: int | None) -> None:
        self.table = table
        self.rows = _shown(keyed_columns(table), most)
        self.left_out = sum(not column.hidden for column in table.columns) - len(self.rows)
        self._at = {column.name: number for number, (column, _) in enumerate(self.rows)}
        texts = [
            _MARKS + _width(_cut(column.name)) + _BETWEEN + _width(_type(column)) * 0.92
            for column, _ in self.rows
        ]
        if self.left_out:
            texts.append(_MARKS + _width(_more(self.left_out)))
        self.width = max([_SMALLEST, _width(_cut(table.name)) * 1.22, *texts]) + 2 * _PADDING
        count = len(self.rows) + bool(self.left_out)
        self.height = _HEAD + count * _ROW + (_FOOT if count else 0.0)

    def row(self, column: str | None) -> float:
        """How far below its upper side a column's line meets the card; the head for a column not shown."""
        at = None if column is None else self._at.get(column)
        return _HEAD / 2 if at is None else _HEAD + _FOOT / 2 + (at + 0.5) * _ROW

    def svg(self, box: Box) -> str:
        """The card at its place."""
        size = f'width="{_n(box.width)}" height="{_n(box.height)}" rx="7"'
        kind = "view" if self.table.kind == "view" else "table"
        head = f"M0 {_n(_HEAD)}V7a7 7 0 0 1 7-7H{_n(box.width - 7)}a7 7 0 0 1 7 7V{_n(_HEAD)}z"
        parts = [
            f'<g class="{kind}" transform="translate({_n(box.x)} {_n(box.y)})">',
            f'<rect class="card" {size}/>',
            f'<path class="head" d="{head}"/>',
            f'<rect class="card" {size} style="fill:none"/>',
            f'<path class="rule" d="M0 {_n(_HEAD)}H{_n(box.width)}"/>' if self.rows or self.left_out else "",
            f'<text class="name" x="{_n(_PADDING)}" y="20">{_text(_cut(self.table.name))}</text>',
            *(self._column(number, box) for number in range(len(self.rows))),
        ]
        if self.left_out:
            y = _HEAD + _FOOT / 2 + (len(self.rows) + 0.5) * _ROW + 4
            parts.append(
                f'<text class="note" x="{_n(_PADDING + _MARKS)}" y="{_n(y)}">{_more(self.left_out)}</text>'
            )
        return "".join([*parts, "</g>"])

    def _column(self, number: int, box: Box) -> str:
        column, marks = self.rows[number]
        y = _HEAD + _FOOT / 2 + (number + 0.5) * _ROW + 4
        mark = marks[0] if marks else ""
        shown = ""
        if mark:
            shown = f'<text class="mark {mark.lower()}" x="{_n(_PADDING)}" y="{_n(y - 0.5)}">{mark}</text>'
        key = " key" if "PK" in marks else ""
        return (
            f"<g><title>{_text(_told(column, marks))}</title>{shown}"
            f'<text class="column{key}" x="{_n(_PADDING + _MARKS)}" y="{_n(y)}">'
            f"{_text(_cut(column.name))}</text>"
            f'<text class="type" x="{_n(box.width - _PADDING)}" y="{_n(y)}" text-anchor="end">'
            f"{_text(_type(column))}</text></g>"
        )


class _Line:
    """One relation as a line, from the card with the foreign key to the card that it points at."""

    def __init__(self, relation: Relation, cards: dict[str, _Card], places: Places) -> None:
        self._relation = relation
        through = relation.through is not None
        source, target = places.boxes[relation.source], places.boxes[relation.target]
        self._source, self._target = source, target
        self._from = source.y + cards[relation.source].row(None if through else relation.columns[0])
        self._to = target.y + cards[relation.target].row(None if through else relation.target_columns[0])
        forward, backward = (relation.source, relation.target), (relation.target, relation.source)
        leftwards = target.x < source.x
        self._leftwards = leftwards
        points = places.passing.get(forward) or places.passing.get(backward) or ()
        self._points = list(reversed(points)) if leftwards else list(points)

    def svg(self) -> str:
        """The line with its ends."""
        relation = self._relation
        if relation.source == relation.target:
            path, start, end = self._loop()
        else:
            path, start, end = self._path()
        source_many = relation.kind in ("many_to_one", "many_to_many")
        feet = _foot(*start, many=source_many, optional=True) + _foot(
            *end, many=relation.to_many, optional=relation.nullable
        )
        by = f" by {relation.through}" if relation.through else f".{', '.join(relation.columns)}"
        told = f"{relation.source}{by} → {relation.target}"
        return f'<path class="edge" d="{path}{feet}"><title>{_text(told)}</title></path>'

    def _path(self) -> tuple[str, tuple[float, float, int], tuple[float, float, int]]:
        way = -1 if self._leftwards else 1
        x = self._source.x if self._leftwards else self._source.x + self._source.width
        end = self._target.x + self._target.width if self._leftwards else self._target.x
        y = self._from
        parts = [f"M{_n(x)} {_n(y)}"]
        start = (x, y, way)
        for left, right, height in self._points:
            near, far = (right, left) if self._leftwards else (left, right)
            parts.append(f"{_curve(x, y, near, height)}H{_n(far)}")
            x, y = far, height
        parts.append(_curve(x, y, end, self._to))
        return "".join(parts), start, (end, self._to, -way)

    def _loop(self) -> tuple[str, tuple[float, float, int], tuple[float, float, int]]:
        x = self._source.x + self._source.width
        out, start, end = _n(x + 26), _n(self._from), _n(self._to)
        path = f"M{_n(x)} {start}C{out} {start} {out} {end} {_n(x)} {end}"
        return path, (x, self._from, 1), (x, self._to, 1)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (to_x - x) / 2
    return f"C{_n(x + half)} {_n(y)} {_n(to_x - half)} {_n(to_y)} {_n(to_x)} {_n(to_y)}"


def _foot(x: float, y: float, way: int, *, many: bool, optional: bool) -> str:
    """The end of a line at a card: three toes for many rows, a bar for one, a ring where none may be."""
    if many:
        return f"M{_n(x)} {_n(y - 4.5)}L{_n(x + way * 9)} {_n(y)}L{_n(x)} {_n(y + 4.5)}"
    bar = f"M{_n(x + way * 6)} {_n(y - 4.5)}V{_n(y + 4.5)}"
    if not optional:
        return bar
    return f"{bar}M{_n(x + way * 9)} {_n(y)}a3 3 0 1 0 {way * 6} 0a3 3 0 1 0 {way * -6} 0"


def _shown(columns: Sequence[tuple[Column, list[str]]], most: int | None) -> list[tuple[Column, list[str]]]:
    """The columns that a card shows, in the order of the database: keys first where not all have room."""
    visible = [each for each in columns if not each[0].hidden]
    if most is None or len(visible) <= most:
        return visible
    keys = [number for number, (_, marks) in enumerate(visible) if marks][:most]
    others = [number for number, (_, marks) in enumerate(visible) if not marks][: most - len(keys)]
    return [visible[number] for number in sorted([*keys, *others])]


def _more(count: int) -> str:
    return f"… {count} more {'column' if count == 1 else 'columns'}"


def _told(column: Column, marks: Sequence[str]) -> str:
    declared = column.declared_type or "no declared type"
    facts = [declared, "" if column.nullable else "not null", *marks]
    return f"{column.name}: {', '.join(fact for fact in facts if fact)}"


def _type(column: Column) -> str:
    words = " ".join(column.declared_type.lower().split()) or column.kind
    return _cut(words, _LONGEST_TYPE) + ("?" if column.nullable else "")


def _cut(text: str, longest: int = _LONGEST_NAME) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _width(text: str) -> float:
    """About how wide a text is, in pixels: nothing here can measure the reader's font."""
    return sum(_character_width(sign) for sign in text)


def _character_width(sign: str) -> float:
    if sign in "iljI|!.,:;'()[] tfr":
        return 4.3
    if sign in "mwMW@%—…" or east_asian_width(sign) in "WF":
        return 12.0 if ord(sign) > 0x2E80 else 10.4
    return 8.2 if sign.isupper() else 6.9


def _text(text: str) -> str:
    """Text between tags, without the characters that XML does not allow."""
    return escape("".join(sign if sign.isprintable() else "\ufffd" for sign in text))


def _n(number: float) -> str:
    shown = f"{number:.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown
