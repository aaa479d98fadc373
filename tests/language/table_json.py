"""The table of the language: jSON.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from noormme import KT, F
from tests.language.entries import Entry, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "json key",
        lambda db, v: found(db.people.filter(meta__city=v)),
        'SELECT "people"."id" FROM "people" WHERE json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') = ? AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') = \'text\' ORDER BY "people"."id" ASC',
        ("Rome", [1]),
        ("Oslo", [2]),
    ),
    Entry(
        "json key",
        lambda db, v: found(db.people.filter(meta__vip=v)),
        'SELECT "people"."id" FROM "people" WHERE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."vip"\') = ? ORDER BY "people"."id" ASC',
        (True, [1]),
        (False, []),
    ),
    Entry(
        "json key",
        lambda db, v: db.people.filter(id__lte=v).order_by("id").values_list("meta__city", flat=True),
        'SELECT (iif(json_valid("people"."meta", 9), "people"."meta", NULL) -> \'$."city"\') AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, ["Rome", "Oslo"]),
        (4, ["Rome", "Oslo", None, None]),
    ),
    Entry(
        "json key",
        lambda db, v: found(db.people.filter(meta__city__startswith=v)),
        'SELECT "people"."id" FROM "people" WHERE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') != \'null\' AND instr((CASE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') WHEN \'text\' THEN json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') WHEN \'null\' THEN NULL ELSE (iif(json_valid("people"."meta", 9), "people"."meta", NULL) -> \'$."city"\') END), ?) = 1 ORDER BY "people"."id" ASC',
        ("R", [1]),
        ("o", []),
    ),
    Entry(
        "json key",
        lambda db, v: found(db.people.filter(meta__city__in=v)),
        'SELECT "people"."id" FROM "people" WHERE json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') IN (SELECT value FROM carray(?) AS anon_1) AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') = \'text\' ORDER BY "people"."id" ASC',
        (["Rome", "Oslo"], [1, 2]),
        (["Oslo"], [2]),
    ),
    Entry(
        "json key",
        lambda db, v: found(db.people.filter(meta__city__isnull=True, id__lte=v)),
        'SELECT "people"."id" FROM "people" WHERE (iif(json_valid("people"."meta", 9), "people"."meta", NULL) -> \'$."city"\') IS NULL AND "people"."id" <= ? ORDER BY "people"."id" ASC',
        (3, [3]),
        (2, []),
    ),
    Entry(
        "json key",
        lambda db, v: found(db.people.exclude(meta__city=v)),
        'SELECT "people"."id" FROM "people" WHERE NOT (json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') = ? AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') = \'text\' AND "people"."meta" IS NOT NULL) ORDER BY "people"."id" ASC',
        ("Rome", [2, 3, 4]),
        ("Oslo", [1, 3, 4]),
    ),
    Entry(
        "json index",
        lambda db, v: found(db.people.filter(meta__tags__0=v)),
        'SELECT "people"."id" FROM "people" WHERE json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."tags"[0]\') = ? AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."tags"[0]\') = \'text\' ORDER BY "people"."id" ASC',
        ("a", [1]),
        ("b", [2]),
    ),
    Entry(
        "json index",
        lambda db, v: found(db.people.filter(**{"meta__tags__-1": v})),
        'SELECT "people"."id" FROM "people" WHERE json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."tags"[#-1]\') = ? AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."tags"[#-1]\') = \'text\' ORDER BY "people"."id" ASC',
        ("a", []),
        ("b", [1, 2]),
    ),
    Entry(
        "json path",
        lambda db, v: found(db.people.filter(meta__size__w__gte=v)),
        'SELECT "people"."id" FROM "people" WHERE json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."size"."w"\') >= ? AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."size"."w"\') IN (\'integer\', \'real\') ORDER BY "people"."id" ASC',
        (1, [1]),
        (2, []),
    ),
    Entry(
        "json path",
        lambda db, v: found(db.people.annotate(w=F("meta__size__w")).filter(w=v)),
        'SELECT "people"."id" FROM "people" WHERE json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."size"."w"\') = ? AND json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."size"."w"\') IN (\'integer\', \'real\') ORDER BY "people"."id" ASC',
        (1, [1]),
        (2, []),
    ),
    Entry(
        "json contains",
        lambda db, v: found(db.people.filter(meta__contains=v)),
        'SELECT "people"."id" FROM "people" WHERE noormme_json_contains("people"."meta", ?) ORDER BY "people"."id" ASC',
        ({"city": "Rome"}, [1]),
        ({"tags": ["b"]}, [1, 2]),
    ),
    Entry(
        "json contained_by",
        lambda db, v: found(db.people.filter(meta__contained_by=v)),
        'SELECT "people"."id" FROM "people" WHERE noormme_json_contains(?, "people"."meta") ORDER BY "people"."id" ASC',
        ({"city": None}, [4]),
        ({"city": "Oslo", "tags": ["b", "c"]}, [2]),
    ),
    Entry(
        "json has_key",
        lambda db, v: found(db.people.filter(meta__has_key=v)),
        'SELECT "people"."id" FROM "people" WHERE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), ?) IS NOT NULL ORDER BY "people"."id" ASC',
        ("city", [1, 2, 4]),
        ("tags", [1, 2]),
    ),
    Entry(
        "json has_keys",
        lambda db, v: found(db.people.filter(meta__has_keys=v)),
        'SELECT "people"."id" FROM "people" WHERE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$\') IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM carray( ? ) AS noormme_keys WHERE json_type( iif(json_valid("people"."meta", 9), "people"."meta", NULL) , noormme_keys.value) IS NULL)) ORDER BY "people"."id" ASC',
        (["city", "tags"], [1, 2]),
        (["size", "vip"], [1]),
    ),
    Entry(
        "json has_any_keys",
        lambda db, v: found(db.people.filter(meta__has_any_keys=v)),
        'SELECT "people"."id" FROM "people" WHERE (EXISTS (SELECT 1 FROM carray( ? ) AS noormme_keys WHERE json_type( iif(json_valid("people"."meta", 9), "people"."meta", NULL) , noormme_keys.value) IS NOT NULL)) ORDER BY "people"."id" ASC',
        (["size", "tags"], [1, 2]),
        (["size", "x"], [1]),
    ),
    Entry(
        "json KT",
        lambda db, v: found(db.people.annotate(x=KT("meta__city")).filter(x__endswith=v)),
        'SELECT "people"."id" FROM "people" WHERE CASE WHEN ((CASE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') WHEN \'text\' THEN json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') WHEN \'null\' THEN NULL ELSE (iif(json_valid("people"."meta", 9), "people"."meta", NULL) -> \'$."city"\') END) IS NOT NULL) THEN coalesce(substr(CAST((CASE json_type(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') WHEN \'text\' THEN json_extract(iif(json_valid("people"."meta", 9), "people"."meta", NULL), \'$."city"\') WHEN \'null\' THEN NULL ELSE (iif(json_valid("people"."meta", 9), "people"."meta", NULL) -> \'$."city"\') END) AS BLOB), ?), x\'\') = ? END ORDER BY "people"."id" ASC',
        ("me", [1]),
        ("lo", [2]),
    ),
]
