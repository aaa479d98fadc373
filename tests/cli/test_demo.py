"""``noormme demo`` on the sample: what is shown is what ran, and it is right."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import apsw
import pytest

from noormme import connect
from noormme.cli.demo.answers import answer
from noormme.cli.demo.questions import SAMPLE, Question
from noormme.cli.demo.show import answer_block
from noormme.cli.output import terminal
from tests.cli.calling import Invoke, Run


@pytest.fixture
def made_already(studio_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The demo copies the sample that the other tests read, which takes seconds to make; where to, is told here."""
    made: list[Path] = []

    def copied(path: Path, **_: object) -> None:
        shutil.copyfile(studio_path, path)
        made.append(path)

    monkeypatch.setattr("noormme.cli.demo.tour.build", copied)
    return made


def test_a_dozen_questions_each_of_its_own() -> None:
    assert len(SAMPLE) == 12
    assert len({question.code for question in SAMPLE}) == 12
    # Four columns of indentation and the code fit into eighty.
    assert max(len(line) for question in SAMPLE for line in question.code.splitlines()) <= 76


@pytest.mark.parametrize("question", SAMPLE, ids=lambda question: question.title)
def test_every_question_has_an_answer(studio_path: Path, question: Question) -> None:
    with connect(studio_path) as db:
        found = answer(db, question)
    assert found.failure is None
    assert found.rows
    assert all(len(row) == len(found.columns) for row in found.rows)
    assert found.scalar or len(found.rows) in (1, 4, 5, 50)
    assert found.statements
    assert all(statement.startswith("SELECT") for statement in found.statements)
    assert found.seconds > 0
    assert found.first_s > 0


@pytest.mark.parametrize(
    ("title", "sql"),
    [
        (
            "One row, by a unique field",
            "SELECT id, name, industry, country, billing_email FROM clients WHERE name = 'Wren Labs'",
        ),
        (
            "Count, by a part of a date",
            "SELECT count(*) FROM messages WHERE read_at IS NULL AND sent_at LIKE '2025-%'",
        ),
        (
            "Count what hangs on each row, and filter by the count",
            "SELECT name, country, count(*) FROM clients JOIN project_clients ON client_id = id GROUP BY id"
            " HAVING count(*) >= 20 ORDER BY 3 DESC, 1 LIMIT 5",
        ),
        (
            "Group",
            "SELECT status, count(*) FROM payments GROUP BY status ORDER BY 2 DESC",
        ),
        (
            "Many-to-one: joined, one query",
            "SELECT file_name, title, email FROM video_versions v JOIN projects p ON p.id = v.project_id"
            " JOIN editors e ON e.id = v.editor_id JOIN users u ON u.id = e.user_id"
            " ORDER BY v.uploaded_at DESC LIMIT 5",
        ),
        (
            "No N+1: 50 messages, and what was not asked for comes for all of them at once",
            "SELECT s.full_name, r.full_name, body FROM messages JOIN users s ON s.id = sender_id"
            " JOIN users r ON r.id = recipient_id ORDER BY sent_at DESC LIMIT 50",
        ),
    ],
)
def test_answers_are_those_of_hand_written_sql(studio_path: Path, title: str, sql: str) -> None:
    (question,) = [question for question in SAMPLE if question.title == title]
    with connect(studio_path) as db:
        rows = answer(db, question).rows
    connection = apsw.Connection(str(studio_path), flags=apsw.SQLITE_OPEN_READONLY)
    expected = connection.execute(sql).fetchall()
    connection.close()
    assert [row[: len(expected[0])] for row in rows] == expected


def test_relations_cost_one_query_each(studio_path: Path) -> None:
    counts = {}
    with connect(studio_path) as db:
        for question in SAMPLE:
            counts[question.title] = len(answer(db, question).statements)
    many = {title: count for title, count in counts.items() if count > 1}
    assert many == {
        "Many-to-many and one-to-many: one query for each, whatever the number of rows": 3,
        "No N+1: 50 messages, and what was not asked for comes for all of them at once": 3,
    }


def test_an_error_is_an_answer_too(studio_path: Path) -> None:
    with connect(studio_path) as db:
        assert "userz" in str(answer(db, Question("", "db.userz.count()")).failure)
        assert answer(db, Question("", "db.users.first().nothing.more")).failure


