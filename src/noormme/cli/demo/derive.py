"""A dozen questions about a database that nobody has told us anything about.

Invariant: made from the schema and a first look at the rows; every question is one that the database
can answer, and each shows something that the others do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from noormme.cli.code import free_name, manager, quoted, variable
from noormme.cli.demo.glance import Glance
from noormme.cli.demo.questions import Question
from noormme.schema.model import Column, Relation, Schema

__all__ = ["derived"]

_MOST = 12
_SHOWN = 5


def derived(schema: Schema, looks: Sequence[Glance]) -> list[Question]:
    """Questions about a database, at most twelve.

    Args:
        schema: The database.
        looks: A glance at each of its tables, the largest first.
    """
    makers: tuple[Callable[[Schema, Sequence[Glance]], Iterator[Question]], ...] = (
        _get,
        _newest,
        _filtered,
        _text,
        _empty,
        _by_year,
        _extremes,
        _grouped,
        _joined,
        _spanned,
        _counted_children,
        _prefetched,
        _many_to_many,
        _distinct,
    )
    # Each maker offers a question for every table that it fits, the largest table first. Taking
    # turns lets a database of few tables still give a dozen.
    offers = [maker(schema, looks) for maker in makers]
    found: dict[str, Question] = {}
    while offers and len(found) < _MOST:
        for offer in list(offers):
            question = next(offer, None)
            if question is None:
                offers.remove(offer)
            elif len(found) < _MOST:
                found.setdefault(question.code, question)
    return list(found.values())


def _get(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        key = look.key
        if key is not None and (values := look.values(key)):
            yield Question(
                f"One row of {look.table.name}, by its key",
                f"{manager(look.table)}.get({key.field}={_literal(values[len(values) // 2])})",
            )


def _newest(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        if look.table.primary_key:
            yield Question(
                f"The last rows of {look.table.name}, which has {look.count:,}",
                f'{manager(look.table)}.order_by("-pk")[:{_SHOWN}]',
            )


def _filtered(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        for column, values in look.groups("text", "boolean", "integer"):
            keyword = f"{column.field}__in=[{_literal(values[0])}, {_literal(values[1])}]"
            yield Question(
                f"Filter {look.table.name} by {column.name}, and count",
                f"{manager(look.table)}.filter({keyword}).count()",
            )


def _text(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        label = look.label
        if label.kind != "text":
            continue
        words = Counter(word.lower() for value in look.values(label) for word in str(value).split())
        word = next((word for word, _ in words.most_common() if word.isalpha() and len(word) > 3), None)
        if word is not None:
            yield Question(
                f"Text in {look.table.name}, in capital letters or not",
                f"{manager(look.table)}.filter({label.field}__icontains={quoted(word)})"
                f".values({_fields(look)})[:{_SHOWN}]",
            )


def _empty(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        for column in look.columns():
            if look.partly_empty(column):
                yield Question(
                    f"Rows of {look.table.name} with no {column.name}",
                    f"{manager(look.table)}.filter({column.field}__isnull=True).count()",
                )


def _by_year(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        for column in look.columns("date", "datetime"):
            years = [value.year for value in look.values(column) if isinstance(value, date)]
            if years:
                yield Question(
                    f"{look.table.name} of one year",
                    f"{manager(look.table)}.filter({column.field}__year={years[-1]})"
                    f'.order_by("{column.field}").values({_fields(look, column)})[:{_SHOWN}]',
                )


def _extremes(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        for column in look.columns("real", "decimal", "integer"):
            if column.name not in look.keys and len(set(look.values(column))) > 1:
                functions = ", ".join(f'{function}("{column.field}")' for function in ("Min", "Max", "Avg"))
                yield Question(
                    f"{column.name} of {look.table.name}: least, most, mean",
                    f"{manager(look.table)}.aggregate({functions})",
                )


def _grouped(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        name = free_name("n", schema, look.table)
        for column, _ in look.groups("text", "boolean", "integer"):
            yield Question(
                f"{look.table.name} by {column.name}",
                f'{manager(look.table)}.values("{column.field}").annotate({name}=Count("pk"))'
                f'.order_by("-{name}")[:{_SHOWN}]',
            )


def _joined(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look, relation, target in _related(schema, looks, "many_to_one"):
        row = variable(look.table)
        attribute = f"{row}.{relation.name}"
        value = f"{attribute}.{target.label.field}"
        if relation.nullable:
            value = f"{attribute} and {value}"
        yield Question(
            f"{look.table.name} with {relation.name}: joined, one query",
            f"[\n    ({row}.{look.label.field}, {value})\n"
            f'    for {row} in {manager(look.table)}.select_related("{relation.name}")[:{_SHOWN}]\n]',
            (look.label.field, relation.name),
        )


def _spanned(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look, relation, target in _related(schema, looks, "many_to_one"):
        values = [value for value in target.values(target.label) if isinstance(value, str | int)]
        if values:
            yield Question(
                f"Filter {look.table.name} by what their {relation.name} says",
                f"{manager(look.table)}.filter({relation.name}__{target.label.field}={_literal(values[0])}).count()",
            )


def _counted_children(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look, relation, _ in _related(schema, looks, "one_to_many"):
        name = free_name("n", schema, look.table)
        yield Question(
            f"{look.table.name} with the most {relation.name}",
            f'{manager(look.table)}.annotate({name}=Count("{relation.name}")).order_by("-{name}")'
            f'.values("{look.label.field}", "{name}")[:{_SHOWN}]',
        )


def _prefetched(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look, relation, _ in _related(schema, looks, "one_to_many"):
        row = variable(look.table)
        yield Question(
            f"{look.table.name} and their {relation.name}: two queries, whatever the number of rows",
            f"[\n    ({row}.{look.label.field}, len({row}.{relation.name}.all()))\n"
            f'    for {row} in {manager(look.table)}.prefetch_related("{relation.name}")[:{_SHOWN}]\n]',
            (look.label.field, f"number of {relation.name}"),
        )


def _many_to_many(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look, relation, target in _related(schema, looks, "many_to_many"):
        row, item = variable(look.table), variable(target.table)
        if item == row:
            item = f"other_{item}"
        yield Question(
            f"{look.table.name} and their {relation.name}, through {relation.through}",
            f"[\n    ({row}.{look.label.field},"
            f" [{item}.{target.label.field} for {item} in {row}.{relation.name}.all()])\n"
            f'    for {row} in {manager(look.table)}.prefetch_related("{relation.name}")[:{_SHOWN}]\n]',
            (look.label.field, relation.name),
        )


def _distinct(schema: Schema, looks: Sequence[Glance]) -> Iterator[Question]:
    for look in looks:
        for column, _ in look.groups("text", "boolean", "integer"):
            yield Question(
                f"Every {column.name} of {look.table.name}, once",
                f'{manager(look.table)}.order_by("{column.field}")'
                f'.values_list("{column.field}", flat=True).distinct()',
                (column.field,),
            )


def _related(schema: Schema, looks: Sequence[Glance], kind: str) -> Iterator[tuple[Glance, Relation, Glance]]:
    """The relations of that kind between tables that were looked at; those of tables with text come first."""
    by_name = {look.table.name: look for look in looks}
    for look in sorted(looks, key=lambda look: look.label.kind != "text"):
        for relation in schema.relations_of(look.table.name).values():
            target = by_name.get(relation.target)
            if relation.kind == kind and target is not None and any(look.columns()) and any(target.columns()):
                yield look, relation, target


def _fields(look: Glance, *more: Column) -> str:
    """A few fields of a table, as arguments of ``values``."""
    wanted = [look.label, *more, *look.columns()]
    fields = list(dict.fromkeys(column.field for column in wanted))[:3]
    return ", ".join(quoted(field) for field in fields)


def _literal(value: object) -> str:
    return quoted(value) if isinstance(value, str) else repr(value)
