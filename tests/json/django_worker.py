"""Django's answers about the documents, in a process of its own: it opens the file with ``sqlite3``.

Invariant: standard input holds a Python literal, a list of ``(method, lookups)``; standard output gets JSON, one
list of names for each, or a text where Django fails.
"""

from __future__ import annotations

import ast
import json
import sys
from typing import Any


def main(path: str) -> None:
    """Answer what stands on standard input.

    Args:
        path: The file.
    """
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}}, INSTALLED_APPS=[]
    )
    django.setup()
    from django.db import models

    class Thing(models.Model):
        name = models.TextField()
        age = models.IntegerField()
        meta = models.JSONField(null=True)

        class Meta:
            app_label = "documents"
            db_table = "things"
            managed = False

    answers: list[Any] = []
    for method, lookups in ast.literal_eval(sys.stdin.read()):
        try:
            query = getattr(Thing.objects, method)(**lookups)
            answers.append(list(query.order_by("id").values_list("name", flat=True)))
        except Exception as error:
            answers.append(type(error).__name__)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
