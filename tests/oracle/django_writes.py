"""Django's part of the comparison of writes: steps in, what they gave and what the tables hold out.

Invariant: a step either happens whole or not at all, and all steps of a sequence are undone at its end, so that
each sequence begins with the same rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from django.db import connection, models, transaction

from .contents import contents, rows_of
from .steps import changed

__all__ = ["equal_actions", "names", "serve"]

_ACTIONS: dict[str, Callable[..., None]] = {
    "CASCADE": models.CASCADE,
    "SET NULL": models.SET_NULL,
    "NO ACTION": models.DO_NOTHING,
}


def equal_actions(every: list[type[models.Model]]) -> None:
    """Let the models delete what the tables' foreign keys say.

    Args:
        every: The models.
    """
    for model in every:
        with connection.cursor() as cursor:
            cursor.execute(f'PRAGMA foreign_key_list("{model._meta.db_table}")')
            actions = {row[3]: row[6] for row in cursor.fetchall()}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                field.remote_field.on_delete = _ACTIONS[actions[field.column]]


def names(every: list[type[models.Model]]) -> dict[str, object]:
    """The words that the texts of steps have beside those of Django.

    Args:
        every: The models.
    """
    by_table = {model._meta.db_table: model for model in every}

    def made(table: str, **values: object) -> models.Model:
        return by_table[table](**values)

    def deleted(result: tuple[int, dict[str, int]], table: str) -> int:
        return result[1].get(by_table[table]._meta.label, 0)

    def saved(item: models.Model, **values: object) -> object:
        changed([item], **values)
        # What was not changed is not written, see ``deviations``.
        item.save(update_fields=list(values))
        return item.pk

    return {"made": made, "deleted": deleted, "saved": saved}


def serve(namespace: dict[str, object], every: list[type[models.Model]]) -> None:
    """Answer requests until the input ends: ``begin``, ``step``, ``undo``, ``rows`` and ``end``.

    Args:
        namespace: What the text of a step may name.
        every: The models.
    """
    columns = {
        model._meta.db_table: [field.column for field in model._meta.concrete_fields] for model in every
    }
    last: str | None = None
    whole = transaction.atomic()
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, object] = {}
        match request["do"]:
            case "begin":
                whole.__enter__()
                answer["contents"] = contents(_run, columns)
            case "step":
                last = transaction.savepoint()
                try:
                    with transaction.atomic():
                        answer["value"] = repr(eval(request["source"], namespace))
                        answer["contents"] = contents(_run, columns)
                except Exception as error:
                    answer = {"error": f"{type(error).__name__}: {error}"}
            case "undo":
                assert last is not None
                transaction.savepoint_rollback(last)
            case "rows":
                answer["rows"] = rows_of(_run, request["table"], columns[request["table"]])
            case "end":
                transaction.set_rollback(True)
                whole.__exit__(None, None, None)
        print(json.dumps(answer), flush=True)


def _run(sql: str) -> list[tuple[Any, ...]]:
    # Past Django's cursor, which would take a % for a parameter.
    found: list[tuple[Any, ...]] = connection.connection.execute(sql).fetchall()
    return found
