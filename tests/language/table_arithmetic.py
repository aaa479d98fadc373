"""The table of the language: arithmetic and comparisons.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from noormme import F
from tests.language.entries import Entry, computed, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "expression +",
        lambda db, v: computed(db.people, F("age") + v),
        'SELECT ("people"."age" + ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [32, 18, None, 46]),
        (2, [33, 19, None, 47]),
    ),
    Entry(
        "expression +",
        lambda db, v: computed(db.people.filter(id__lte=2), F("born") + v),
        'SELECT noormme_moved(noormme_datetime("people"."born"), ?) AS noormme_moved_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (timedelta(days=1), [datetime(1993, 3, 6, 0, 0), datetime(2007, 1, 2, 0, 0)]),
        (timedelta(days=31), [datetime(1993, 4, 5, 0, 0), datetime(2007, 2, 1, 0, 0)]),
    ),
    Entry(
        "expression -",
        lambda db, v: computed(db.people, v - F("age")),
        'SELECT (? - "people"."age") AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (100, [69, 83, None, 55]),
        (50, [19, 33, None, 5]),
    ),
    Entry(
        "expression -",
        lambda db, v: computed(db.people.filter(id__lt=v), F("joined") - F("joined")),
        'SELECT noormme_between(noormme_datetime("people"."joined"), noormme_datetime("people"."joined")) AS noormme_between_1 FROM "people" WHERE "people"."id" < ? ORDER BY "people"."id" ASC',
        (2, [timedelta(0)]),
        (3, [timedelta(0), timedelta(0)]),
    ),
    Entry(
        "expression *",
        lambda db, v: computed(db.people, F("balance") * v),
        'SELECT (CAST("people"."balance" AS NUMERIC) * ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, [Decimal("21"), Decimal("40"), None, Decimal("10.5")]),
        (3, [Decimal("31.5"), Decimal("60"), None, Decimal("15.75")]),
    ),
    Entry(
        "expression /",
        lambda db, v: computed(db.people, F("age") / v),
        'SELECT ("people"."age" / ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, [15, 8, None, 22]),
        (10, [3, 1, None, 4]),
    ),
    Entry(
        "expression /",
        lambda db, v: computed(db.people, F("height") / v),
        'SELECT ("people"."height" / ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (4.0, [0.375, 0.4375, None, 0.3125]),
        (0.5, [3.0, 3.5, None, 2.5]),
    ),
    Entry(
        "expression %",
        lambda db, v: computed(db.people, F("age") % v),
        'SELECT ("people"."age" % ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (10, [1, 7, None, 5]),
        (7, [3, 3, None, 3]),
    ),
    Entry(
        "expression **",
        lambda db, v: computed(db.people, F("age") ** v),
        'SELECT noormme_power("people"."age", ?) AS noormme_power_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, [961.0, 289.0, None, 2025.0]),
        (0, [1.0, 1.0, None, 1.0]),
    ),
    Entry(
        "expression negative",
        lambda db, v: computed(db.people.filter(id__lte=v), -F("age")),
        'SELECT ("people"."age" * ?) AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [-31, -17]),
        (4, [-31, -17, None, -45]),
    ),
    Entry(
        "expression bitand",
        lambda db, v: computed(db.people, F("age").bitand(v)),
        'SELECT ("people"."age" & ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [1, 1, None, 1]),
        (16, [16, 16, None, 0]),
    ),
    Entry(
        "expression bitor",
        lambda db, v: computed(db.people, F("age").bitor(v)),
        'SELECT ("people"."age" | ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [31, 17, None, 45]),
        (64, [95, 81, None, 109]),
    ),
    Entry(
        "expression bitxor",
        lambda db, v: computed(db.people, F("age").bitxor(v)),
        'SELECT (("people"."age" | ?) - ("people"."age" & ?)) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [30, 16, None, 44]),
        (31, [0, 14, None, 50]),
    ),
    Entry(
        "expression bitleftshift",
        lambda db, v: computed(db.people, F("age").bitleftshift(v)),
        'SELECT ("people"."age" << ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [62, 34, None, 90]),
        (3, [248, 136, None, 360]),
    ),
    Entry(
        "expression bitrightshift",
        lambda db, v: computed(db.people, F("age").bitrightshift(v)),
        'SELECT ("people"."age" >> ?) AS anon_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [15, 8, None, 22]),
        (4, [1, 1, None, 2]),
    ),
    Entry(
        "expression <",
        lambda db, v: found(db.people.filter(F("age") + 1 < v)),
        'SELECT "people"."id" FROM "people" WHERE ("people"."age" + ?) < ? ORDER BY "people"."id" ASC',
        (20, [2]),
        (40, [1, 2]),
    ),
    Entry(
        "expression <=",
        lambda db, v: found(db.people.filter(F("age") <= v)),
        'SELECT "people"."id" FROM "people" WHERE "people"."age" <= ? ORDER BY "people"."id" ASC',
        (17, [2]),
        (31, [1, 2]),
    ),
    Entry(
        "expression >",
        lambda db, v: found(db.people.filter(F("age") > F("id") * v)),
        'SELECT "people"."id" FROM "people" WHERE "people"."age" > ("people"."id" * ?) ORDER BY "people"."id" ASC',
        (10, [1, 4]),
        (1, [1, 2, 4]),
    ),
    Entry(
        "expression >=",
        lambda db, v: found(db.people.filter(F("height") * 2 >= v)),
        'SELECT "people"."id" FROM "people" WHERE ("people"."height" * ?) >= ? ORDER BY "people"."id" ASC',
        (3, [1, 2]),
        (3.5, [2]),
    ),
    Entry(
        "expression []",
        lambda db, v: computed(db.people, F("name")[0:v]),
        'SELECT noormme_substr("people"."name", ?, ?) AS noormme_substr_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, ["A", "B", "C", "É"]),
        (3, ["Ann", "Bob", "Cle", "Émi"]),
    ),
    Entry(
        "expression []",
        lambda db, v: db.people.filter(id=v).annotate(x=F("name")[1]).values_list("x", flat=True),
        'SELECT noormme_substr("people"."name", ?, ?) AS noormme_substr_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["n"]),
        (4, ["m"]),
    ),
]
