"""What a copy refuses, and that it has written nothing when it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from noormme import ConnectionFailed, InvalidValue, TableNotFound, UnsafeOperation, UsageError, connect
from noormme.copying import copy

SMALL = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born DATE);
INSERT INTO people VALUES (1, 'Ann', '2001-02-03'), (2, 'Bob', NULL);
CREATE TABLE pets (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES people (id), name TEXT);
INSERT INTO pets VALUES (1, 2, 'Rex');
"""
ODD = """
CREATE TABLE events (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, day DATE, size INTEGER NOT NULL, note TEXT
);
INSERT INTO events VALUES (1, 'a', '2024-01-31', 1, 'x');
INSERT INTO events VALUES (7, 'b', 'tomorrow', 2, 'y');
INSERT INTO events VALUES (9, 'c', '', 3, 'z');
"""


def tables_of(target: str | Path) -> list[str]:
    with connect(target, readonly=True) as db:
        return db.tables


def test_a_dry_run_writes_nothing(made: Callable[..., Path], url: str, tmp_path: Path) -> None:
    source = made(SMALL)
    report = copy(source, url, dry_run=True)
    assert report.dry_run
    assert tables_of(url) == []
    assert [(table.name, table.rows, table.matches) for table in report.tables] == [
        ("people", 2, None),
        ("pets", 1, None),
    ]
    assert report.statements[0].startswith('CREATE TABLE "people" (')
    assert report.statements[-1] == (
        'ALTER TABLE "pets" ADD FOREIGN KEY ("owner_id") REFERENCES "people" ("id")'
    )
    target = tmp_path / "new.db"
    assert copy(source, target, dry_run=True).target == str(target)
    assert not target.exists()


def test_a_target_that_has_such_tables(made: Callable[..., Path], url: str) -> None:
    source = made(SMALL)
    copy(source, url)
    with connect(url) as db:
        db.people.filter(id=1).update(name="Changed")
    with pytest.raises(UnsafeOperation, match="has tables or views of these names already: people, pets"):
        copy(source, url)
    with connect(url, readonly=True) as db:
        assert db.people.get(id=1).name == "Changed"
    assert copy(source, url, replace=True).verified
    with connect(url, readonly=True) as db:
        assert db.people.get(id=1).name == "Ann"


def test_other_tables_of_the_target_stay(made: Callable[..., Path], url: str) -> None:
    copy(made("CREATE TABLE other (id INTEGER PRIMARY KEY); INSERT INTO other VALUES (5)", "other.db"), url)
    assert copy(made(SMALL), url, replace=True).verified
    with connect(url, readonly=True) as db:
        assert db.tables == ["other", "people", "pets"]
        assert db.other.count() == 1


def test_a_value_that_is_none_of_its_type(made: Callable[..., Path], url: str) -> None:
    source = made(ODD)
    with pytest.raises(InvalidValue) as caught:
        copy(source, url)
    assert "events.day (date) has 2 values that are none, the first in the row with the key 7" in str(
        caught.value
    )
    assert "--on-bad-value=text" in (caught.value.hint or "")
    assert "tomorrow" not in str(caught.value)
    assert tables_of(url) == []
    report = copy(source, url, on_bad_value="null")
    assert report.verified
    assert "2 values that are none of its type; they become NULL" in str(report.differences[-1])
    with connect(url, readonly=True) as db:
        found = db.events.order_by("id").values_list("id", "day", "size")
        assert [(key, str(day), size) for key, day, size in found] == [
            (1, "2024-01-31", 1),
            (7, "None", 2),
            (9, "None", 3),
        ]
    report = copy(source, url, on_bad_value="text", replace=True)
    assert report.verified
    with connect(url, readonly=True) as db:
        assert list(db.events.order_by("id").values_list("day", flat=True)) == ["2024-01-31", "tomorrow", ""]
        assert db.schema.table("events").column("day").declared_type == "text"


def test_null_is_no_way_out_where_a_column_takes_none(made: Callable[..., Path], url: str) -> None:
    source = made(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (3, 'many')"
    )
    for mode in ("error", "null"):
        with pytest.raises(InvalidValue, match=r"t\.n \(integer\) has 1 value that is none, .* key 3"):
            copy(source, url, on_bad_value=mode)
    assert copy(source, url, on_bad_value="text").verified


