"""The generated Python module, imported and used."""

from __future__ import annotations

import ast
import importlib.util
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from noormme import SchemaDrift, UsageError, connect
from noormme.codegen.python import PythonOptions, render, render_runtime
from noormme.query.lookups import LOOKUPS

DDL = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, age INTEGER, "class" TEXT,
                    status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'old')));
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES users);
CREATE VIEW titles AS SELECT title FROM posts;
"""

CHOICES = """
CREATE TABLE shelves (
    id INTEGER PRIMARY KEY,
    room TEXT NOT NULL CHECK (room IN ('a', 'm')),
    side TEXT NOT NULL CHECK (side IN ('m', 'a | None'))
);
CREATE TABLE boxes (
    size TEXT PRIMARY KEY NOT NULL CHECK (size IN ('s', 'm')),
    depth INTEGER CHECK (depth IN (1, 2)),
    height INTEGER NOT NULL CHECK (height IN (1, 2, 3)),
    shelf_id INTEGER NOT NULL REFERENCES shelves
);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "app.db"
    path.touch()
    with connect(path) as db:
        for statement in DDL.split(";\n"):
            if statement.strip():
                db.execute(statement)
        db.refresh()
        ann = db.users.create(email="ann@example.com", age=40)
        db.posts.create(title="One", author=ann)
    return path


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Callable[[str], ModuleType]]:
    def loaded(text: str) -> ModuleType:
        file = tmp_path / "generated_models.py"
        file.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("generated_models", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["generated_models"] = module
        spec.loader.exec_module(module)
        return module

    yield loaded
    sys.modules.pop("generated_models", None)


def text_of(path: Path, write: Callable[..., str] = render, **options: Any) -> str:
    with connect(path) as db:
        return write(db.schema, PythonOptions(**options))


@pytest.mark.parametrize("write", [render, render_runtime])
def test_rows_and_queries_are_of_the_generated_classes(
    write: Callable[..., str], path: Path, load: Callable[[str], ModuleType]
) -> None:
    models = load(text_of(path, write))
    with models.connect(path) as db:
        ann = db.users.get(email="ann@example.com")
        assert isinstance(db, models.Database)
        assert isinstance(ann, models.User)
        assert isinstance(db.users, models.UserManager)
        assert isinstance(db.users.filter(age=40), models.UserQuerySet)
        assert isinstance(db.repository("users"), models.UserRepository)
        assert isinstance(ann.posts.get().author, models.User)
        assert db.repository(models.UserRepository).find_by_age(40) == ann


def test_classes_of_the_user_derive_from_generated_ones(
    path: Path, load: Callable[[str], ModuleType]
) -> None:
    models = load(text_of(path))
    changed: list[str] = []

    class User(models.User):  # type: ignore[name-defined,misc]
        def shout(self) -> str:
            return str(self.email.upper())

        def before_update(self, changes: dict[str, object]) -> None:
            changed.extend(changes)

    class Users(models.UserRepository):  # type: ignore[name-defined,misc]
        def old(self) -> Any:
            return self.where(age__gt=30)

    with models.connect(path) as db:
        db.register(User)
        db.register(Users)
        ann = db.users.get(pk=1)
        assert isinstance(ann, User)
        assert ann.shout() == "ANN@EXAMPLE.COM"
        ann.update(age=41)
        assert changed == ["age"]
        assert db.repository(Users).old().get() == ann
        db.refresh()
        assert isinstance(db.users.get(pk=1), User)
        with pytest.raises(UsageError, match="hides 'email'"):
            db.register(type("Other", (models.User,), {"email": "x"}), replace=True)


def test_a_class_that_belongs_to_no_database_says_what_to_write(
    path: Path, load: Callable[[str], ModuleType]
) -> None:
    models = load(text_of(path))
    with pytest.raises(UsageError, match="belongs to no database"):
        models.User(email="x")
    with models.connect(path) as db:
        assert isinstance(db.users.model(email="x"), models.User)


def test_a_database_that_has_changed_warns_and_works(path: Path, load: Callable[[str], ModuleType]) -> None:
    models = load(text_of(path))
    with connect(path) as db:
        db.execute("ALTER TABLE users ADD COLUMN nick TEXT")
        db.execute("ALTER TABLE users DROP COLUMN age")
    with models.connect(path) as db:
        with pytest.warns(SchemaDrift, match="no age any more and nick besides"):
            ann = db.users.get(pk=1)
        assert (ann.nick, ann.email) == (None, "ann@example.com")


def test_the_text(path: Path) -> None:
    text = text_of(path, source="app.db")
    assert text == text_of(path, source="app.db")
    assert text.startswith('"""app.db: 2 tables, as `noormme generate` found them.')
    expected = '''class User(_User, table="users"):
    """One row of the table 'users'."""

    id: int
    email: str
    age: int | None
    class_: str | None
    status: Literal["new", "old"]
    posts: PostRelated
'''
    assert expected in text
    assert "class TitleManager(Manager[TitleQuerySet], TitleQueries[Title, AnnotatedTitle]):" in text


def keys_of(text: str, name: str) -> set[str]:
    """The names in a typed dict, those of its bases among them."""
    classes = {node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)}
    node = classes[name]
    own = {
        str(part.target.id)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return own.union(*(keys_of(text, base) for base in bases))


def test_every_lookup_of_the_library_is_typed(path: Path) -> None:
    known = keys_of(text_of(path), "UserLookups")
    usual = {name for name, rule in LOOKUPS.items() if not rule.takes}
    assert {f"{field}__{name}" for field in ("id", "email", "age", "class_") for name in usual} <= known
    assert {"posts__title__icontains", "posts", "posts__isnull", "pk", "pk__in"} <= known
    assert not any(name.startswith("posts__author__email") for name in known)
    assert "posts__author__email" in keys_of(text_of(path, depth=2), "UserLookups")
    assert not any(
        name.startswith("posts__") and "title" in name
        for name in keys_of(text_of(path, depth=0), "UserLookups")
    )


def test_types_of_the_user(path: Path) -> None:
    text = text_of(path, types={"users.email": "app.types.Email", "INTEGER": "app.types.Number"})
    assert "from app.types import Email, Number" in text
    assert "    email: Email\n    age: Number | None\n" in text


def test_the_values_that_several_columns_allow_are_one_literal(tmp_path: Path) -> None:
    """In the rows of ``values_list``: each value once, of columns beyond a relation too, and None at the end."""
    path = tmp_path / "boxes.db"
    path.touch()
    with connect(path) as db:
        for statement in CHOICES.strip().split(";\n"):
            db.execute(statement)
        db.refresh()
    text = text_of(path)
    own = 'Literal["s", "m", 1, 2, 3] | int | None'
    assert f"*fields: BoxField, named: bool = ...) -> BoxRows[tuple[{own}, ...]," in text
    beyond = 'Literal["s", "m", 1, 2, 3, "a", "a | None"] | int | None'
    assert f"*fields: BoxPath, named: bool = ...) -> BoxRows[tuple[{beyond}, ...]," in text
    assert 'ShelfRows[tuple[int | Literal["a", "m", "a | None"], ...],' in text
    assert 'size: Literal["s", "m"]\n    depth: Literal[1, 2] | None\n    height: Literal[1, 2, 3]\n' in text


def test_every_sample_database_gives_a_module(shared: Path, load: Callable[[str], ModuleType]) -> None:
    files = sorted((shared / "data").glob("*.sqlite"))
    assert len(files) > 5
    for file in files:
        with connect(file, readonly=True) as db:
            schema = db.schema
        for write in (render, render_runtime):
            models = load(write(schema))
            with warnings.catch_warnings(), models.connect(file, readonly=True) as db:
                warnings.simplefilter("error", SchemaDrift)
                for table in schema:
                    assert issubclass(db.model(table.name), getattr(models, table.model))
