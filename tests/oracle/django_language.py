"""What a query's text may name on Django's side, and what Django 5.2 has under no name.

Invariant: nothing here changes the meaning of what Django can write itself. Python types stand for its fields
(``output_field=int``), comparisons of expressions for its lookups as expressions, and what came with Django 6
(``StringAgg``, ``AnyValue``) or has no form on SQLite (containment of JSON) is written after its documentation.
"""

from __future__ import annotations

import datetime
import json
import statistics
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.signals import connection_created
from django.db.models import functions, lookups
from django.db.models.expressions import (
    BaseExpression,
    Combinable,
    Subquery,
    WindowFrame,
    WindowFrameExclusion,
)
from django.db.models.fields.json import KeyTransform, compile_json_path
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import Lookup

__all__ = ["namespace", "register"]

_FIELDS: dict[type, models.Field[Any, Any]] = {
    bool: models.BooleanField(),
    int: models.IntegerField(),
    float: models.FloatField(),
    str: models.TextField(),
    Decimal: models.DecimalField(max_digits=30, decimal_places=6),
    datetime.datetime: models.DateTimeField(),
    datetime.date: models.DateField(),
    datetime.time: models.TimeField(),
    datetime.timedelta: models.DurationField(),
    UUID: models.UUIDField(),
    dict: models.JSONField(),
}

FIELD_NAMES = {python_type.__name__: type(field).__name__ for python_type, field in _FIELDS.items()}


class StringAgg(models.Aggregate):
    """As in Django 6: ``StringAgg("name", Value(","), order_by="name")``."""

    function = "GROUP_CONCAT"
    name = "StringAgg"
    allow_distinct = True
    output_field = models.TextField()

    def __init__(self, expression: Any, delimiter: Any, *, order_by: Any = None, **options: Any) -> None:
        keys = order_by if isinstance(order_by, list | tuple) else [] if order_by is None else [order_by]
        self._ordered = len(keys)
        self._single = bool(options.get("distinct"))
        arguments = [expression] if self._single else [expression, delimiter]
        super().__init__(*arguments, *map(_sort_key, keys), **options)

    def as_sql(self, compiler: Any, connection: Any, **options: Any) -> Any:
        *sources, condition = self.get_source_expressions()
        keys = [compiler.compile(key) for key in sources[len(sources) - self._ordered :]]
        plain = self.copy()
        plain.set_source_expressions([*sources[: len(sources) - self._ordered], condition])
        if keys:
            order = ", ".join(sql.replace("%", "%%") for sql, _ in keys)
            plain.template = f"%(function)s(%(distinct)s%(expressions)s ORDER BY {order})"
        sql, params = super(StringAgg, plain).as_sql(compiler, connection, **options)
        if not keys:
            return sql, params
        # The parameters of the keys stand between those of the arguments and those of the filter.
        count = sum(len(compiler.compile(each)[1]) for each in plain.get_source_expressions()[:-1])
        inner = [param for _, each in keys for param in each]
        return sql, (*params[:count], *inner, *params[count:])


def _sort_key(key: Any) -> Any:
    if isinstance(key, str):
        return models.F(key[1:]).desc() if key.startswith("-") else models.F(key).asc()
    return key if isinstance(key, models.expressions.OrderBy) else models.expressions.OrderBy(key)


class AnyValue(models.Aggregate):
    """As in Django 6; asked only where all values of a group are equal."""

    function = "MIN"
    name = "AnyValue"


