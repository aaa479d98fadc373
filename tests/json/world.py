"""Documents of every shape in a column, once as text and once as JSONB.

Invariant: ``build`` writes the same rows every time; ``DOCUMENTS`` is all that there is, so a test can say what
a query must give without asking another one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import apsw

__all__ = ["DOCUMENTS", "NULL", "Form", "build"]

Form = Literal["text", "jsonb"]

NULL = object()
"""A document that is ``null``; None is a row that has no document at all."""

DOCUMENTS: dict[str, Any] = {
    "ann": {"k": "x", "n": 3, "owner": {"name": "Ann", "langs": ["en", "de"]}, "tags": ["a", "b"]},
    "bob": {"k": "y", "n": 10, "owner": {"name": "bob"}, "tags": []},
    "cyd": {"k": "X", "n": 2.5, "owner": None, "tags": ["b"]},
    "null": {"k": None, "n": None},
    "empty": {},
    "missing": None,
    "true": {"k": True, "n": True},
    "false": {"k": False, "n": False},
    "true as text": {"k": "true", "n": "10"},
    "list": {"k": [1, 2]},
    "list as text": {"k": "[1,2]"},
    "one": {"k": 1},
    "one as a real": {"k": 1.0},
    "object": {"k": {"b": 1, "a": 2}},
    "array": [1, {"a": "z"}, "last"],
    "text": "text",
    "number": 5,
    "json null": NULL,
}


def build(path: Path, form: Form = "text") -> Path:
    """Make the file.

    Args:
        path: Where.
        form: How the documents are stored.
    """
    connection = apsw.Connection(str(path))
    connection.execute(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, meta JSON);"
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, thing_id INTEGER REFERENCES things(id), meta JSON);"
    )
    value = "jsonb(?)" if form == "jsonb" else "?"
    for number, (name, document) in enumerate(DOCUMENTS.items(), 1):
        text = None if document is None else json.dumps(None if document is NULL else document)
        sql = f"INSERT INTO things (id, name, age, meta) VALUES (?, ?, ?, {value})"
        connection.execute(sql, (number, name, number, text))
    for thing, text in ((1, {"by": "bob", "n": 1}), (1, {"by": "cyd", "n": 2}), (2, {"by": "bob"})):
        connection.execute(
            f"INSERT INTO notes (thing_id, meta) VALUES (?, {value})", (thing, json.dumps(text))
        )
    connection.close()
    return path