def test_text_that_postgresql_cannot_hold(made: Callable[..., Path], url: str) -> None:
    source = made(
        """
        CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
        INSERT INTO t VALUES (1, 'x' || char(0) || 'y', 'fine'), (2, 'plain', CAST(x'ff41' AS TEXT));
        """
    )
    with pytest.raises(InvalidValue, match=r"t\.a \(text\) has 1 value .* key 1; t\.b \(text\) .* key 2"):
        copy(source, url)
    assert copy(source, url, on_bad_value="text").verified
    with connect(url, readonly=True) as db:
        assert list(db.t.order_by("id").values_list("a", "b")) == [
            (b"x\0y", b"fine"),
            (b"plain", b"\xff\x41"),
        ]


def test_names_of_tables(made: Callable[..., Path], tmp_path: Path) -> None:
    source = made(SMALL)
    report = copy(source, tmp_path / "one.db", tables=["people"])
    assert [table.name for table in report.tables] == ["people"]
    report = copy(source, tmp_path / "two.db", exclude=["people"])
    assert [table.name for table in report.tables] == ["pets"]
    with pytest.raises(TableNotFound, match="no table 'peple'") as caught:
        copy(source, tmp_path / "three.db", tables=["peple"])
    assert caught.value.hint == "did you mean 'people'?"
    assert not (tmp_path / "three.db").exists()


def test_a_key_to_a_table_that_is_left_out(made: Callable[..., Path], url: str) -> None:
    report = copy(made(SMALL), url, exclude=["people"])
    assert [str(each) for each in report.differences] == [
        "pets (owner_id): a foreign key to people, which is not copied; left out"
    ]
    assert report.verified


def test_the_same_database_by_another_url(made: Callable[..., Path], url: str) -> None:
    """What is to be replaced at the target would be gone from the source."""
    copy(made(SMALL), url)
    if "127.0.0.1" not in url:
        pytest.skip("the server is reached by one name only")
    other = url.replace("127.0.0.1", "localhost")
    with pytest.raises(UsageError, match="same database"):
        copy(url, other, replace=True)
    with connect(url) as db:
        assert "people" in db.tables
        assert db.people.count()
        assert "_noormme_copy" not in db.tables


def test_the_same_database(made: Callable[..., Path], url: str) -> None:
    source = made(SMALL)
    with pytest.raises(UsageError, match="same file"):
        copy(source, source)
    with pytest.raises(UsageError, match="same database"):
        copy(url, url)


def test_databases_that_cannot_be_opened(made: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match="there is no file"):
        copy(tmp_path / "none.db", tmp_path / "target.db")
    with pytest.raises(ConnectionFailed, match="cannot create"):
        copy(made(SMALL), tmp_path / "no_folder" / "target.db")


@pytest.mark.parametrize(("option", "value"), [("batch_rows", 0), ("on_bad_value", "ignore")])
def test_options_that_mean_nothing(
    option: str, value: object, made: Callable[..., Path], tmp_path: Path
) -> None:
    options: dict[str, object] = {option: value}
    with pytest.raises(UsageError, match=option):
        copy(made(SMALL), tmp_path / "target.db", **options)


def test_a_source_that_is_written_to_meanwhile_is_noticed(made: Callable[..., Path], tmp_path: Path) -> None:
    source, target = made(SMALL), tmp_path / "target.db"
    with connect(source) as db:
        seen: list[str] = []

        def told(progress: object) -> None:
            seen.append(getattr(progress, "phase", ""))
            if seen[-1] == "copying" and getattr(progress, "done", 0) == 3:
                db.people.filter(id=1).update(name="Later")

        report = copy(source, target, progress=told)
    assert not report.verified
    assert [table.name for table in report.mismatches] == ["people"]
    # What is known of it is kept: it is no finished copy.
    assert "_noormme_copy" in tables_of(target)
    for _ in range(2):
        again = copy(source, target)
        assert (again.resumed, again.verified) == (True, False)
    again = copy(source, target, replace=True)
    assert (again.resumed, again.verified) == (False, True)
    with connect(target, readonly=True) as db:
        assert db.people.get(id=1).name == "Later"
        assert "_noormme_copy" not in db.tables


def test_only_the_tables(made: Callable[..., Path], url: str) -> None:
    report = copy(made(SMALL), url, schema_only=True)
    assert not report.verified
    with connect(url, readonly=True) as db:
        assert db.tables == ["people", "pets"]
        assert db.people.count() == 0