class _Containment(lookups.Lookup):  # type: ignore[type-arg]
    """PostgreSQL's ``@>`` for documents, by a function of this process."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if isinstance(self.lhs, KeyTransform):
            column, params, keys = self.lhs.preprocess_lhs(compiler, connection)
            left, left_params = f"({column} -> %s)", [*params, compile_json_path(keys)]
        else:
            left, left_params = compiler.compile(self.lhs)
        pair = [(left, left_params), ("%s", [json.dumps(self.rhs)])]
        if self.lookup_name == "contained_by":
            pair.reverse()
        (whole, first), (piece, second) = pair
        return f"ORACLE_JSON_CONTAINS({whole}, {piece})", [*first, *second]


class _JSONContains(_Containment):
    lookup_name = "contains"


class _JSONContainedBy(_Containment):
    lookup_name = "contained_by"


def _json_contains(whole: str | None, piece: str | None) -> bool | None:
    if whole is None or piece is None:
        return None
    left, right = json.loads(whole), json.loads(piece)
    if isinstance(left, list) and not isinstance(right, list | dict):
        return any(_same(each, right) for each in left)
    return _contains(left, right)


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return all(key in left and _contains(left[key], value) for key, value in right.items())
    if isinstance(left, list) and isinstance(right, list):
        return all(any(_contains(mine, value) for mine in left) for value in right)
    return _same(left, right)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return (type(left) is type(right) and left == right) or (
        isinstance(left, int | float) and isinstance(right, int | float) and left == right
    )


def register() -> None:
    """Teach Django the words of this process."""
    original = BaseExpression.__init__

    def with_types(self: Any, output_field: Any = None) -> None:
        original(
            self, _FIELDS.get(output_field, output_field) if isinstance(output_field, type) else output_field
        )

    BaseExpression.__init__ = with_types  # type: ignore[method-assign]
    BaseExpression._resolve_output_field = _of_one_family(BaseExpression._resolve_output_field)  # type: ignore[method-assign]
    Subquery._resolve_output_field = _of_target(Subquery._resolve_output_field)  # type: ignore[method-assign]
    RelatedIn.get_prep_lookup = _with_expressions(RelatedIn.get_prep_lookup)  # type: ignore[method-assign]
    Lookup.relabeled_clone = _of_every_member(Lookup.relabeled_clone)  # type: ignore[method-assign]
    for name, lookup in _COMPARISONS.items():
        setattr(Combinable, name, _comparison(lookup))
    framed = WindowFrame.__init__

    def with_names(self: Any, start: Any = None, end: Any = None, exclusion: str = "") -> None:
        framed(self, start, end, WindowFrameExclusion(exclusion) if exclusion else None)

    WindowFrame.__init__ = with_names
    models.JSONField.register_lookup(_JSONContains)
    models.JSONField.register_lookup(_JSONContainedBy)
    connection_created.connect(_add_functions, weak=False)


_COMPARISONS = {
    "__gt__": lookups.GreaterThan,
    "__ge__": lookups.GreaterThanOrEqual,
    "__lt__": lookups.LessThan,
    "__le__": lookups.LessThanOrEqual,
}


_FAMILIES = ((models.CharField, models.TextField), (models.TextField, models.TextField))
_FAMILIES += ((models.IntegerField, models.IntegerField), (models.ForeignKey, models.IntegerField))


def _of_one_family(original: Any) -> Any:
    """A text is a text and a whole number is one: Django asks for an output_field where the classes differ."""

    def resolve(self: Any) -> Any:
        fields = [field for field in self.get_source_fields() if field is not None]
        if len({type(field) for field in fields}) > 1:
            families = {
                next((family for base, family in _FAMILIES if isinstance(field, base)), None)
                for field in fields
            }
            if len(families) == 1 and (family := families.pop()) is not None:
                return family()
        return original(self)

    return resolve


def _of_target(original: Any) -> Any:
    """A subquery of a foreign key is what the key holds, as a column of one is."""

    def resolve(self: Any) -> Any:
        field = original(self)
        while isinstance(field, models.ForeignKey):
            field = field.target_field
        return field

    return resolve


def _with_expressions(original: Any) -> Any:
    """A list of a foreign key may hold expressions, as that of a plain field: Django writes them as text."""

    def get_prep_lookup(self: Any) -> Any:
        direct = self.rhs_is_direct_value()
        return self.rhs if direct and any(hasattr(each, "as_sql") for each in self.rhs) else original(self)

    return get_prep_lookup


def _of_every_member(original: Any) -> Any:
    """A subquery renames its tables, in the members of a list too."""

    def relabeled_clone(self: Any, relabels: Any) -> Any:
        clone = original(self, relabels)
        if isinstance(clone.rhs, list | tuple):
            clone.rhs = [
                each.relabeled_clone(relabels) if hasattr(each, "relabeled_clone") else each
                for each in clone.rhs
            ]
        return clone

    return relabeled_clone


def _comparison(lookup: Any) -> Any:
    return lambda self, other: lookup(self, other)


_SPREADS: dict[str, Callable[[list[float]], float]] = {
    "STDDEV_POP": statistics.pstdev,
    "STDDEV_SAMP": statistics.stdev,
    "VAR_POP": statistics.pvariance,
    "VAR_SAMP": statistics.variance,
}


def _without_null(function: Callable[[list[float]], float]) -> type:
    """Django's own fail at the first NULL, and where there are no values."""

    class Spread:
        def __init__(self) -> None:
            self._values: list[float] = []

        def step(self, value: float | None) -> None:
            if value is not None:
                self._values.append(value)

        def finalize(self) -> float | None:
            try:
                return float(function(self._values))
            except statistics.StatisticsError:
                return None

    return Spread


def _add_functions(connection: Any, **_: object) -> None:
    add = connection.connection.create_function
    add("ORACLE_FOLD", 1, lambda text: None if text is None else str(text).casefold(), deterministic=True)
    add("ORACLE_JSON_CONTAINS", 2, _json_contains, deterministic=True)
    for name, function in _SPREADS.items():
        connection.connection.create_aggregate(name, 1, _without_null(function))


def namespace() -> dict[str, object]:
    """The names that a query may use, but ``db``."""
    own = {
        "AnyValue": AnyValue,
        "Decimal": Decimal,
        "StringAgg": StringAgg,
        "UUID": UUID,
        "date": datetime.date,
        "datetime": datetime.datetime,
        "time": datetime.time,
        "timedelta": datetime.timedelta,
        "RawSQL": models.expressions.RawSQL,
    }
    return {**vars(models), **{name: getattr(functions, name) for name in functions.__all__}, **own}
