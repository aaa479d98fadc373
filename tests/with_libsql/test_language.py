"""The table of the language on libSQL: every query gives what it gives on SQLite, or says that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from noormme import Database, NoormmeError, NotSupported, connect
from tests.language.entries import Entry, plain
from tests.language.table_updates import REFUSED, UPDATES, Refusal, Update
from tests.language.test_table import ENTRIES
from tests.language.test_updates import run
from tests.language.world import SCRIPT
from tests.with_libsql.server import emptied, load

OTHERWISE = {
    "lookup regex": "libSQL has no regular expressions of Python's",
    "lookup iregex": "libSQL has no regular expressions of Python's",
    **dict.fromkeys(
        [f"function {name}" for name in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")],
        "libSQL has no hashes",
    ),
    "json contains": "libSQL cannot say whether a JSON document contains another",
    "json contained_by": "libSQL cannot say whether a JSON document contains another",
}
"""What libSQL cannot do, and what it says."""


@pytest.fixture(scope="module")
def db(server: str) -> Iterator[Database]:
    load(emptied(server), SCRIPT)
    with connect(server) as database:
        yield database


def numbered(table: list[Entry]) -> list[object]:
    return [pytest.param(each, id=f"{number}-{each.about}") for number, each in enumerate(table)]


@pytest.mark.parametrize("entry", numbered([each for each in ENTRIES if each.about not in OTHERWISE]))
def test_rows(db: Database, entry: Entry) -> None:
    for value, answer in (entry.first, entry.second):
        assert _rounded(plain(entry.ask(db, value))) == _rounded(answer)


@pytest.mark.parametrize("entry", numbered([each for each in ENTRIES if each.about in OTHERWISE]))
def test_what_it_cannot(db: Database, entry: Entry) -> None:
    with pytest.raises(NotSupported) as caught:
        plain(entry.ask(db, entry.first[0]))
    assert str(caught.value).startswith(OTHERWISE[entry.about])
    assert caught.value.hint


def _rounded(answer: object) -> object:
    """An answer whose computed numbers have as many digits as both are sure of."""
    if isinstance(answer, dict):
        return {key: _rounded(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [_rounded(value) for value in answer]
    return round(answer, 12) if isinstance(answer, Decimal | float) else answer


@pytest.mark.parametrize("update", [pytest.param(each, id=each.about) for each in UPDATES])
def test_updates(db: Database, update: Update) -> None:
    for value, rows in (update.first, update.second):
        assert run(db, update, value)[1] == rows


@pytest.mark.parametrize("refusal", [pytest.param(each, id=each.about) for each in REFUSED])
def test_what_is_refused(db: Database, refusal: Refusal) -> None:
    with pytest.raises(NoormmeError) as caught:
        refusal.rows(db).update(**refusal.values(db))
    assert str(caught.value).startswith(refusal.message)
