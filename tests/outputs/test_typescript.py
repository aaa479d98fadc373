"""``--lang typescript`` and ``--lang kysely``: the compiler takes the files, and tells right from wrong with them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from noormme import Database, connect
from noormme.codegen.outputs import render
from noormme.codegen.typescript_types import DRIVERS
from noormme.schema.model import Column
from tests.outputs.node import NO_NODE, packages
from tests.outputs.test_pydantic_models import SAMPLES


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where TypeScript and Kysely are."""
    found = packages("typescript", "kysely")
    if found is None:
        pytest.skip(NO_NODE)
    return found


def compiled(folder: Path, node_modules: Path) -> set[str]:
    """What the compiler says of all files of a folder: ``"bad.ts:3"`` for an error in the third line."""
    (folder / "node_modules").symlink_to(node_modules)
    files = sorted(str(path.name) for path in folder.glob("*.ts"))
    result = subprocess.run(
        [
            node_modules / ".bin" / "tsc",
            "--strict",
            "--noEmit",
            "--target",
            "es2022",
            "--module",
            "nodenext",
            *files,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in result.stdout.splitlines() if "error TS" in line]
    assert result.returncode == 0 or lines, result.stderr or result.stdout
    return {line.partition(",")[0].replace("(", ":") for line in lines}


def marked(text: str, name: str) -> set[str]:
    """The lines that say that they are wrong."""
    return {f"{name}:{number}" for number, line in enumerate(text.splitlines(), 1) if "// error" in line}


GOOD = """
import type { CustomerInsert, CustomerRow, CustomerTable, CustomerUpdate, BigOrderRow, DB, Selectable } from "./shop";

const row: CustomerRow = {
  id: 1, email: "a", name: "A", role: "buyer", rating: null, is_active: true, born: "2020-01-01",
  avatar: null, meta: { a: [1, null] }, token: null, created_at: "2020-01-01T00:00:00", shout: null,
};
const least: CustomerInsert = { email: "a", name: "A" };
const more: CustomerInsert = { ...least, id: 7, role: "seller", rating: 3, created_at: "2020-01-01", born: null };
const nothing: CustomerUpdate = {};
const change: CustomerUpdate = { rating: null, name: "B" };
const total: string = ({} as BigOrderRow).total ?? "0";
const table: Selectable<DB["customers"]> = row;
const role: "buyer" | "seller" = row.role;
export { more, nothing, change, total, table, role };
export type { CustomerTable };
"""

BAD = """
import type { CustomerInsert, CustomerRow, CustomerUpdate, DB } from "./shop";

const a: CustomerInsert = { email: "a" }; // error
const b: CustomerInsert = { email: "a", name: "A", role: "boss" }; // error
const c: CustomerInsert = { email: "a", name: "A", shout: "A" }; // error
const d: CustomerUpdate = { name: null }; // error
const e: CustomerUpdate = { emial: "a" }; // error
const f: number = ({} as CustomerRow).email; // error
const g: string = ({} as CustomerRow).born; // error
type H = DB["nothing"]; // error
export { a, b, c, d, e, f, g };
export type { H };
"""


def test_right_and_wrong(shop: Database, tmp_path: Path, node_modules: Path) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "shop.ts").write_text(
        render(shop.schema, "typescript", source="shop.db (sqlite)"), encoding="utf-8"
    )
    (folder / "good.ts").write_text(GOOD, encoding="utf-8")
    (folder / "bad.ts").write_text(BAD, encoding="utf-8")
    assert compiled(folder, node_modules) == marked(BAD, "bad.ts")


