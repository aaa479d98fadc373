"""Generated modules themselves pass mypy and pyright, both strict, and ruff, whatever the database calls things."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from noormme import connect
from noormme.codegen.outputs import render_files
from noormme.codegen.python import PythonOptions, render_runtime, render_stub
from noormme.schema.model import Schema
from tests.checkers import run_checker

CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-error-summary", "--hide-error-context"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
    "ruff": ["ruff", "check", "--isolated"],
    "ruff format": ["ruff", "format", "--isolated", "--check", "--quiet"],
}

HOSTILE = """
CREATE TABLE "12" (id INTEGER PRIMARY KEY, "say ""hi"" now" TEXT, "a'b\\" TEXT NOT NULL);
CREATE TABLE "class" (
    "self" INTEGER PRIMARY KEY, "type" TEXT NOT NULL, "int" INTEGER, "str" TEXT, "bool" BOOLEAN, "key" TEXT,
    "value" TEXT, "values" TEXT, "target" TEXT, "defaults" TEXT, "import" DATE, "tuple" BLOB, "dict" JSON,
    state TEXT CHECK (state IN ('it''s', 'say "so"', 'back\\slash')),
    phase TEXT CHECK (phase IN ('on', 'back\\slash'))
);
CREATE TABLE "Any" (id INTEGER PRIMARY KEY, "list" TEXT, "class" INTEGER NOT NULL REFERENCES "class");
CREATE TABLE user (id INTEGER PRIMARY KEY, boss_id INTEGER REFERENCES user);
CREATE TABLE users (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user);
CREATE TABLE places (x INTEGER, y TEXT, PRIMARY KEY (x, y)) WITHOUT ROWID;
CREATE TABLE visits (
    id INTEGER PRIMARY KEY, x INTEGER NOT NULL, y TEXT NOT NULL, through_defaults TEXT,
    FOREIGN KEY (x, y) REFERENCES places (x, y)
);
CREATE TABLE keyless (a TEXT, b DECIMAL(8, 2));
CREATE VIEW "a view" AS SELECT id, "self" FROM user, "class";
"""

USED = """
import {0}

db = {0}.connect("app.db")
print([row.pk for row in db[{1}].order_by("pk")])
print(db.repository({1}).count())
"""

EVERY_DATABASE = "NOORMME_TEST_EVERY_DATABASE"


def discovered(path: Path, statements: Sequence[str]) -> Schema:
    path.touch()
    with connect(path) as db:
        for statement in statements:
            db.execute(statement)
        db.refresh()
        return db.schema


def write(folder: Path, name: str, files: dict[str, str], table: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}))
    for suffix, text in files.items():
        # A stub spares mypy the work; here it is to look.
        looked_at = text.replace("# mypy: ignore-errors\n", "")
        (folder / f"{name}{suffix}").write_text(looked_at, encoding="utf-8")
    (folder / f"use_{name}.py").write_text(USED.format(name, json.dumps(table)).lstrip(), encoding="utf-8")


def check(folder: Path) -> None:
    for checker, command in CHECKERS.items():
        pytest.importorskip(command[0])
        result = run_checker([*command, "."], folder)
        assert result.returncode == 0, (checker, result.stdout[-4000:], result.stderr[-4000:])


def test_generated_modules_are_strict(shared: Path, tmp_path: Path) -> None:
    statements = HOSTILE.strip().split(";\n")
    hostile = discovered(tmp_path / "hostile.db", statements)
    few = discovered(tmp_path / "few.db", statements[:3])
    folder = tmp_path / "modules"
    write(folder, "hostile", render_files(hostile, "python", suffix=".py", source="hostile.db"), "Any")
    options = PythonOptions(source="few.db")
    apart = {".py": render_runtime(few, options), ".pyi": render_stub(few, options)}
    write(folder, "apart", apart, "12")
    with connect(shared / "data" / "chinook.sqlite", readonly=True) as db:
        write(
            folder,
            "chinook",
            render_files(db.schema, "python", suffix=".py", source="chinook.sqlite"),
            "Track",
        )
    check(folder)


@pytest.mark.skipif(
    EVERY_DATABASE not in os.environ,
    reason=f"takes minutes; set {EVERY_DATABASE}=1 to check the sample databases",
)
def test_every_database_gives_a_strict_module(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "data").glob("*.sqlite"))
    assert len(files) > 5
    for file in files:
        with connect(file, readonly=True) as db:
            schema = db.schema
        table = next(table.name for table in schema if table.kind == "table" and table.primary_key)
        modules = render_files(schema, "python", suffix=".py", source=file.name)
        write(tmp_path / file.stem, "models", modules, table)
        check(tmp_path / file.stem)
        shutil.rmtree(tmp_path / file.stem)
