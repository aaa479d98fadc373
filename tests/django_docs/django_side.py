"""The examples in Django itself: the very functions of these tests, with Django's classes under noormme's names.

Invariant: runs in a process of its own, which opens the files with the standard library's ``sqlite3`` and
never imports noormme. It prints one JSON object: the names of the tests that ran, and what went
wrong in each one that failed.
"""

from __future__ import annotations

import datetime
import importlib
import inspect
import json
import sys
import traceback
from decimal import Decimal
from types import ModuleType, SimpleNamespace
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import FieldError, MultipleObjectsReturned, ObjectDoesNotExist
from django.db import NotSupportedError, models
from django.db.models import expressions, fields, functions

__all__ = ["main"]

_FIELDS: dict[Any, type[models.Field[Any, Any]]] = {
    int: models.IntegerField,
    float: models.FloatField,
    str: models.CharField,
    bool: models.BooleanField,
    Decimal: models.DecimalField,
    datetime.date: models.DateField,
    datetime.datetime: models.DateTimeField,
    datetime.time: models.TimeField,
    datetime.timedelta: models.DurationField,
    dict: models.JSONField,
}
"""Django's fields for the Python types that noormme takes as ``output_field``."""

_ERRORS = {
    "DoesNotExist": ObjectDoesNotExist,
    "MultipleObjectsReturned": MultipleObjectsReturned,
    "InvalidQuery": (TypeError, ValueError, FieldError),
    "NotSupported": NotSupportedError,
    "Database": object,
}


class _World(SimpleNamespace):
    """The managers of one database: each look gives a query set that was not run."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return found() if callable(found) and not name.startswith("_") else found


def main(files: dict[str, str], tests: list[str]) -> None:
    """Run the tests of some modules.

    Args:
        files: The file of each world.
        tests: The modules.
    """
    settings.configure(
        DATABASES={
            name: {"ENGINE": "django.db.backends.sqlite3", "NAME": path} for name, path in files.items()
        }
        | {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["tests.django_docs"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=False,
    )
    django.setup()
    _stand_in()
    models_of = importlib.import_module("tests.django_docs.django_models").MODELS
    worlds = {
        world: _World(**{table: _starter(model, world) for table, model in tables.items()})
        for world, tables in models_of.items()
    }
    ran: list[str] = []
    failures: dict[str, str] = {}
    for module in tests:
        for name, function in inspect.getmembers(importlib.import_module(module), inspect.isfunction):
            if not name.startswith("test_"):
                continue
            ran.append(name)
            try:
                function(**{world: worlds[world] for world in inspect.signature(function).parameters})
            except Exception as error:
                frame = traceback.extract_tb(error.__traceback__)
                line = next((each.line for each in reversed(frame) if "django_docs" in each.filename), "")
                failures[name] = f"{type(error).__name__}: {error} ({line})"
    print(json.dumps({"ran": ran, "failures": failures}))


def _starter(model: type[models.Model], world: str) -> Any:
    return lambda: model._default_manager.using(world)


def _stand_in() -> None:
    """A module ``noormme`` whose names are Django's, so that the tests can be imported."""
    stand_in = ModuleType("noormme")
    for source in (functions, expressions, models):
        for name, value in vars(source).items():
            if inspect.isclass(value) and issubclass(value, (expressions.BaseExpression, models.When)):
                setattr(stand_in, name, _translated(value))
            elif not name.startswith("_"):
                setattr(stand_in, name, value)
    vars(stand_in).update(_ERRORS)
    vars(stand_in)["KT"] = fields.json.KT
    sys.modules["noormme"] = sys.modules["noormme.functions"] = stand_in


def _translated(cls: type[Any]) -> type[Any]:
    """A class that takes Python types where Django's takes fields."""

    def __init__(self: Any, *arguments: Any, **options: Any) -> None:  # noqa: N807
        given = [_field(argument) for argument in arguments]
        cls.__init__(self, *given, **{name: _field(value) for name, value in options.items()})

    return type(cls.__name__, (cls,), {"__init__": __init__})


def _field(value: Any) -> Any:
    return _FIELDS[value]() if isinstance(value, type) and value in _FIELDS else value


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