def test_answers_of_every_shape(studio_path: Path) -> None:
    with connect(studio_path) as db:

        def table(code: str, *columns: str) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...], bool]:
            found = answer(db, Question("", code, columns))
            return found.columns, found.rows, found.scalar

        assert table("1 + 1") == (("",), ((2,),), True)
        assert table("{'a': 1, 'b': 2}") == (("a", "b"), ((1, 2),), False)
        assert table("[(1, 2), (3, 4)]") == (("1", "2"), ((1, 2), (3, 4)), False)
        assert table("[(1, 2)]", "x", "y") == (("x", "y"), ((1, 2),), False)
        assert table("db.users.none()", "x") == (("x",), (), False)
        assert table("db.users.filter(id__lt=3).values_list('id', flat=True)", "id") == (
            ("id",),
            ((1,), (2,)),
            False,
        )


def test_an_answer_without_rows(capsys: pytest.CaptureFixture[str], studio_path: Path) -> None:
    with connect(studio_path) as db:
        terminal().show(answer_block(3, answer(db, Question("Nobody", "db.users.filter(id=0)")), 80))
    output = capsys.readouterr().out
    assert output.startswith("\n 3  Nobody\n\n    db.users.filter(id=0)\n")
    assert "\n    0 rows · " in output


def test_a_slow_question_is_not_asked_again_and_again(
    studio_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noormme.cli.demo.answers._LONG_S", 0.0)
    with connect(studio_path) as db:
        before = sum(plan.statistics.calls for plan in db.plans)
        answer(db, Question("", "db.users.count()"))
        assert sum(plan.statistics.calls for plan in db.plans) - before == 3


def test_the_whole_demo(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    result = run("demo", "--keep", kept)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    output = result.stdout
    order = ["A sample database", "What is in it", "What it can be asked", "How fast it is", "Next"]
    assert [line.split("  ")[0] for line in output.splitlines() if line.split("  ")[0] in order] == order
    assert "13 tables · 50,000 rows · 40 relations" in output
    assert "No warnings." in output
    for question in SAMPLE:
        assert question.title in output
        assert "".join(question.code.split()) in "".join(output.split())
    assert output.count("the first time") == 12
    assert output.count("×") == 11
    assert "Both sides read the same rows and the same values." in output
    assert f"noormme inspect {kept}" in output
    assert sorted(item.name for item in tmp_path.iterdir()) == ["kept.db"]
    with connect(kept) as db:
        assert db.users.count() == 2_000


def test_the_sample_goes_when_nobody_keeps_it(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_already: list[Path]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = invoke("demo", "--no-speed")
    assert result.exit_code == 0
    assert "How fast it is" not in result.stdout
    assert [path.parents[1] for path in made_already] == [tmp_path]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_not_overwritten(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.write_bytes(b"precious")
    result = invoke("demo", "--keep", path)
    assert result.exit_code == 1
    assert "already exists" in result.stderr
    assert path.read_bytes() == b"precious"


@pytest.mark.usefixtures("made_already")
def test_json(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noormme.cli.demo.speed.ROUNDS", 2)
    result = invoke("demo", "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert sum(found["rows"].values()) == 50_000
    assert len(found["schema"]["tables"]) == 13
    assert [each["question"]["title"] for each in found["answers"]] == [question.title for question in SAMPLE]
    assert len(found["timings"]) == 10
    assert all(timing["same"] and timing["failure"] is None for timing in found["timings"])
    assert all(0 < timing["noormme_min_s"] <= timing["noormme_median_s"] for timing in found["timings"])
    assert all(0 < timing["sqlite3_min_s"] <= timing["sqlite3_median_s"] for timing in found["timings"])
    assert found["notes"] == []


@pytest.mark.usefixtures("made_already")
def test_settings_of_the_user_do_not_disturb_the_sample(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOORMME_LOADING", "raise")
    monkeypatch.setenv("NOORMME_TIMEZONE", "Europe/Berlin")
    found = json.loads(invoke("demo", "--json", "--no-speed").stdout)
    assert [each["failure"] for each in found["answers"]] == [None] * 12
    assert found["timings"] == []
