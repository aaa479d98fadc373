"""The same conditions in Django 5.2 on SQLite: the same rows, but where its SQLite cannot tell values apart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from noormme import Database
from tests.json.test_conditions import HOLDS, label, names
from tests.json.world import Form

pytest.importorskip("django", minversion="5.2", reason="Django is the oracle of these tests")

DEVIATIONS: dict[str, tuple[str, ...]] = {
    "there, true is the text true": (
        "meta__k='true'",
        "meta__k=True",
        "meta__k__in=['x', 1, True, [1, 2]]",
    ),
    "there, an array is its text": ("meta__k=[1, 2]", "meta__k=(1, 2)", "meta__k='[1,2]'"),
    "there, arrays and objects are equal as text": (
        "meta__k=[1.0, 2]",
        "meta__k={'a': 2, 'b': 1}",
        "meta__k={'b': 1, 'a': 2.0}",
        "meta={'n': None, 'k': None}",
    ),
    "there, every text is greater than every number, and null is the text null": (
        "meta__n__gt=3",
        "meta__n__gte=3",
        "meta__n__gt='0'",
        "meta__n__gt=False",
        "meta__gt=4",
        "meta__k__icontains='UL'",
    ),
    "there, the ends of a range are texts": ("meta__n__range=(2, 5)",),
    "there, it fails": (
        "meta__owner__langs__-1='de'",
        "meta__-1='last'",
        "meta__owner__has_keys=[]",
        "meta__has_any_keys=[]",
    ),
}
"""Conditions that have other rows there, by what is to blame. ``contains`` and ``contained_by`` fail there too."""


@pytest.fixture(scope="session")
def answers(files: dict[Form, Path]) -> dict[tuple[str, str], Any]:
    """Django's answers, by method and condition."""
    asked = [(method, lookups) for lookups, _ in HOLDS for method in ("filter", "exclude")]
    worker = Path(__file__).with_name("django_worker.py")
    done = subprocess.run(
        [sys.executable, "-P", str(worker), str(files["text"])],
        input=repr(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return {(method, label(lookups)): answer for (method, lookups), answer in zip(asked, found, strict=True)}


@pytest.mark.parametrize("method", ["filter", "exclude"])
@pytest.mark.parametrize("lookups", [lookups for lookups, _ in HOLDS], ids=label)
def test_the_same_rows(
    text_db: Database, answers: dict[tuple[str, str], Any], method: str, lookups: dict[str, Any]
) -> None:
    theirs = answers[method, label(lookups)]
    ours = names(getattr(text_db.things, method)(**lookups))
    known = {condition for conditions in DEVIATIONS.values() for condition in conditions}
    if label(lookups) in known or any("__contain" in name for name in lookups):
        assert ours != theirs, "it deviates no longer"
    else:
        assert ours == theirs
