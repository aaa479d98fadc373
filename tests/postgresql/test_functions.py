"""Functions that only some PostgreSQL servers have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from noormme import Database, NotSupported, Value
from noormme.functions import SHA1


def test_sha1_needs_an_extension_and_says_so(opened: Callable[..., Database]) -> None:
    db = opened("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    hashed = db.t.annotate(x=SHA1(Value("é"))).values_list("x", flat=True)
    with pytest.raises(NotSupported) as caught:
        hashed.get()
    assert caught.value.hint == "run CREATE EXTENSION pgcrypto, which has it"
    if not db.execute("SELECT 1 AS n FROM pg_available_extensions WHERE name = 'pgcrypto'"):
        pytest.skip("the server's package has no extensions: install its contrib package")
    db.execute("CREATE EXTENSION pgcrypto")
    assert hashed.get() == "bf15be717ac1b080b4f1c456692825891ff5073d"
