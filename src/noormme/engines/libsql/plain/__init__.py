"""The functions of noormme's that a server does not have, in plain SQL.

The SQLite engine registers functions of Python with each connection. A libSQL server takes none, so each call
of such a function is written here as an expression of the server's own functions; what cannot be said exactly
in that way raises ``NotSupported`` when the query is compiled.

Invariant: an expression gives what the function of the same name in ``engines.sqlite.functions`` gives.
"""

from __future__ import annotations

from collections.abc import Mapping

from noormme.engines.libsql.plain import casts, documents, durations, letters, moments, numbers, stored, text
from noormme.engines.libsql.plain.writing import Write, no_such

__all__ = ["WRITERS"]

WRITERS: Mapping[str, Write] = {
    **text.WRITERS,
    **letters.WRITERS,
    **numbers.WRITERS,
    **casts.WRITERS,
    **moments.WRITERS,
    **durations.WRITERS,
    **stored.WRITERS,
    **documents.WRITERS,
    "noormme_hash": no_such("hashes", "compute them in Python before they are stored, and compare those"),
    "noormme_json_contains": no_such(
        "containment of JSON documents", "ask for the parts: filter(meta__city='Rome'), or has_key"
    ),
}
"""By the names of the functions, what writes a call of them from their arguments."""
