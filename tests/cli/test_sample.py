"""The sample database: the same rows every time, and every rule of its own schema kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import apsw
import pytest

from noormme.errors import ConnectionFailed, UnsafeOperation
from noormme.sample import build, row_counts

TABLES = [
    "clients",
    "database_config",
    "editors",
    "messages",
    "password_reset_tokens",
    "payments",
    "profiles",
    "project_clients",
    "project_types",
    "projects",
    "user_roles",
    "users",
    "video_versions",
]


def digest(path: Path) -> str:
    # The file is closed: nothing holds locks that this read could drop.
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_full_size_has_fifty_thousand_rows_and_no_broken_rule(tmp_path: Path) -> None:
    path = build(tmp_path / "studio.db")
    connection = apsw.Connection(str(path))
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
    assert sorted(names) == TABLES
    assert counts == row_counts()
    assert sum(counts.values()) == 50_000
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["studio.db"]


def test_two_builds_are_the_same_file(tmp_path: Path) -> None:
    assert digest(build(tmp_path / "a.db", scale=0.05)) == digest(build(tmp_path / "b.db", scale=0.05))


@pytest.mark.parametrize("scale", [1e-9, 0.001, 0.013, 0.11])
def test_every_scale_keeps_the_rules(tmp_path: Path, scale: float) -> None:
    path = build(tmp_path / "studio.db", scale=scale)
    connection = apsw.Connection(str(path))
    for table, expected in row_counts(scale).items():
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (expected,)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_distributions_leave_something_to_ask_for(tmp_path: Path) -> None:
    connection = apsw.Connection(str(build(tmp_path / "studio.db", scale=0.2)))

    def ask(sql: str) -> int:
        (count,) = connection.execute(sql).fetchone()
        return int(count)

    assert ask("SELECT count(DISTINCT status) FROM projects") == 5
    assert ask("SELECT count(DISTINCT status) FROM payments") == 4
    assert ask("SELECT count(*) FROM messages WHERE read_at IS NULL") > 20
    assert ask("SELECT count(*) FROM projects WHERE parent_id IS NOT NULL") > 20
    assert (
        ask("SELECT count(*) FROM (SELECT 1 FROM project_clients GROUP BY project_id HAVING count(*) = 2)")
        > 50
    )
    assert ask("SELECT max(version_number) FROM video_versions") > 5
    connection.close()


def test_progress_counts_every_row_once_and_ends_at_the_total(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build(tmp_path / "studio.db", scale=0.1, progress=lambda *step: told.append(step))
    counts = row_counts(0.1)
    assert {total for _, _, total in told} == {sum(counts.values())}
    assert told[-1][1] == sum(counts.values())
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert list(dict.fromkeys(table for table, _, _ in told)) == list(counts)


def test_a_file_that_exists_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.write_bytes(b"precious")
    with pytest.raises(UnsafeOperation, match="already exists"):
        build(path)
    assert path.read_bytes() == b"precious"


def test_a_folder_that_does_not_exist_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match="cannot create"):
        build(tmp_path / "nowhere" / "studio.db")


def test_a_scale_that_means_nothing_is_refused_before_the_file_is_made(tmp_path: Path) -> None:
    for scale in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="above 0"):
            build(tmp_path / "studio.db", scale=scale)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_build_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(table: str, done: int, total: int) -> None:
        if table == "projects":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "studio.db", scale=0.1, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_failed_connection_and_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill(table: str, done: int, total: int) -> None:
        raise apsw.FullError("database or disk is full")

    with pytest.raises(ConnectionFailed, match="disk is full"):
        build(tmp_path / "studio.db", scale=0.1, progress=fill)
    assert list(tmp_path.iterdir()) == []
