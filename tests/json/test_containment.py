"""Containment and equality of documents: the examples of PostgreSQL's documentation, and against the rule itself."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import apsw
import pytest

from noormme.engines.sqlite.functions.containment import canonical, json_contains, json_of

# https://www.postgresql.org/docs/current/datatype-json.html#JSON-CONTAINMENT
EXAMPLES: list[tuple[str, str, bool]] = [
    ('"foo"', '"foo"', True),
    ("[1, 2, 3]", "[1, 3]", True),
    ("[1, 2, 3]", "[3, 1]", True),
    ("[1, 2, 3]", "[1, 2, 2]", True),
    ('{"product": "PostgreSQL", "version": 9.4, "jsonb": true}', '{"version": 9.4}', True),
    ("[1, 2, [1, 3]]", "[1, 3]", False),
    ("[1, 2, [1, 3]]", "[[1, 3]]", True),
    ('{"foo": {"bar": "baz"}}', '{"bar": "baz"}', False),
    ('{"foo": {"bar": "baz"}}', '{"foo": {}}', True),
    ('["foo", "bar"]', '"bar"', True),
    ('"bar"', '["bar"]', False),
    # Only at the top may an array stand for its elements.
    ('{"a": [1, 2]}', '{"a": 1}', False),
    ("[[1]]", "1", False),
    ("[]", "[]", True),
    ("[1]", "[]", True),
    ("{}", "{}", True),
    ("[]", "{}", False),
    ("{}", "[]", False),
    ("1", "1.0", True),
    ("1", "true", False),
    ("0", "false", False),
    ("[true]", "[1]", False),
    ("[true]", "true", True),
    ("null", "null", True),
    ("[null]", "null", True),
    ('{"a": null}', '{"a": null}', True),
    ("{}", '{"a": null}', False),
    ('[{"a": 1, "b": 2}, {"a": 3}]', '[{"a": 3}, {"b": 2}]', True),
    ('[{"a": 1}, {"b": 2}]', '[{"a": 1, "b": 2}]', False),
    ('{"a": "\\u00e9"}', '{"a": "é"}', True),
    ('{"\\u0061": 1}', '{"a": 1}', True),
    ('{"a\\/b": 1}', '{"a/b": 1}', True),
    ('{"a": "x\\ny"}', '{"a": "x\\ny"}', True),
]


@pytest.mark.parametrize(("document", "wanted", "expected"), EXAMPLES)
def test_examples(document: str, wanted: str, expected: bool) -> None:
    assert json_contains(document, wanted) is expected
    binary = apsw.jsonb_encode(json.loads(document))
    assert json_contains(binary, wanted) is expected
    assert json_contains(document.encode(), wanted) is expected


def slow(document: Any, wanted: Any) -> bool:
    """The rule as PostgreSQL's documentation says it, without haste."""
    if isinstance(document, list) and not isinstance(wanted, (list, dict)):
        return any(json.dumps(part) == json.dumps(wanted) for part in document)
    if isinstance(wanted, dict) and isinstance(document, dict):
        return all(key in document and inside(document[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(document, list):
        return all(any(inside(part, each) for part in document) for each in wanted)
    return json.dumps(document) == json.dumps(wanted)


def inside(document: Any, wanted: Any) -> bool:
    if isinstance(document, list) and not isinstance(wanted, list):
        return False
    return slow(document, wanted)


LEAVES: list[Any] = [1, True, None, "a", "1", [], {}]
SMALL: list[Any] = [
    *LEAVES,
    *([leaf] for leaf in LEAVES),
    *([left, right] for left, right in product(LEAVES[:4], repeat=2)),
    *({"a": leaf} for leaf in LEAVES),
    *({"a": left, "b": right} for left, right in product(LEAVES[:4], repeat=2)),
    *({"a": [leaf]} for leaf in LEAVES),
    *([[leaf]] for leaf in LEAVES),
    *([{"a": leaf}] for leaf in LEAVES),
]


def test_against_the_rule() -> None:
    held = 0
    for document, wanted in product(SMALL, repeat=2):
        expected = slow(document, wanted)
        assert json_contains(json.dumps(document), json.dumps(wanted)) is expected, (document, wanted)
        held += expected
    assert held > len(SMALL)


@pytest.mark.parametrize("stored", ["no json", "{", b"\xff", ""])
def test_what_is_no_json_contains_nothing_and_stays_itself(stored: str | bytes) -> None:
    assert json_contains(stored, "{}") is False
    assert json_of(stored) == stored
    assert json_contains(None, "{}") is None
    assert json_contains("{}", None) is None
    assert json_of(None) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"a": 1, "b": 2}', '{"b":2.0,"a":1e0}'),
        ('{"a": {"x": [1.0]}}', '{"a":{"x":[1]}}'),
        ('"\\u00e9"', '"é"'),
        ("1e2", "100"),
        ("-0.0", "0"),
        ('{"a": 0, "a": 1}', '{"a": 1}'),
        ('"\\ud800"', '"\\uD800"'),
    ],
)
def test_equal_documents_have_one_text(left: str, right: str) -> None:
    assert json_of(left) == json_of(right)


@pytest.mark.parametrize(
    ("left", "right"), [("1", "true"), ('"1"', "1"), ("[1, 2]", "[2, 1]"), ('""', "null"), ("1.5", "1")]
)
def test_others_do_not(left: str, right: str) -> None:
    assert json_of(left) != json_of(right)


def test_the_text_is_compact_and_sorted() -> None:
    assert canonical({"b": [1.0, 2.5, "1.0", "1e2"], "a": True}) == '{"a":true,"b":[1,2.5,"1.0","1e2"]}'
