"""The table of the language: functions that compare and convert, and those that make JSON.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import date

from noormme import F, Value
from noormme.functions import (
    Cast,
    Coalesce,
    Collate,
    Greatest,
    JSONArray,
    JSONObject,
    Least,
    Lower,
    NullIf,
    TruncDate,
)
from tests.language.entries import Entry, computed, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "function Cast",
        lambda db, v: computed(db.people.filter(id__lte=v), Cast("age", output_field=str)),
        'SELECT noormme_text("people"."age", \'any\') AS noormme_text_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, ["31"]),
        (3, ["31", "17", None]),
    ),
    Entry(
        "function Cast",
        lambda db, v: computed(db.people.filter(id__lte=v), Cast("balance", output_field=int)),
        'SELECT noormme_integer("people"."balance", \'decimal\') AS noormme_integer_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [11, 20]),
        (4, [11, 20, None, 5]),
    ),
    Entry(
        "function Cast",
        lambda db, v: computed(db.people.filter(id__lte=v), Cast("joined", output_field=date)),
        'SELECT date(noormme_datetime("people"."joined")) AS date_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [date(2024, 1, 1)]),
        (4, [date(2024, 1, 1), date(2024, 2, 29), date(2023, 12, 31), None]),
    ),
    Entry(
        "function Coalesce",
        lambda db, v: computed(db.people, Coalesce("email", Value(v))),
        'SELECT coalesce("people"."email", ?) AS coalesce_1 FROM "people" ORDER BY "people"."id" ASC',
        ("none", ["ann@example.com", "none", "cleo@example.com", "emile@example.com"]),
        ("?", ["ann@example.com", "?", "cleo@example.com", "emile@example.com"]),
    ),
    Entry(
        "function Coalesce",
        lambda db, v: computed(db.people, Coalesce("age", v)),
        'SELECT coalesce("people"."age", ?) AS coalesce_1 FROM "people" ORDER BY "people"."id" ASC',
        (0, [31, 17, 0, 45]),
        (-1, [31, 17, -1, 45]),
    ),
    Entry(
        "function Collate",
        lambda db, v: found(db.people.filter(name=Collate(Value(v), "nocase"))),
        'SELECT "people"."id" FROM "people" WHERE "people"."name" = (? COLLATE nocase) ORDER BY "people"."id" ASC',
        ("ANN", [1]),
        ("bob", [2]),
    ),
    Entry(
        "function Collate",
        lambda db, v: (
            db.people.filter(id__gt=v).order_by(Collate("name", "nocase").desc()).values_list("id", flat=True)
        ),
        'SELECT "people"."id" FROM "people" WHERE "people"."id" > ? ORDER BY "people"."name" COLLATE nocase DESC',
        (0, [4, 3, 2, 1]),
        (1, [4, 3, 2]),
    ),
    Entry(
        "function Greatest",
        lambda db, v: computed(db.people, Greatest("age", v)),
        'SELECT noormme_greatest("people"."age", ?) AS noormme_greatest_1 FROM "people" ORDER BY "people"."id" ASC',
        (20, [31, 20, 20, 45]),
        (40, [40, 40, 40, 45]),
    ),
    Entry(
        "function Greatest",
        lambda db, v: computed(db.people.filter(id__lte=v), Greatest("born", TruncDate("joined"))),
        'SELECT noormme_greatest("people"."born", strftime(\'%Y-%m-%d\', "people"."joined")) AS noormme_greatest_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [date(2024, 1, 1), date(2024, 2, 29)]),
        (4, [date(2024, 1, 1), date(2024, 2, 29), date(2023, 12, 31), None]),
    ),
    Entry(
        "function Least",
        lambda db, v: computed(db.people, Least("height", v)),
        'SELECT noormme_least("people"."height", ?) AS noormme_least_1 FROM "people" ORDER BY "people"."id" ASC',
        (1.5, [1.5, 1.5, 1.5, 1.25]),
        (1.6, [1.5, 1.6, 1.6, 1.25]),
    ),
    Entry(
        "function NullIf",
        lambda db, v: computed(db.people, NullIf("name", Value(v))),
        'SELECT nullif("people"."name", ?) AS nullif_1 FROM "people" ORDER BY "people"."id" ASC',
        ("Ann", [None, "Bob", "Cleo", "Émile"]),
        ("Bob", ["Ann", None, "Cleo", "Émile"]),
    ),
    Entry(
        "function NullIf",
        lambda db, v: computed(db.people, NullIf("age", v)),
        'SELECT nullif("people"."age", ?) AS nullif_1 FROM "people" ORDER BY "people"."id" ASC',
        (31, [None, 17, None, 45]),
        (17, [31, None, None, 45]),
    ),
    Entry(
        "function JSONObject",
        lambda db, v: computed(
            db.people.filter(id__lte=v),
            JSONObject(name=Lower("name"), age=F("age") + 1, born="born", active="is_active"),
        ),
        'SELECT json_object(?, noormme_lower("people"."name"), ?, ("people"."age" + ?), ?, noormme_text(date(noormme_datetime("people"."born")), \'date\'), ?, json(CASE WHEN "people"."is_active" THEN \'true\' WHEN (NOT "people"."is_active") THEN \'false\' END)) AS json_object_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [{"name": "ann", "age": 32, "born": "1993-03-05", "active": True}]),
        (
            3,
            [
                {"name": "ann", "age": 32, "born": "1993-03-05", "active": True},
                {"name": "bob", "age": 18, "born": "2007-01-01", "active": True},
                {"name": "cleo", "age": None, "born": "1984-12-30", "active": False},
            ],
        ),
    ),
    Entry(
        "function JSONArray",
        lambda db, v: computed(db.people.filter(id__lte=v), JSONArray("id", "name", "age", Value(True))),
        'SELECT json_array("people"."id", "people"."name", "people"."age", json(CASE WHEN ? THEN \'true\' WHEN (NOT ?) THEN \'false\' END)) AS json_array_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [[1, "Ann", 31, True]]),
        (3, [[1, "Ann", 31, True], [2, "Bob", 17, True], [3, "Cleo", None, True]]),
    ),
]
