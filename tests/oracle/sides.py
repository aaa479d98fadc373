"""The two sides of the comparison: each takes the text of a query and gives an outcome.

Invariant: the standard library's ``sqlite3`` runs in Django's process only, APSW in this one only.
"""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Literal, Protocol
from uuid import UUID

import apsw

from .budget import STOPPED, StepBudget
from .normalise import Outcome, outcome

__all__ = ["DjangoSide", "NoormmeSide", "Side", "django_side", "namespace"]

_START = (
    "import sys; sys.path.append(sys.argv[1]); from oracle.django_worker import main; main(*sys.argv[2:])"
)
_SILENCE_S = 60.0
"""How long one answer may take before the worker is taken for dead."""


class Side(Protocol):
    """Runs queries: ``submit`` takes a batch, ``results`` gives one outcome for each, in order."""

    def submit(self, sources: list[str]) -> None:
        """Take the text of some queries."""

    def results(self) -> list[Outcome]:
        """The outcomes of all that was submitted since the last call."""

    def explain(self, source: str) -> str:
        """The SQL that a query runs."""


class DjangoSide:
    """Django in a process of its own; it works on a batch while the other side works on the same one.

    Attributes:
        description: The models as the worker describes them: names, kinds, relations.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: SimpleQueue[str] = SimpleQueue()
        Thread(target=self._read, daemon=True).start()
        self._pending = 0
        self.description: dict[str, Any] = json.loads(self._line())

    def submit(self, sources: list[str]) -> None:
        """Take the text of some queries."""
        for source in sources:
            self._send(source, want_sql=False)
        self._flush()
        self._pending += len(sources)

    def results(self) -> list[Outcome]:
        """The outcomes of all that was submitted since the last call."""
        found: list[Outcome] = [json.loads(self._line()) for _ in range(self._pending)]
        self._pending = 0
        return found

    def explain(self, source: str) -> str:
        """The SQL that a query runs."""
        assert self._pending == 0
        self._send(source, want_sql=True)
        self._flush()
        return "\n".join(json.loads(self._line())["sql"])

    def ask(self, **request: object) -> dict[str, Any]:
        """One request to a worker in the mode ``writes``, and its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._flush()
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def _send(self, source: str, *, want_sql: bool) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"source": source, "sql": want_sql}) + "\n")

    def _flush(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.flush()

    def _read(self) -> None:
        """Empty the pipe at once, so that neither process waits for the other to read."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _line(self) -> str:
        line = self._lines.get(timeout=_SILENCE_S)
        assert line, f"the Django worker ended with status {self._process.wait()}"
        return line


@contextmanager
def django_side(path: Path, mode: Literal["plain", "broken", "writes"] = "plain") -> Iterator[DjangoSide]:
    """Start the worker on a file; it ends with the block.

    Args:
        path: The database file.
        mode: ``"broken"`` starts a worker that makes a mistake on purpose, ``"writes"`` one that writes.
    """
    tests = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-P", "-c", _START, str(tests), str(path), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield DjangoSide(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=_SILENCE_S)


def namespace(db: Any) -> dict[str, object]:
    """The names that a query's text may use here.

    Args:
        db: The database, as ``db``.
    """
    import noormme
    from noormme.query import functions

    return {
        **{name: getattr(functions, name) for name in functions.__all__},
        **{name: getattr(noormme, name) for name in noormme.__all__},
        "Decimal": Decimal,
        "UUID": UUID,
        "date": datetime.date,
        "datetime": datetime.datetime,
        "time": datetime.time,
        "timedelta": datetime.timedelta,
        "db": db,
    }


class NoormmeSide:
    """noormme in this process."""

    def __init__(self, path: Path) -> None:
        import noormme

        self._budget = StepBudget()
        self._hook = self._limit_steps
        apsw.connection_hooks.append(self._hook)
        self.db = noormme.connect(str(path))
        self._model = noormme.Model
        self._namespace = namespace(self.db)
        self._tables = {self.db.model(table.name): table for table in self.db.schema.tables}
        self._results: list[Outcome] = []

    def submit(self, sources: list[str]) -> None:
        """Take the text of some queries."""
        self._results += map(self._run, sources)

    def results(self) -> list[Outcome]:
        """The outcomes of all that was submitted since the last call."""
        found, self._results = self._results, []
        return found

    def explain(self, source: str) -> str:
        """The SQL that a query runs."""
        with self.db.capture() as statements:
            self._run(source)
        return "\n".join(f"{statement.statement} {statement.parameters}" for statement in statements)

    def names(self) -> dict[str, dict[str, Any]]:
        """The names of the schema, as Django's description has them."""
        schema = self.db.schema
        return {
            table.name: {
                "columns": sorted(column.name for column in table.columns),
                "fields": {column.field: column.name for column in table.columns},
                "relations": {
                    name: (relation.target, relation.to_many)
                    for name, relation in schema.relations_of(table.name).items()
                },
            }
            for table in schema.tables
        }

    def close(self) -> None:
        """Close the database."""
        self.db.close()
        apsw.connection_hooks.remove(self._hook)

    def _limit_steps(self, connection: apsw.Connection) -> None:
        connection.set_progress_handler(self._budget.spend, StepBudget.STRIDE)

    def _run(self, source: str) -> Outcome:
        self._budget.renew()
        try:
            answer = outcome(eval(source, self._namespace), self._columns, self._model)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        return STOPPED if self._budget.is_spent else answer

    def _columns(self, row: object) -> dict[str, object]:
        """A model object's values by column name, its annotations by theirs, and what was joined to it."""
        table = self._tables[type(row)]
        fields = {column.name: getattr(row, column.field) for column in table.columns}
        return {**fields, **vars(row)}
