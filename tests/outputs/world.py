"""Databases that the outputs are tried on: a plain shop, and one whose names are in everybody's way."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import apsw

SHOP = (
    """CREATE TABLE customers (
        id INTEGER PRIMARY KEY,
        email VARCHAR(40) NOT NULL UNIQUE,
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
        role TEXT NOT NULL DEFAULT 'buyer' CHECK (role IN ('buyer', 'seller')),
        rating INTEGER CHECK (rating >= 0 AND rating < 6),
        is_active BOOLEAN NOT NULL DEFAULT TRUE,
        born DATE,
        avatar BLOB,
        meta JSON,
        token UUID,
        created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        shout TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL
    )""",
    """CREATE TABLE countries (code CHAR(2) PRIMARY KEY NOT NULL, name TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        customer_id INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE,
        country CHAR(2) REFERENCES countries,
        total DECIMAL(10, 2) NOT NULL DEFAULT 0,
        parent_id INTEGER REFERENCES orders
    )""",
    "CREATE INDEX orders_by_customer ON orders (customer_id, total DESC) WHERE total > 0",
    "CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 1000",
)

ROWS = (
    (
        "INSERT INTO customers (email, name, rating, born, avatar, meta, token, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            "ann@x.org",
            "Ann",
            5,
            "1990-02-03",
            b"\x00\xff",
            '{"a": [1, null]}',
            "a8098c1a-f86e-11da-bd1a-00112444be1e",
            "2024-05-06 07:08:09",
        ),
    ),
    ("INSERT INTO customers (email, name, is_active) VALUES (?, ?, ?)", ("bob@x.org", "Bob", False)),
    ("INSERT INTO countries VALUES (?, ?)", ("JP", "Japan")),
    ("INSERT INTO orders (customer_id, country, total) VALUES (?, ?, ?)", (1, "JP", "12.50")),
)

IN_THE_WAY = (
    "CREATE TABLE decimals (id INTEGER PRIMARY KEY, price DECIMAL(5, 1), decimal DECIMAL)",
    'CREATE TABLE anys (id INTEGER PRIMARY KEY, value, "any")',
    "CREATE TABLE literals (id INTEGER PRIMARY KEY, mood TEXT CHECK (mood IN ('it''s \"fine\"', 'a\\b')))",
    "CREATE TABLE days (id INTEGER PRIMARY KEY, date DATE NOT NULL, datetime DATETIME, str TEXT, int INTEGER,"
    " after TEXT, number INTEGER)",
    'CREATE TABLE "Order */ ""Details""" ("Order ID" INTEGER PRIMARY KEY, "class" TEXT, "2nd" TEXT NOT NULL,'
    ' "copy" TEXT, "json" JSON, "model_dump" TEXT, "model_name" TEXT, "naïve" TEXT, "a\nb" TEXT)',
    'CREATE TABLE "select" (a INTEGER, b INTEGER, PRIMARY KEY (a, b))',
    'CREATE TABLE refers (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER, FOREIGN KEY (x, y) REFERENCES "select")',
    "CREATE TABLE base_models (id INTEGER PRIMARY KEY)",
    "CREATE TABLE date_dates (id INTEGER PRIMARY KEY)",
)


def make(path: Path, statements: Sequence[str], rows: Sequence[tuple[str, tuple[object, ...]]] = ()) -> Path:
    """A database of these statements."""
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    for statement, values in rows:
        connection.execute(statement, values)
    connection.close()
    return path


def loaded(text: str, name: str) -> ModuleType:
    """A generated module, imported."""
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    return module
