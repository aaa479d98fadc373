"""The table of the language: functions of numbers.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from noormme import F
from noormme.functions import (
    Abs,
    ACos,
    ASin,
    ATan,
    ATan2,
    Ceil,
    Cos,
    Cot,
    Degrees,
    Exp,
    Floor,
    Ln,
    Log,
    Mod,
    Pi,
    Power,
    Radians,
    Random,
    Round,
    Sign,
    Sin,
    Sqrt,
    Tan,
)
from tests.language.entries import Entry, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "function Abs",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=Abs(F("height") - 1.6))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT abs(("people"."height" - ?)) AS abs_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.10000000000000009, 0.1499999999999999]),
        (4, [0.10000000000000009, 0.1499999999999999, None, 0.3500000000000001]),
    ),
    Entry(
        "function Ceil",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=Ceil(F("height") - 1.6))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT ceil(("people"."height" - ?)) AS ceil_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [-0.0, 1.0]),
        (4, [-0.0, 1.0, None, -0.0]),
    ),
    Entry(
        "function Floor",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=Floor(F("height") - 1.6))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT floor(("people"."height" - ?)) AS floor_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [-1.0, 0.0]),
        (4, [-1.0, 0.0, None, -1.0]),
    ),
    Entry(
        "function Exp",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Exp("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT noormme_exp("people"."height") AS noormme_exp_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [4.4816890703380645, 5.754602676005731]),
        (4, [4.4816890703380645, 5.754602676005731, None, 3.4903429574618414]),
    ),
    Entry(
        "function Ln",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Ln("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT ln("people"."height") AS ln_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.4054651081081644, 0.5596157879354227]),
        (4, [0.4054651081081644, 0.5596157879354227, None, 0.22314355131420976]),
    ),
    Entry(
        "function Sqrt",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Sqrt("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT sqrt("people"."height") AS sqrt_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1.224744871391589, 1.3228756555322954]),
        (4, [1.224744871391589, 1.3228756555322954, None, 1.118033988749895]),
    ),
    Entry(
        "function Sin",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Sin("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT sin("people"."height") AS sin_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.9974949866040544, 0.9839859468739369]),
        (4, [0.9974949866040544, 0.9839859468739369, None, 0.9489846193555862]),
    ),
    Entry(
        "function Cos",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Cos("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT cos("people"."height") AS cos_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.0707372016677029, -0.17824605564949209]),
        (4, [0.0707372016677029, -0.17824605564949209, None, 0.3153223623952687]),
    ),
    Entry(
        "function Tan",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Tan("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT tan("people"."height") AS tan_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [14.101419947171719, -5.52037992250933]),
        (4, [14.101419947171719, -5.52037992250933, None, 3.0095696738628313]),
    ),
    Entry(
        "function Cot",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Cot("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT (1.0 / tan("people"."height")) AS anon_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.07091484430265245, -0.18114695257159807]),
        (4, [0.07091484430265245, -0.18114695257159807, None, 0.3322734172545286]),
    ),
    Entry(
        "function Degrees",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=Degrees("height"))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT degrees("people"."height") AS degrees_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [85.94366926962348, 100.26761414789407]),
        (4, [85.94366926962348, 100.26761414789407, None, 71.6197243913529]),
    ),
    Entry(
        "function Radians",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=Radians("height"))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT radians("people"."height") AS radians_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.026179938779914945, 0.030543261909900768]),
        (4, [0.026179938779914945, 0.030543261909900768, None, 0.02181661564992912]),
    ),
    Entry(
        "function ATan",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=ATan("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT atan("people"."height") AS atan_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.982793723247329, 1.0516502125483738]),
        (4, [0.982793723247329, 1.0516502125483738, None, 0.8960553845713439]),
    ),
    Entry(
        "function Sign",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=Sign(F("height") - 1.6))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT CAST(sign(("people"."height" - ?)) AS REAL) AS sign_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [-1.0, 1.0]),
        (4, [-1.0, 1.0, None, -1.0]),
    ),
    Entry(
        "function ACos",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=ACos(F("height") - 1))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT acos(("people"."height" - ?)) AS acos_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [1.0471975511965979, 0.7227342478134157]),
        (4, [1.0471975511965979, 0.7227342478134157, None, 1.318116071652818]),
    ),
    Entry(
        "function ASin",
        lambda db, v: (
            db.people.filter(id__lte=v)
            .annotate(x=ASin(F("height") - 1))
            .order_by("id")
            .values_list("x", flat=True)
        ),
        'SELECT asin(("people"."height" - ?)) AS asin_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [0.5235987755982989, 0.848062078981481]),
        (4, [0.5235987755982989, 0.848062078981481, None, 0.25268025514207865]),
    ),
    Entry(
        "function ATan2",
        lambda db, v: db.people.annotate(x=ATan2("height", v)).order_by("id").values_list("x", flat=True),
        'SELECT atan2("people"."height", ?) AS atan2_1 FROM "people" ORDER BY "people"."id" ASC',
        (1.0, [0.982793723247329, 1.0516502125483738, None, 0.8960553845713439]),
        (2.0, [0.6435011087932844, 0.7188299996216245, None, 0.5585993153435624]),
    ),
    Entry(
        "function Log",
        lambda db, v: db.people.annotate(x=Log(v, "age")).order_by("id").values_list("x", flat=True),
        'SELECT noormme_log(?, "people"."age") AS noormme_log_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, [4.954196310386875, 4.087462841250339, None, 5.491853096329675]),
        (10, [1.4913616938342726, 1.2304489213782739, None, 1.6532125137753437]),
    ),
    Entry(
        "function Mod",
        lambda db, v: db.people.annotate(x=Mod("age", v)).order_by("id").values_list("x", flat=True),
        'SELECT noormme_mod("people"."age", ?) AS noormme_mod_1 FROM "people" ORDER BY "people"."id" ASC',
        (10, [1, 7, None, 5]),
        (7, [3, 3, None, 3]),
    ),
    Entry(
        "function Pi",
        lambda db, v: db.people.filter(id__lte=v).annotate(x=Pi()).order_by("id").values_list("x", flat=True),
        'SELECT pi() AS pi_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [3.141592653589793]),
        (2, [3.141592653589793, 3.141592653589793]),
    ),
    Entry(
        "function Power",
        lambda db, v: db.people.annotate(x=Power("height", v)).order_by("id").values_list("x", flat=True),
        'SELECT noormme_power("people"."height", ?) AS noormme_power_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, [2.25, 3.0625, None, 1.5625]),
        (3, [3.375, 5.359375, None, 1.953125]),
    ),
    Entry(
        "function Random",
        lambda db, v: [
            0 <= x < 1
            for x in db.people.filter(id__lte=v)
            .annotate(x=Random())
            .order_by("id")
            .values_list("x", flat=True)
        ],
        'SELECT ((random() & 9007199254740991) / 9007199254740992.0) FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (1, [True]),
        (2, [True, True]),
    ),
    Entry(
        "function Round",
        lambda db, v: (
            db.people.filter(id__lte=v).annotate(x=Round("height")).order_by("id").values_list("x", flat=True)
        ),
        'SELECT noormme_round("people"."height", ?) AS noormme_round_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [2.0, 2.0]),
        (4, [2.0, 2.0, None, 1.0]),
    ),
    Entry(
        "function Round",
        lambda db, v: (
            db.people.annotate(x=Round("height", precision=v)).order_by("id").values_list("x", flat=True)
        ),
        'SELECT noormme_round("people"."height", ?) AS noormme_round_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, [1.5, 1.8, None, 1.3]),
        (0, [2.0, 2.0, None, 1.0]),
    ),
    Entry(
        "function Abs",
        lambda db, v: found(db.people.annotate(x=Abs(F("age") - 30)).filter(x__lt=v)),
        'SELECT "people"."id" FROM "people" WHERE abs(("people"."age" - ?)) < ? ORDER BY "people"."id" ASC',
        (5, [1]),
        (15, [1, 2]),
    ),
]