KYSELY = """
import { Kysely, SqliteDialect } from "kysely";
import type { DB } from "./db";

export async function questions(db: Kysely<DB>): Promise<void> {
  const rows = await db.selectFrom("orders").innerJoin("customers", "customers.id", "orders.customer_id")
    .select(["orders.id", "customers.email", "customers.is_active"]).where("customers.role", "=", "buyer").execute();
  const id: number = rows[0].id;
  const active: number = rows[0].is_active;
  const wrong: string = rows[0].id; // error
  await db.insertInto("customers").values({ email: "a", name: "A" }).execute();
  await db.insertInto("customers").values({ email: "a" }).execute(); // error
  await db.insertInto("customers").values({ email: "a", name: "A", shout: "A" }).execute(); // error
  await db.updateTable("customers").set({ rating: null }).where("id", "=", id).execute();
  await db.selectFrom("customers").select("emial").execute(); // error
  await db.selectFrom("big_orders").selectAll().execute();
  await db.selectFrom('Order */ "Details"').select("Order ID").execute(); // error
  console.log(active, wrong, SqliteDialect);
}
"""


def test_kysely_takes_the_tables(shop: Database, tmp_path: Path, node_modules: Path) -> None:
    folder = tmp_path / "node"
    folder.mkdir()
    (folder / "db.ts").write_text(render(shop.schema, "kysely", source="shop.db (sqlite)"), encoding="utf-8")
    program = KYSELY.replace(
        "console.log(active, wrong, SqliteDialect);", "void [active, wrong, SqliteDialect];"
    )
    (folder / "program.ts").write_text(program, encoding="utf-8")
    assert compiled(folder, node_modules) == marked(program, "program.ts")


def test_names_in_the_way_compile(in_the_way: Database, tmp_path: Path, node_modules: Path) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    for dialect in DRIVERS:
        schema = replace(in_the_way.schema, dialect=dialect)
        (folder / f"{dialect}.ts").write_text(render(schema, "kysely", source="a test"), encoding="utf-8")
    (folder / "fields.ts").write_text(
        render(in_the_way.schema, "typescript", source="a test"), encoding="utf-8"
    )
    assert compiled(folder, node_modules) == set()


def test_the_samples_compile(copied: Callable[[str], Path], tmp_path: Path, node_modules: Path) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    for name in SAMPLES:
        with connect(copied(name), readonly=True) as db:
            for language in ("typescript", "kysely"):
                text = render(db.schema, language, source="a test")
                (folder / f"{name}_{language}.ts").write_text(text, encoding="utf-8")
    assert compiled(folder, node_modules) == set()


def test_names_in_json_and_in_the_database(in_the_way: Database) -> None:
    fields = render(in_the_way.schema, "typescript", source="a test")
    exact = render(in_the_way.schema, "kysely", source="a test")
    assert "  order_id: Generated<number>;" in fields
    assert '  "Order ID": Generated<number>;' in exact
    assert '  "Order */ \\"Details\\"": OrderDetailTable;' in exact
    assert "Order * / " in fields
    assert """  mood: "it's \\"fine\\"" | "a\\\\b" | null;""" in fields


@pytest.mark.parametrize(
    ("dialect", "declared", "kind", "expected"),
    [
        ("postgresql", "bigint", "integer", ("string", "string | number | bigint")),
        ("postgresql", "integer", "integer", ("number", "number")),
        ("postgresql", "numeric", "decimal", ("string", "string | number")),
        ("postgresql", "timestamptz", "datetime", ("Date", "Date | string")),
        ("mysql", "tinyint(1)", "boolean", ("number", "boolean | number")),
        ("mysql", "bigint", "integer", ("number", "number")),
        ("mssql", "bit", "boolean", ("boolean", "boolean")),
        ("sqlite", "boolean", "boolean", ("number", "number")),
        ("sqlite", "datetime", "datetime", ("string", "string")),
    ],
)
def test_values_of_drivers(dialect: str, declared: str, kind: str, expected: tuple[str, str]) -> None:
    assert DRIVERS[dialect].of(Column("c", "c", declared, kind)) == expected


def test_arrays() -> None:
    column = Column("c", "c", "integer[]", "array", items="integer")
    assert DRIVERS["postgresql"].of(column) == ("number[]", "number[]")
    texts = Column("c", "c", "any[]", "array")
    assert DRIVERS["sqlite"].of(texts)[0] == "Array<string | number | Uint8Array>"
