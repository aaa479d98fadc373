"""Real databases: their relations are called what a person would call them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from noormme.engines.sqlite.introspect import introspect
from noormme.schema.diagram import dot, mermaid
from noormme.schema.model import Schema
from noormme.schema.naming import RESERVED_FIELD_NAMES, field_name
from tests.schema.build import fields
from tests.schema.grammars import read_dot, read_mermaid

NAMES = [
    *("chinook", "chromium_history", "datasette_fixtures", "django_wagtail", "drizzle", "kitchen_sink"),
    *("northwind", "pocketbase", "rails", "sakila", "spatialite"),
]

RELATIONS = {
    "chinook": """
        Album: artist, track*
        Artist: album*
        Customer: invoice*, support_rep
        Employee: customer*, employee*, reports_to
        Genre: track*
        Invoice: customer, invoice_line*
        InvoiceLine: invoice, track
        MediaType: track*
        Playlist: playlist_track*, track*
        PlaylistTrack: playlist, track
        Track: album, genre, invoice_line*, media_type, playlist*, playlist_track*
    """,
    "northwind": """
        Categories: products*
        CustomerCustomerDemo: customer, customer_type
        CustomerDemographics: customer_customer_demo*, customers*
        Customers: customer_customer_demo*, customer_demographics*, orders*
        EmployeeTerritories: employee, territory
        Employees: employee_territories*, employees*, orders*, reports_to, territories*
        Order Details: order, product
        Orders: customer, employee, order_details*, products*, ship_via
        Products: category, order_details*, orders*, supplier
        Regions: territories*
        Shippers: orders*
        Suppliers: products*
        Territories: employee_territories*, employees*, region
    """,
    "sakila": """
        actor: film*, film_actor*
        address: city, customer*, staff*, store*
        category: film*, film_category*
        city: address*, country
        country: city*
        customer: address, payment*, rental*, store
        film: actor*, category*, film_actor*, film_category*, inventory*, language, original_language
        film_actor: actor, film
        film_category: category, film
        inventory: film, rental*, store
        language: film_as_language*, film_as_original_language*
        payment: customer, rental, staff
        rental: customer, inventory, payment*, staff
        staff: address, payment*, rental*, store, store_as_manager_staff*
        store: address, customer*, inventory*, manager_staff, staff*
    """,
    "drizzle": """
        session: user
        task: workspace_member
        user: manager, session*, user*, workspace*, workspace_member*
        workspace: user*, workspace_member*
        workspace_member: task*, user, workspace
    """,
    "kitchen_sink": """
        child: parent, parent_by_a_b, parent_by_code
        composite: composite_child*
        composite_child: composite
        course: enrolment*, student_course*, student_via_enrolment*, student_via_student_course*
        enrolment: course, student
        friend: a, b
        husband: wife, wife_as_husband*
        message: cc, recipient, sender
        mixedCase: user
        node: children*, node_as_prev, parent, prev
        parent: child_as_parent*, child_as_parent_by_a_b*, child_as_parent_by_code*, mixed_case*
        person: message_as_cc*, message_as_recipient*, message_as_sender*, profile
        profile: person
        series: series, series_as_series*
        student: course_via_enrolment*, course_via_student_course*, enrolment*, friend_as_a*, friend_as_b*,\
 student_course*, student_via_friend_as_a*, student_via_friend_as_b*
        student_course: course, student
        wife: husband, husband_as_wife*
    """,
}
"""The attributes of each table; a star stands behind those that lead to many rows."""


@pytest.fixture
def discovered(copied: Callable[[str], Path]) -> Iterator[Callable[[str], Schema]]:
    connections: list[apsw.Connection] = []

    def discover(name: str) -> Schema:
        connections.append(apsw.Connection(str(copied(name)), flags=apsw.SQLITE_OPEN_READONLY))
        return introspect(connections[-1])

    yield discover
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("name", RELATIONS)
def test_relations(discovered: Callable[[str], Schema], name: str) -> None:
    found = discovered(name)
    lines = [
        f"{table.name}: {', '.join(item.name + '*' * item.to_many for item in relations.values())}"
        for table in found
        if (relations := found.relations_of(table.name))
    ]
    assert lines == [line.strip() for line in RELATIONS[name].strip().splitlines()]


def test_models_of_northwind(discovered: Callable[[str], Schema]) -> None:
    assert {table.name: (table.manager, table.model) for table in discovered("northwind").tables} == {
        "Categories": ("categories", "Category"),
        "CustomerCustomerDemo": ("customer_customer_demo", "CustomerCustomerDemo"),
        "CustomerDemographics": ("customer_demographics", "CustomerDemographic"),
        "Customers": ("customers", "Customer"),
        "EmployeeTerritories": ("employee_territories", "EmployeeTerritory"),
        "Employees": ("employees", "Employee"),
        "Order Details": ("order_details", "OrderDetail"),
        "Orders": ("orders", "Order"),
        "Products": ("products", "Product"),
        "Regions": ("regions", "Region"),
        "Shippers": ("shippers", "Shipper"),
        "Suppliers": ("suppliers", "Supplier"),
        "Territories": ("territories", "Territory"),
    }


def test_raw_keys_of_northwind(discovered: Callable[[str], Schema]) -> None:
    found = discovered("northwind")
    assert fields(found, "Orders")["ShipVia"] == "ship_via_id"
    assert fields(found, "Employees")["ReportsTo"] == "reports_to_id"
    assert fields(found, "Orders")["CustomerID"] == "customer_id"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_written_and_is_single(discovered: Callable[[str], Schema], name: str) -> None:
    found = discovered(name)
    assert (
        len({table.manager for table in found}) == len({table.model for table in found}) == len(list(found))
    )
    for table in found:
        names = [*[column.field for column in table.columns], *found.relations_of(table.name)]
        assert len(set(names)) == len(names)
        assert [item for item in names if field_name(item) != item or item in RESERVED_FIELD_NAMES] == []


@pytest.mark.parametrize("name", NAMES)
def test_diagrams(discovered: Callable[[str], Schema], name: str) -> None:
    found = discovered(name)
    forward = sum(item.forward for item in found.relations)
    assert len(read_mermaid(mermaid(found)).edges) == len(read_dot(dot(found)).edges) == forward
    everything = [table.name for table in found]
    assert len(read_mermaid(mermaid(found, everything)).entities) == len(everything)
    assert len(read_dot(dot(found, everything)).entities) == len(everything)


@pytest.mark.parametrize("name", NAMES)
def test_json_round_trip(discovered: Callable[[str], Schema], name: str) -> None:
    found = discovered(name)
    assert Schema.from_json(found.to_json()) == found
