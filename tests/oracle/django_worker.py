"""Django in a process of its own: a query a line in, its rows a line out, both as JSON.

Invariant: this is the only process that opens the file with the standard library's ``sqlite3``, or with a newer
SQLite behind the same interface where ``pysqlite3`` is installed. It writes in the mode ``writes`` only. The first line of output
describes the models; then every line of input is answered by one line of output, in order, until the input ends.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

try:
    import pysqlite3

    sys.modules["sqlite3"], sys.modules["sqlite3.dbapi2"] = pysqlite3, pysqlite3.dbapi2
except ImportError:
    pass

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, models, reset_queries

from .budget import STOPPED, StepBudget
from .normalise import Outcome, outcome

__all__ = ["main"]

MAX_ROWS = 5_000
"""Results above this many rows are answered with an error, so that no query can fill the pipe."""


class _Broken:
    """Managers whose ``exclude`` filters: the comparison must notice it."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, "filter" if name == "exclude" else name)


def main(path: str, mode: str) -> None:
    """Answer queries over one file; in the mode ``broken`` with a mistake on purpose, in ``writes`` steps."""
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}},
        INSTALLED_APPS=["oracle"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=False,
    )
    django.setup()
    from . import deviations, django_language, django_writes, steps

    django_language.register()
    deviations.register()
    every = list(apps.get_models())
    managers: dict[str, Any] = {model._meta.db_table: model._default_manager for model in every}
    if mode == "broken":
        managers = {name: _Broken(manager) for name, manager in managers.items()}
    connection.ensure_connection()
    namespace = {**django_language.namespace(), "db": SimpleNamespace(**managers)}
    description = {model._meta.db_table: _describe(model) for model in every}
    print(json.dumps(description), flush=True)
    if mode == "writes":
        django_writes.equal_actions(every)
        django_writes.serve({**namespace, **steps.words(), **django_writes.names(every)}, every)
        return
    budget = StepBudget()
    connection.connection.set_progress_handler(budget.spend, StepBudget.STRIDE)
    for line in sys.stdin:
        request = json.loads(line)
        budget.renew()
        answer = _answer(request["source"], namespace, want_sql=request["sql"])
        print(json.dumps(STOPPED if budget.is_spent else answer), flush=True)


def _answer(source: str, namespace: dict[str, object], *, want_sql: bool) -> Outcome:
    connection.force_debug_cursor = want_sql
    reset_queries()
    try:
        result = eval(source, namespace)
        if isinstance(result, models.QuerySet):
            result = list(result[: MAX_ROWS + 1] if not result.query.is_sliced else result)
            if len(result) > MAX_ROWS:
                return {"error": "TooManyRows"}
        answer = outcome(result, _columns, models.Model)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    if want_sql:
        answer["sql"] = [query["sql"] for query in connection.queries]
    return answer


def _columns(row: object) -> dict[str, object]:
    """A model object's values by column name, its annotations by theirs, and what was joined to it."""
    assert isinstance(row, models.Model)
    fields = {field.attname: field.column for field in row._meta.concrete_fields}
    own = {fields.get(name, name): value for name, value in vars(row).items() if not name.startswith("_")}
    return {**own, **row._state.fields_cache}


def _describe(model: type[models.Model]) -> dict[str, object]:
    """The names that may be written in a query, for the generator and for the test of names."""
    fields: dict[str, object] = {}
    relations: dict[str, object] = {}
    for field in model._meta.get_fields():
        if field.is_relation:
            relations[field.name] = _relation(field)
            if isinstance(field, models.ForeignKey) and field.attname == field.column:
                fields[field.attname] = {
                    "kind": _kind(field.target_field),
                    "column": field.column,
                    "foreign": True,
                }
        elif isinstance(field, models.Field) and field.column is not None:
            fields[field.name] = {"kind": _kind(field), "column": field.column, "foreign": False}
    return {
        "model": model.__name__,
        "fields": fields,
        "relations": relations,
        "columns": [field.column for field in model._meta.concrete_fields],
        "key": [field.column for field in model._meta.pk_fields],
    }


def _kind(field: models.Field) -> str:  # type: ignore[type-arg]
    internal = field.get_internal_type()
    return {"AutoField": "integer", "CharField": "text", "FloatField": "real"}.get(
        internal, internal.removesuffix("Field").lower()
    )


def _relation(field: Any) -> dict[str, object]:
    """Where a relation leads, whether to many rows, and the hops ``[column, table, column]`` on the way."""
    hops = []
    for info in field.path_infos:
        ((start, end),) = info.join_field.get_joining_fields()
        hops.append([start.column, info.to_opts.db_table, end.column])
    many = bool(field.many_to_many or field.one_to_many)
    return {"target": field.related_model._meta.db_table, "many": many, "hops": hops}
