"""The table of the language on MariaDB: every query gives what it gives on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from noormme import Database, NoormmeError, connect
from tests.language.entries import Entry, plain
from tests.language.table_updates import REFUSED, UPDATES, Refusal, Update
from tests.language.test_table import ENTRIES
from tests.language.test_updates import run
from tests.language.world import build
from tests.mysql.mirror import mirror
from tests.mysql.server import new_database

OTHERWISE: dict[str, str] = {
    "method explain": "the plan is the server's own",
    "expression GroupRange": "windows count no groups of rows there",
    "expression RawSQL": "length() counts bytes there",
    "function Collate": "collations have other names",
}
"""What cannot be the same, and why."""


@pytest.fixture(scope="module")
def db(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = build(tmp_path_factory.mktemp("mysql") / "language.db")
    with new_database(server) as url:
        with connect(path) as source:
            mirror(source, url)
        with connect(url) as database:
            yield database


def numbered(table: list[Entry]) -> list[object]:
    return [pytest.param(each, id=f"{number}-{each.about}") for number, each in enumerate(table)]


@pytest.mark.parametrize("entry", numbered([each for each in ENTRIES if each.about not in OTHERWISE]))
def test_rows(db: Database, entry: Entry) -> None:
    for value, answer in (entry.first, entry.second):
        assert _rounded(plain(entry.ask(db, value))) == _rounded(answer)


def _rounded(answer: object) -> object:
    """An answer whose computed decimals have as many digits as SQLite is sure of."""
    if isinstance(answer, dict):
        return {key: _rounded(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [_rounded(value) for value in answer]
    return round(answer, 9) if isinstance(answer, Decimal | float) else answer


@pytest.mark.parametrize("update", [pytest.param(each, id=each.about) for each in UPDATES])
def test_updates(db: Database, update: Update) -> None:
    for value, rows in (update.first, update.second):
        assert run(db, update, value)[1] == rows


@pytest.mark.parametrize("refusal", [pytest.param(each, id=each.about) for each in REFUSED])
def test_what_is_refused(db: Database, refusal: Refusal) -> None:
    with pytest.raises(NoormmeError) as caught:
        refusal.rows(db).update(**refusal.values(db))
    assert str(caught.value).startswith(refusal.message)
