"""A page of queries on Northwind: text keys, names with spaces, a junction with payload, views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from noormme import Avg, Count, F, Max, Min, Q, Sum
from tests.worlds import Worlds

from .page import Case, check

CASES = [
    Case(
        "products of a category",
        lambda db: (
            db.products.filter(category__category_name="Seafood")
            .order_by("product_name")
            .values_list("product_name", "unit_price")
        ),
        """SELECT ProductName, UnitPrice FROM Products
           WHERE CategoryID = (SELECT CategoryID FROM Categories WHERE CategoryName = 'Seafood')
           ORDER BY ProductName""",
    ),
    Case(
        "a customer by its text key, from the other side",
        lambda db: db.orders.filter(customer="ALFKI").order_by("pk").values_list("pk", "ship_city"),
        "SELECT OrderID, ShipCity FROM Orders WHERE CustomerID = 'ALFKI' ORDER BY OrderID",
    ),
    Case(
        "orders of the customers of a city, in a list",
        lambda db: (
            db.orders.filter(customer__city__in=["Lyon", "Nantes"])
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT OrderID FROM Orders WHERE CustomerID IN (
             SELECT CustomerID FROM Customers WHERE City = 'Lyon' OR City = 'Nantes') ORDER BY OrderID""",
    ),
    Case(
        "customers that never ordered",
        lambda db: db.customers.filter(orders__isnull=True).order_by("pk").values_list("pk", "company_name"),
        """SELECT CustomerID, CompanyName FROM Customers
           WHERE CustomerID NOT IN (SELECT CustomerID FROM Orders) ORDER BY CustomerID""",
    ),
    Case(
        "orders that hold a product, through the junction with payload",
        lambda db: (
            db.orders.filter(products__product_name="Chai").order_by("pk").values_list("pk", flat=True)
        ),
        """SELECT o.OrderID FROM Orders o JOIN "Order Details" d USING (OrderID) JOIN Products p
           USING (ProductID)
           WHERE p.ProductName = 'Chai' ORDER BY o.OrderID""",
    ),
    Case(
        "the payload of the junction itself",
        lambda db: (
            db["Order Details"]
            .filter(quantity__gte=100, discount__gt=0.1)
            .order_by("order_id", "product_id")
            .values_list("order_id", "product__product_name", "quantity", "discount")
        ),
        """SELECT d.OrderID, p.ProductName, d.Quantity, d.Discount FROM "Order Details" d, Products p
           WHERE p.ProductID = d.ProductID AND d.Quantity >= 100 AND d.Discount > 0.1
           ORDER BY d.OrderID, d.ProductID""",
    ),
    Case(
        "products never sold with a quarter off",
        lambda db: (
            db.products.exclude(order_details__discount__gte=0.25).order_by("pk").values_list("pk", flat=True)
        ),
        """SELECT ProductID FROM Products WHERE ProductID NOT IN (
             SELECT ProductID FROM "Order Details" WHERE Discount >= 0.25) ORDER BY ProductID""",
    ),
    Case(
        "orders without a drink, three relations away",
        lambda db: db.orders.exclude(products__category__category_name="Beverages").count(),
        """SELECT count(*) FROM Orders o WHERE NOT EXISTS (
             SELECT 1 FROM "Order Details" d JOIN Products p USING (ProductID) JOIN Categories c
             USING (CategoryID)
             WHERE d.OrderID = o.OrderID AND c.CategoryName = 'Beverages')""",
    ),
    Case(
        "sales of each category",
        lambda db: (
            db.categories.annotate(n=Sum("products__order_details__quantity"))
            .order_by("-n")
            .values_list("category_name", "n")
        ),
        """SELECT c.CategoryName, sum(d.Quantity) AS n FROM Categories c JOIN Products p USING (CategoryID)
           JOIN "Order Details" d USING (ProductID) GROUP BY c.CategoryID ORDER BY n DESC""",
    ),
    Case(
        "employees and their orders, those with more than a hundred",
        lambda db: (
            db.employees.annotate(n=Count("orders"))
            .filter(n__gt=100)
            .order_by("-n")
            .values_list("last_name", "n")
        ),
        """SELECT e.LastName, count(*) AS n FROM Employees e JOIN Orders o USING (EmployeeID)
           GROUP BY e.EmployeeID HAVING count(*) > 100 ORDER BY n DESC""",
    ),
    Case(
        "customers served by an employee, distinct both ways",
        lambda db: (
            db.employees.annotate(n=Count("orders__customer", distinct=True))
            .order_by("pk")
            .values_list("pk", "n")
        ),
        """SELECT EmployeeID, count(DISTINCT CustomerID) FROM Orders GROUP BY EmployeeID
           ORDER BY EmployeeID""",
    ),
    Case(
        "who reports to the one who reports to nobody",
        lambda db: (
            db.employees.filter(reports_to__reports_to__isnull=True, reports_to__isnull=False)
            .order_by("pk")
            .values_list("first_name", "reports_to__first_name")
        ),
        """SELECT e.FirstName, b.FirstName FROM Employees e JOIN Employees b ON b.EmployeeID = e.ReportsTo
           WHERE b.ReportsTo IS NULL ORDER BY e.EmployeeID""",
    ),
    Case(
        "those with nobody under them",
        lambda db: (
            db.employees.filter(employees=None).order_by("last_name").values_list("last_name", flat=True)
        ),
        """SELECT LastName FROM Employees WHERE EmployeeID NOT IN (
             SELECT ReportsTo FROM Employees WHERE ReportsTo IS NOT NULL) ORDER BY LastName""",
    ),
    Case(
        "employees of a region, three relations away through a junction, each once",
        lambda db: (
            db.employees.filter(territories__region__region_description__startswith="West")
            .distinct()
            .order_by("pk")
            .values_list("pk", "last_name")
        ),
        """SELECT DISTINCT e.EmployeeID, e.LastName FROM Employees e JOIN EmployeeTerritories
           USING (EmployeeID)
           JOIN Territories t USING (TerritoryID) JOIN Regions r ON r.RegionID = t.RegionID
           WHERE r.RegionDescription LIKE 'West%' ORDER BY e.EmployeeID""",
    ),
    Case(
        "territories that nobody has",
        lambda db: (
            db.territories.exclude(employees__isnull=False).order_by("pk").values_list("pk", flat=True)
        ),
        """SELECT TerritoryID FROM Territories WHERE TerritoryID NOT IN (SELECT TerritoryID
           FROM EmployeeTerritories)
           ORDER BY TerritoryID""",
    ),
    Case(
        "a foreign key that is not named like its target",
        lambda db: (
            db.orders.filter(ship_via__company_name="Speedy Express", freight__gt=300)
            .order_by("-freight")
            .values_list("pk", "freight")
        ),
        """SELECT o.OrderID, o.Freight FROM Orders o JOIN Shippers s ON s.ShipperID = o.ShipVia
           WHERE s.CompanyName = 'Speedy Express' AND o.Freight > 300 ORDER BY o.Freight DESC""",
    ),
    Case(
        "shippers and what they carried",
        lambda db: (
            db.shippers.annotate(n=Count("orders"), mean=Avg("orders__freight"), top=Max("orders__freight"))
            .order_by("pk")
            .values_list("company_name", "n", "mean", "top")
        ),
        """SELECT s.CompanyName, count(*), avg(o.Freight), max(o.Freight) FROM Shippers s
           JOIN Orders o ON o.ShipVia = s.ShipperID GROUP BY s.ShipperID ORDER BY s.ShipperID""",
    ),
    Case(
        "orders of a month, by a date that is stored with a fraction",
        lambda db: (
            db.orders.filter(order_date__year=1997, order_date__month=2)
            .order_by("pk")
            .values_list("pk", "order_date")
        ),
        """SELECT OrderID, datetime(OrderDate) FROM Orders WHERE OrderDate LIKE '1997-02-%'
           ORDER BY OrderID""",
    ),
    Case(
        "orders up to a moment",
        lambda db: db.orders.filter(
            order_date__lte=datetime(1996, 7, 31), shipped_date__gt=datetime(1996, 8, 5)
        ).count(),
        """SELECT count(*) FROM Orders WHERE julianday(OrderDate) <= julianday('1996-07-31')
             AND julianday(ShippedDate) > julianday('1996-08-05')""",
    ),
    Case(
        "orders of exactly one day, whatever the hour",
        lambda db: (
            db.orders.filter(order_date__date=date(1996, 7, 8)).order_by("pk").values_list("pk", flat=True)
        ),
        "SELECT OrderID FROM Orders WHERE date(OrderDate) = '1996-07-08' ORDER BY OrderID",
    ),
    Case(
        "employees born before a day",
        lambda db: (
            db.employees.filter(birth_date__lt=date(1955, 1, 1))
            .order_by("birth_date")
            .values_list("pk", "birth_date")
        ),
        "SELECT EmployeeID, BirthDate FROM Employees WHERE BirthDate < '1955-01-01' ORDER BY BirthDate",
    ),
    Case(
        "one date compared with another: shipped too late",
        lambda db: (
            db.orders.filter(shipped_date__gt=F("required_date")).order_by("pk").values_list("pk", flat=True)
        ),
        "SELECT OrderID FROM Orders WHERE ShippedDate > RequiredDate ORDER BY OrderID",
    ),
    Case(
        "not yet shipped, or dear, but not to the Americas",
        lambda db: (
            db.orders.filter(Q(shipped_date=None) | Q(freight__gte=500))
            .exclude(ship_country__in=["USA", "Brazil", "Venezuela", "Mexico", "Argentina", "Canada"])
            .order_by("ship_country", "pk")
            .values_list("ship_country", "pk")
        ),
        """SELECT ShipCountry, OrderID FROM Orders WHERE (ShippedDate IS NULL OR Freight >= 500)
             AND ShipCountry NOT IN ('USA', 'Brazil', 'Venezuela', 'Mexico', 'Argentina', 'Canada')
           ORDER BY ShipCountry, OrderID""",
    ),
    Case(
        "sorted by a relation, unknown regions last",
        lambda db: db.products.order_by(
            F("supplier__region").asc(nulls_last=True), "supplier__company_name", "pk"
        ).values_list("supplier__region", "pk"),
        """SELECT s.Region, p.ProductID FROM Products p LEFT JOIN Suppliers s ON s.SupplierID = p.SupplierID
           ORDER BY s.Region IS NULL, s.Region, s.CompanyName, p.ProductID""",
    ),
    Case(
        "the dearest product of each supplier in one country",
        lambda db: (
            db.suppliers.filter(country="Germany")
            .annotate(top=Max("products__unit_price"), low=Min("products__unit_price"))
            .order_by("-top")
            .values("company_name", "top", "low")
        ),
        """SELECT s.CompanyName, (SELECT max(UnitPrice) FROM Products p
           WHERE p.SupplierID = s.SupplierID) AS top,
             (SELECT min(UnitPrice) FROM Products p WHERE p.SupplierID = s.SupplierID)
           FROM Suppliers s WHERE s.Country = 'Germany' ORDER BY top DESC""",
    ),
    Case(
        "countries that buy and how much freight they pay, a having and a cut",
        lambda db: (
            db.orders.values("customer__country")
            .annotate(n=Count("pk"), paid=Sum("freight"))
            .filter(n__gte=30)
            .order_by("-paid")[1:6]
        ),
        """SELECT c.Country, count(*) AS n, sum(o.Freight) AS paid FROM Orders o JOIN Customers c
           USING (CustomerID)
           GROUP BY c.Country HAVING n >= 30 ORDER BY paid DESC LIMIT 5 OFFSET 1""",
    ),
    Case(
        "text with a wildcard in it is only text",
        lambda db: db.suppliers.filter(home_page__contains="#").order_by("pk").values_list("pk", flat=True),
        "SELECT SupplierID FROM Suppliers WHERE instr(HomePage, '#') > 0 ORDER BY SupplierID",
    ),
    Case(
        "letters beyond ASCII",
        lambda db: (
            db.customers.filter(city__startswith="Sã").exclude(contact_title__icontains="SALES").count()
        ),
        "SELECT count(*) FROM Customers WHERE substr(City, 1, 2) = 'Sã' AND contactTitle NOT LIKE '%sales%'",
    ),
    Case(
        "a view with spaces in its name",
        lambda db: (
            db["Products Above Average Price"]
            .filter(unit_price__gt=50)
            .order_by("product_name")
            .values_list("product_name", "unit_price")
        ),
        """SELECT ProductName, UnitPrice FROM Products WHERE UnitPrice > 50
             AND UnitPrice > (SELECT avg(UnitPrice) FROM Products) ORDER BY ProductName""",
    ),
    Case(
        "an aggregate over a view",
        lambda db: db.order_subtotals.aggregate(n=Count("order_id"), total=Sum("subtotal")),
        """SELECT count(DISTINCT OrderID), round(sum(UnitPrice * Quantity * (1 - Discount)), 6)
           FROM "Order Details" """,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_northwind(engine: str, copied: Callable[[str], Path], worlds: Worlds, case: Case) -> None:
    check(worlds.shared(engine, copied("northwind")), copied("northwind"), case)
