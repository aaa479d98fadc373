"""The table of the language: functions of texts.

Invariant: every query here runs as one shape for both of its values.
"""

from __future__ import annotations

from noormme import Value
from noormme.functions import (
    MD5,
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    Chr,
    Concat,
    Left,
    Length,
    Lower,
    LPad,
    LTrim,
    Ord,
    Repeat,
    Replace,
    Reverse,
    Right,
    RPad,
    RTrim,
    StrIndex,
    Substr,
    Trim,
    Upper,
)
from tests.language.entries import Entry, computed, found

__all__ = ["ENTRIES"]

ENTRIES: list[Entry] = [
    Entry(
        "function Chr",
        lambda db, v: found(db.people.filter(name__startswith=Chr(v))),
        'SELECT "people"."id" FROM "people" WHERE instr("people"."name", noormme_chr(?)) = 1 ORDER BY "people"."id" ASC',
        (65, [1]),
        (201, [4]),
    ),
    Entry(
        "function Concat",
        lambda db, v: computed(db.people, Concat("name", Value(v), "email")),
        'SELECT concat("people"."name", ?, "people"."email") AS concat_1 FROM "people" ORDER BY "people"."id" ASC',
        (" - ", ["Ann - ann@example.com", "Bob - ", "Cleo - cleo@example.com", "Émile - emile@example.com"]),
        ("/", ["Ann/ann@example.com", "Bob/", "Cleo/cleo@example.com", "Émile/emile@example.com"]),
    ),
    Entry(
        "function Left",
        lambda db, v: computed(db.people, Left("name", v)),
        'SELECT noormme_left("people"."name", ?) AS noormme_left_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, ["A", "B", "C", "É"]),
        (3, ["Ann", "Bob", "Cle", "Émi"]),
    ),
    Entry(
        "function Right",
        lambda db, v: computed(db.people, Right("name", v)),
        'SELECT noormme_right("people"."name", ?) AS noormme_right_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, ["n", "b", "o", "e"]),
        (3, ["Ann", "Bob", "leo", "ile"]),
    ),
    Entry(
        "function Length",
        lambda db, v: computed(db.people.filter(id__lte=v), Length("name")),
        'SELECT length("people"."name") AS length_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [3, 3]),
        (4, [3, 3, 4, 5]),
    ),
    Entry(
        "function Length",
        lambda db, v: found(db.people.annotate(x=Length("email")).filter(x__gt=v)),
        'SELECT "people"."id" FROM "people" WHERE length("people"."email") > ? ORDER BY "people"."id" ASC',
        (15, [3, 4]),
        (16, [4]),
    ),
    Entry(
        "function Lower",
        lambda db, v: computed(db.people.filter(id__lte=v), Lower("name")),
        'SELECT noormme_lower("people"."name") AS noormme_lower_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, ["ann", "bob"]),
        (4, ["ann", "bob", "cleo", "émile"]),
    ),
    Entry(
        "function Upper",
        lambda db, v: computed(db.people.filter(id__lte=v), Upper("name")),
        'SELECT noormme_upper("people"."name") AS noormme_upper_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, ["ANN", "BOB"]),
        (4, ["ANN", "BOB", "CLEO", "ÉMILE"]),
    ),
    Entry(
        "function LPad",
        lambda db, v: computed(db.people, LPad("name", v, Value("*"))),
        'SELECT noormme_lpad("people"."name", ?, ?) AS noormme_lpad_1 FROM "people" ORDER BY "people"."id" ASC',
        (5, ["**Ann", "**Bob", "*Cleo", "Émile"]),
        (2, ["An", "Bo", "Cl", "Ém"]),
    ),
    Entry(
        "function RPad",
        lambda db, v: computed(db.people, RPad("name", v, Value("*"))),
        'SELECT noormme_rpad("people"."name", ?, ?) AS noormme_rpad_1 FROM "people" ORDER BY "people"."id" ASC',
        (5, ["Ann**", "Bob**", "Cleo*", "Émile"]),
        (2, ["An", "Bo", "Cl", "Ém"]),
    ),
    Entry(
        "function LTrim",
        lambda db, v: (
            db.people.filter(id=v)
            .annotate(x=LTrim(Concat(Value("  "), "name", Value(" "))))
            .values_list("x", flat=True)
        ),
        'SELECT ltrim(concat(?, "people"."name", ?)) AS ltrim_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["Ann "]),
        (2, ["Bob "]),
    ),
    Entry(
        "function RTrim",
        lambda db, v: (
            db.people.filter(id=v)
            .annotate(x=RTrim(Concat(Value("  "), "name", Value(" "))))
            .values_list("x", flat=True)
        ),
        'SELECT rtrim(concat(?, "people"."name", ?)) AS rtrim_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["  Ann"]),
        (2, ["  Bob"]),
    ),
    Entry(
        "function Trim",
        lambda db, v: (
            db.people.filter(id=v)
            .annotate(x=Trim(Concat(Value("  "), "name", Value(" "))))
            .values_list("x", flat=True)
        ),
        'SELECT trim(concat(?, "people"."name", ?)) AS trim_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["Ann"]),
        (2, ["Bob"]),
    ),
    Entry(
        "function Ord",
        lambda db, v: computed(db.people.filter(id__lte=v), Ord("name")),
        'SELECT noormme_ord("people"."name") AS noormme_ord_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, [65, 66]),
        (4, [65, 66, 67, 201]),
    ),
    Entry(
        "function Repeat",
        lambda db, v: computed(db.people, Repeat("name", v)),
        'SELECT noormme_repeat("people"."name", ?) AS noormme_repeat_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, ["AnnAnn", "BobBob", "CleoCleo", "ÉmileÉmile"]),
        (0, ["", "", "", ""]),
    ),
    Entry(
        "function Replace",
        lambda db, v: computed(db.people, Replace("name", Value(v), Value("_"))),
        'SELECT replace("people"."name", ?, ?) AS replace_1 FROM "people" ORDER BY "people"."id" ASC',
        ("n", ["A__", "Bob", "Cleo", "Émile"]),
        ("o", ["Ann", "B_b", "Cle_", "Émile"]),
    ),
    Entry(
        "function Replace",
        lambda db, v: computed(db.people, Replace("name", Value(v))),
        'SELECT replace("people"."name", ?, ?) AS replace_1 FROM "people" ORDER BY "people"."id" ASC',
        ("n", ["A", "Bob", "Cleo", "Émile"]),
        ("o", ["Ann", "Bb", "Cle", "Émile"]),
    ),
    Entry(
        "function Reverse",
        lambda db, v: computed(db.people.filter(id__lte=v), Reverse("name")),
        'SELECT noormme_reverse("people"."name") AS noormme_reverse_1 FROM "people" WHERE "people"."id" <= ? ORDER BY "people"."id" ASC',
        (2, ["nnA", "boB"]),
        (4, ["nnA", "boB", "oelC", "elimÉ"]),
    ),
    Entry(
        "function StrIndex",
        lambda db, v: computed(db.people, StrIndex("name", Value(v))),
        'SELECT instr("people"."name", ?) AS instr_1 FROM "people" ORDER BY "people"."id" ASC',
        ("n", [2, 0, 0, 0]),
        ("e", [0, 0, 3, 5]),
    ),
    Entry(
        "function Substr",
        lambda db, v: computed(db.people, Substr("name", 1, v)),
        'SELECT noormme_substr("people"."name", ?, ?) AS noormme_substr_1 FROM "people" ORDER BY "people"."id" ASC',
        (1, ["A", "B", "C", "É"]),
        (2, ["An", "Bo", "Cl", "Ém"]),
    ),
    Entry(
        "function Substr",
        lambda db, v: computed(db.people, Substr("name", v)),
        'SELECT noormme_substr("people"."name", ?) AS noormme_substr_1 FROM "people" ORDER BY "people"."id" ASC',
        (2, ["nn", "ob", "leo", "mile"]),
        (3, ["n", "b", "eo", "ile"]),
    ),
    Entry(
        "function MD5",
        lambda db, v: db.people.filter(id=v).annotate(x=MD5("name")).values_list("x", flat=True),
        'SELECT noormme_hash("people"."name", \'md5\') AS noormme_hash_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["82e335f7ac0e0e412b2ae15abe662110"]),
        (4, ["9a86dba177b44cb492d5dce53821da5e"]),
    ),
    Entry(
        "function SHA1",
        lambda db, v: db.people.filter(id=v).annotate(x=SHA1("name")).values_list("x", flat=True),
        'SELECT noormme_hash("people"."name", \'sha1\') AS noormme_hash_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["219dc550cd320d69885a529524239d875ad19347"]),
        (4, ["e2ac637eac74a7955ecbabca1ed8517928fa37f6"]),
    ),
    Entry(
        "function SHA224",
        lambda db, v: db.people.filter(id=v).annotate(x=SHA224("name")).values_list("x", flat=True),
        'SELECT noormme_hash("people"."name", \'sha224\') AS noormme_hash_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["56e4882496fb46bfbfdd855fffb2471e749c79dc2495e217f5a6763b"]),
        (4, ["9eb346ebf0c75db20934ac2dec61489d0db54c7dd58e228e76ce1107"]),
    ),
    Entry(
        "function SHA256",
        lambda db, v: db.people.filter(id=v).annotate(x=SHA256("name")).values_list("x", flat=True),
        'SELECT noormme_hash("people"."name", \'sha256\') AS noormme_hash_1 FROM "people" WHERE "people"."id" = ?',
        (1, ["17239b6e250110330eda64a29c610bf146f89883371fab093feda03bec61b646"]),
        (4, ["afb4b674db82eb614f344e86306dbb80fb08d5fa1df423da1bac63ed42200bb6"]),
    ),
    Entry(
        "function SHA384",
        lambda db, v: db.people.filter(id=v).annotate(x=SHA384("name")).values_list("x", flat=True),
        'SELECT noormme_hash("people"."name", \'sha384\') AS noormme_hash_1 FROM "people" WHERE "people"."id" = ?',
        (
            1,
            [
                "e22134561061b71e2221920884c207367b29694f6688f8ff6597cc50b96f85e5020cfc2c5eacc56aa1827af8b029e122"
            ],
        ),
        (
            4,
            [
                "64f0ad477c2949b5d2516ed7c698fd99b25ed237a1fd9d6c2269abeea8f3be8a7c99f56c76eb969e0ddc0d36771caee8"
            ],
        ),
    ),
    Entry(
        "function SHA512",
        lambda db, v: db.people.filter(id=v).annotate(x=SHA512("name")).values_list("x", flat=True),
        'SELECT noormme_hash("people"."name", \'sha512\') AS noormme_hash_1 FROM "people" WHERE "people"."id" = ?',
        (
            1,
            [
                "3c11bcaa206c74850f1c42a79479533903039f364da04452c72bb2120ac360a5d41cc705107a77062c4aae6e0af7d19434163898f13168013b6c1576fc6df169"
            ],
        ),
        (
            4,
            [
                "7363cd0f9350c40abaa9ee1f56eae35570ccb6186202f0c9fdeb17d2da0f630cd71da0e33b14eecf2dfb8129a0f5f282a2abc230d8dd96dcd9175526aa1ba679"
            ],
        ),
    ),
]
