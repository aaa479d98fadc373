"""Models as types of pydantic and of FastAPI: what goes in, what comes out, and what the JSON schema says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from noormme import Database, UsageError, connect
from noormme.errors import UnreadableValue
from noormme.orm.model import Model
from tests.outputs.world import ROWS, SHOP, make


def adapter(db: Database, name: str = "customers") -> TypeAdapter[Any]:
    return TypeAdapter(db.model(name))


def test_an_object_is_taken_as_it_is(shop: Database) -> None:
    ann = shop.customers.get(id=1)
    assert adapter(shop).validate_python(ann) is ann
    with pytest.raises(ValidationError):
        adapter(shop).validate_python(shop.orders.get(id=1))


def test_an_object_is_taken_after_the_schema_was_read_again(shop: Database) -> None:
    before = adapter(shop)
    shop.refresh()
    ann = shop.customers.get(id=1)
    assert before.validate_python(ann) is ann
    assert before.dump_python(ann) == ann.to_dict()


def test_data_makes_a_new_object(shop: Database) -> None:
    cid = adapter(shop).validate_json(
        '{"email": "c@x.org", "name": "Cid", "born": "2001-02-03", "avatar": "AP8="}'
    )
    assert (cid.born, cid.avatar, cid.role, cid.id) == (date(2001, 2, 3), b"\x00\xff", "buyer", None)
    cid.save()
    assert shop.customers.get(email="c@x.org").shout == "CID"
    order = adapter(shop, "orders").validate_python({"customer_id": cid.id, "total": "9.50"})
    assert order.save().total == Decimal("9.50")


def test_what_the_schema_excludes_is_refused(shop: Database) -> None:
    with pytest.raises(ValidationError) as error:
        adapter(shop).validate_python(
            {
                "email": "e" * 41,
                "role": "boss",
                "rating": 6,
                "avatar": "no base64",
                "emial": "x",
                "is_active": None,
            }
        )
    assert {each["loc"]: each["type"] for each in error.value.errors()} == {
        ("email",): "string_too_long",
        ("name",): "missing",
        ("role",): "literal_error",
        ("rating",): "less_than",
        ("avatar",): "value_error",
        ("emial",): "extra_forbidden",
        ("is_active",): "bool_type",
    }


def test_what_is_written_is_what_was_read(shop: Database) -> None:
    ann = shop.customers.get(id=1)
    assert adapter(shop).dump_python(ann) == ann.to_dict()
    text = adapter(shop).dump_json(ann)
    assert b'"avatar":"AP8="' in text
    back = adapter(shop).validate_json(text)
    # What the database computes is not for a program to say.
    assert {**back.to_dict(), "shout": "ANN"} == ann.to_dict()


def test_relations_are_not_written(shop: Database) -> None:
    order = shop.orders.select_related("customer").get(id=1)
    assert order.customer.name == "Ann"
    assert set(adapter(shop, "orders").dump_python(order)) == {
        "id",
        "customer_id",
        "country_id",
        "total",
        "parent_id",
    }


def test_a_pydantic_model_can_take_relations(shop: Database) -> None:
    class Customer(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        name: str

    class Order(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        id: int
        customer: Customer

    order = shop.orders.select_related("customer").get(id=1)
    assert Order.model_validate(order).model_dump() == {"id": 1, "customer": {"name": "Ann"}}


def test_what_is_not_loaded_and_what_is_not_known_is_left_out(shop: Database) -> None:
    part = shop.customers.only("email").get(id=1)
    assert adapter(shop).dump_python(part) == {"id": 1, "email": "ann@x.org"}
    new = shop.model("customers")(email="n@x.org", name="New")
    written = adapter(shop).dump_python(new)
    assert written["email"] == "n@x.org"
    assert {"created_at", "shout"}.isdisjoint(written)


def test_a_value_of_another_type_is_written_as_it_is_stored(shop: Database) -> None:
    shop.execute("UPDATE customers SET born = 'soon' WHERE id = 1")
    with pytest.warns(UnreadableValue, match="born"):
        ann = shop.customers.get(id=1)
    text = adapter(shop).dump_json(ann)
    assert b'"born":"soon"' in text


def test_the_json_schemas(shop: Database) -> None:
    given = adapter(shop).json_schema(mode="validation")
    read = adapter(shop).json_schema(mode="serialization")
    assert given["required"] == ["email", "name"]
    assert given["additionalProperties"] is False
    assert given["properties"]["name"] == {"type": "string", "minLength": 1, "maxLength": 30, "title": "Name"}
    assert given["properties"]["role"]["enum"] == ["buyer", "seller"]
    assert given["properties"]["role"]["default"] == "buyer"
    assert given["properties"]["shout"]["readOnly"] is True
    assert (
        set(read["required"])
        == set(read["properties"])
        == {column.field for column in shop.schema.tables[1].columns}
    )
    assert read["properties"]["created_at"] == {
        "type": "string",
        "format": "date-time",
        "title": "Created At",
    }


def test_a_class_of_ones_own(shop: Database) -> None:
    class Customer(shop.model("customers")):  # type: ignore[misc]
        def greeting(self) -> str:
            return f"Hello {self.name}"

    shop.register(Customer)
    made = TypeAdapter(Customer).validate_python({"email": "d@x.org", "name": "Dee"})
    assert made.greeting() == "Hello Dee"
    assert TypeAdapter(list[Customer]).dump_python(list(shop.customers.filter(id=1)))[0]["name"] == "Ann"


def test_a_model_without_a_table_says_so() -> None:
    class Alone(Model):
        pass

    with pytest.raises(UsageError, match="nothing is known of the fields of Alone"):
        TypeAdapter(Alone)


# -- FastAPI ----------------------------------------------------------------------------------------------


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with connect(make(tmp_path / "api.db", SHOP, ROWS)) as db:
        customer = db.model("customers")
        app = FastAPI()

        @app.get("/customers", response_model=list[customer])  # type: ignore[valid-type]
        def index() -> Any:
            return db.customers.order_by("id")[:10]

        @app.get("/customers/{key}", response_model=customer)
        async def one(key: int) -> Any:
            return await db.customers.aget(id=key)

        def create(given: Any) -> Any:
            return given.save()

        # Said here, because annotations of this module are texts.
        create.__annotations__["given"] = Annotated[customer, Body()]
        app.post("/customers", response_model=customer, status_code=201)(create)

        with TestClient(app) as client:
            yield client


def test_fastapi_answers_with_objects(client: TestClient) -> None:
    found = client.get("/customers").json()
    assert [each["name"] for each in found] == ["Ann", "Bob"]
    assert found[0]["born"] == "1990-02-03"
    assert found[0]["avatar"] == "AP8="
    assert client.get("/customers/1").json() == found[0]


def test_fastapi_takes_objects(client: TestClient) -> None:
    answer = client.post(
        "/customers", json={"email": "c@x.org", "name": "Cid", "avatar": "AP8=", "meta": {"a": 1}}
    )
    assert answer.status_code == 201
    assert answer.json()["id"] == 3
    assert client.get("/customers/3").json() == answer.json()
    wrong = client.post("/customers", json={"email": "c@x.org", "role": "boss"})
    assert wrong.status_code == 422
    assert [each["loc"] for each in wrong.json()["detail"]] == [["body", "name"], ["body", "role"]]


def test_openapi_names_the_models(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert {"Customer", "CustomerInput"} <= set(described["components"]["schemas"])
    body = described["paths"]["/customers"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/CustomerInput"}
    answer = described["paths"]["/customers"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert answer["items"] == {"$ref": "#/components/schemas/Customer"}


def test_nobody_else_loads_pydantic(tmp_path: Path) -> None:
    path = make(tmp_path / "shop.db", SHOP, ROWS)
    program = (
        "import sys; from noormme import connect\n"
        "db = connect(sys.argv[1]); ann = db.customers.get(id=1); ann.name = 'Anna'; ann.save(); db.model('orders')\n"
        "db.schema._repr_html_()\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('pydantic', 'pydantic_core')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout == "[]\n"
