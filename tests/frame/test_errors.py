"""What every error has: a message, a hint, a code; and that it survives being sent to another process."""

from __future__ import annotations

import pickle

import pytest

from noormme import errors
from noormme.errors import DatabaseError, FieldNotFound, IntegrityError, NoormmeError, did_you_mean

KINDS = sorted(
    (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NoormmeError)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", KINDS)
def test_message_and_hint(kind: type[NoormmeError]) -> None:
    bare = kind("no field 'emial' on users")
    assert (bare.message, bare.hint, str(bare)) == (
        "no field 'emial' on users",
        None,
        "no field 'emial' on users",
    )
    hinted = kind("no field 'emial' on users", hint="did you mean 'email'?")
    assert str(hinted) == "no field 'emial' on users; did you mean 'email'?"
    assert hinted.hint == "did you mean 'email'?"


@pytest.mark.parametrize("kind", KINDS)
def test_pickle(kind: type[NoormmeError]) -> None:
    error = kind("what", hint="do")
    error.__dict__["extra"] = 1
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.args, again.__dict__) == (error.args, error.__dict__)


def test_codes_are_stable_and_tell_errors_apart() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(code.islower() and code.isidentifier() for code in codes)


def test_missing_attributes_are_attribute_errors_too() -> None:
    assert issubclass(errors.FieldNotFound, AttributeError)
    assert issubclass(errors.RelationNotFound, FieldNotFound)
    assert issubclass(errors.TableNotFound, AttributeError)


def test_integrity_errors_say_where() -> None:
    error = errors.UniqueViolation("taken", table="users", columns=("email",), hint="use another one")
    assert isinstance(error, IntegrityError)
    assert isinstance(error, DatabaseError)
    assert (error.table, error.columns) == ("users", ("email",))
    again = pickle.loads(pickle.dumps(error))
    assert (again.table, again.columns, str(again)) == ("users", ("email",), "taken; use another one")


@pytest.mark.parametrize(
    ("name", "candidates", "suggestion"),
    [
        ("emial", ["email", "name"], "did you mean 'email'?"),
        ("EMAIL", ["email", "name"], "did you mean 'email'?"),
        ("albumid", ["AlbumId", "ArtistId"], "did you mean 'AlbumId'?"),
        ("tag", ["tags", "stage", "tag_"], "did you mean 'tags', 'tag_' or 'stage'?"),
        ("tag", ["tags", "tag_"], "did you mean 'tags' or 'tag_'?"),
        ("xyz", ["email"], None),
        ("xyz", [], None),
    ],
)
def test_did_you_mean(name: str, candidates: list[str], suggestion: str | None) -> None:
    assert did_you_mean(name, candidates) == suggestion
