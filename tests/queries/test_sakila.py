"""A page of queries on Sakila: two keys to one table, tables that point at each other, deep spans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from noormme import Avg, Count, F, Max, Min, Q, Sum
from tests.worlds import Worlds

from .page import Case, check

CASES = [
    Case(
        "the cast of a film",
        lambda db: (
            db.actor.filter(film__title="ACADEMY DINOSAUR")
            .order_by("last_name", "first_name")
            .values_list("first_name", "last_name")
        ),
        """SELECT a.first_name, a.last_name FROM actor a JOIN film_actor USING (actor_id) JOIN film f
           USING (film_id)
           WHERE f.title = 'ACADEMY DINOSAUR' ORDER BY a.last_name, a.first_name""",
    ),
    Case(
        "films in which two actors play together: two filters, two joins",
        lambda db: (
            db.film.filter(actor__pk=1).filter(actor__pk=10).order_by("title").values_list("title", flat=True)
        ),
        """SELECT title FROM film WHERE film_id IN (SELECT film_id FROM film_actor WHERE actor_id = 1)
             AND film_id IN (SELECT film_id FROM film_actor WHERE actor_id = 10) ORDER BY title""",
    ),
    Case(
        "nobody is two actors: one filter, one join",
        lambda db: db.film.filter(Q(actor__pk=1) & Q(actor__pk=10)).count(),
        "SELECT count(*) FROM film_actor WHERE actor_id = 1 AND actor_id = 10",
    ),
    Case(
        "actors in no horror film",
        lambda db: (
            db.actor.exclude(film__category__name="Horror").order_by("pk").values_list("pk", flat=True)
        ),
        """SELECT actor_id FROM actor WHERE actor_id NOT IN (
             SELECT fa.actor_id FROM film_actor fa JOIN film_category fc USING (film_id)
             JOIN category c USING (category_id) WHERE c.name = 'Horror') ORDER BY actor_id""",
    ),
    Case(
        "exclude with two conditions over a to-many: each is a subquery of its own",
        lambda db: db.actor.exclude(film__rating="R", film__length__gt=180).count(),
        """SELECT count(*) FROM actor a WHERE NOT (
             EXISTS (SELECT 1 FROM film_actor x JOIN film f USING (film_id)
                     WHERE x.actor_id = a.actor_id AND f.rating = 'R')
             AND EXISTS (SELECT 1 FROM film_actor x JOIN film f USING (film_id)
                         WHERE x.actor_id = a.actor_id AND f.length > 180))""",
    ),
    Case(
        "two keys to one table, forward",
        lambda db: (
            db.film.filter(
                language__name__startswith="English", original_language__isnull=True, length__lt=48
            )
            .order_by("pk")
            .values_list("pk", "language__name", "original_language__name")
        ),
        """SELECT f.film_id, l.name, NULL FROM film f JOIN language l USING (language_id)
           WHERE l.name GLOB 'English*' AND f.original_language_id IS NULL AND f.length < 48
           ORDER BY f.film_id""",
    ),
    Case(
        "two keys to one table, back",
        lambda db: (
            db.language.annotate(n=Count("film_as_language"), o=Count("film_as_original_language"))
            .order_by("pk")
            .values_list("pk", "n", "o")
        ),
        """SELECT language_id, (SELECT count(*) FROM film f WHERE f.language_id = l.language_id),
             (SELECT count(*) FROM film f WHERE f.original_language_id = l.language_id)
           FROM language l ORDER BY language_id""",
    ),
    Case(
        "films of each category and their mean length",
        lambda db: (
            db.category.annotate(n=Count("film"), mean=Avg("film__length"))
            .order_by("name")
            .values_list("name", "n", "mean")
        ),
        """SELECT c.name, count(*), avg(f.length) FROM category c JOIN film_category USING (category_id)
           JOIN film f USING (film_id) GROUP BY c.category_id ORDER BY c.name""",
    ),
    Case(
        "where a customer lives, three relations away",
        lambda db: (
            db.customer.filter(address__city__country__country="Switzerland")
            .order_by("pk")
            .values_list("pk", "last_name", "address__city__city")
        ),
        """SELECT u.customer_id, u.last_name, i.city FROM customer u JOIN address a USING (address_id)
           JOIN city i USING (city_id) JOIN country y USING (country_id) WHERE y.country = 'Switzerland'
           ORDER BY u.customer_id""",
    ),
    Case(
        "countries by how many customers, three relations back",
        lambda db: (
            db.country.annotate(n=Count("city__address__customer"))
            .filter(n__gte=20)
            .order_by("-n", "country")
            .values_list("country", "n")
        ),
        """SELECT y.country, count(u.customer_id) AS n FROM country y JOIN city USING (country_id)
           JOIN address USING (city_id) JOIN customer u USING (address_id) GROUP BY y.country_id
           HAVING n >= 20 ORDER BY n DESC, y.country""",
    ),
    Case(
        "cities without a customer",
        lambda db: (
            db.city.exclude(address__customer__isnull=False).order_by("city").values_list("city", flat=True)
        ),
        """SELECT city FROM city WHERE NOT EXISTS (SELECT 1 FROM address a JOIN customer USING (address_id)
             WHERE a.city_id = city.city_id) ORDER BY city""",
    ),
    Case(
        "films that are not in stock",
        lambda db: db.film.filter(inventory=None).order_by("title").values_list("title", flat=True),
        "SELECT title FROM film WHERE film_id NOT IN (SELECT film_id FROM inventory) ORDER BY title",
    ),
    Case(
        "copies of a film in each store",
        lambda db: (
            db.inventory.filter(film__title__istartswith="alien center")
            .values("store")
            .annotate(n=Count("pk"))
            .order_by("store")
        ),
        """SELECT store_id, count(*) FROM inventory WHERE film_id = (
             SELECT film_id FROM film WHERE title = 'ALIEN CENTER') GROUP BY store_id ORDER BY store_id""",
    ),
    Case(
        "tables that point at each other",
        lambda db: db.store.order_by("pk").values_list(
            "pk", "manager_staff__username", "manager_staff__store__address__address"
        ),
        """SELECT s.store_id, f.username, a.address FROM store s
           JOIN staff f ON f.staff_id = s.manager_staff_id
           JOIN store h ON h.store_id = f.store_id JOIN address a ON a.address_id = h.address_id
           ORDER BY s.store_id""",
    ),
    Case(
        "who rented a film, four relations away, each once",
        lambda db: (
            db.customer.filter(rental__inventory__film__title="ZORRO ARK")
            .distinct()
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT DISTINCT r.customer_id FROM rental r JOIN inventory USING (inventory_id) JOIN film f
           USING (film_id)
           WHERE f.title = 'ZORRO ARK' ORDER BY r.customer_id""",
    ),
    Case(
        "what the ten best customers paid",
        lambda db: (
            db.customer.annotate(paid=Sum("payment__amount"))
            .order_by("-paid", "pk")
            .values_list("email", "paid")[:10]
        ),
        """SELECT c.email, sum(p.amount) AS paid FROM customer c JOIN payment p USING (customer_id)
           GROUP BY c.customer_id ORDER BY paid DESC, c.customer_id LIMIT 10""",
    ),
    Case(
        "a having on money",
        lambda db: (
            db.customer.annotate(paid=Sum("payment__amount"))
            .filter(paid__gt=Decimal("110.5"))
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT customer_id FROM payment GROUP BY 1 HAVING round(sum(amount), 2) > 110.5
           ORDER BY customer_id""",
    ),
    Case(
        "money taken by an employee in one month",
        lambda db: db.payment.filter(
            staff__first_name="Mike", payment_date__year=2005, payment_date__month=7
        ).aggregate(n=Count("pk"), total=Sum("amount"), low=Min("amount"), last=Max("payment_date")),
        """SELECT count(*), sum(amount), min(amount), max(payment_date) FROM payment
           WHERE staff_id = 1 AND substr(payment_date, 1, 7) = '2005-07'""",
    ),
    Case(
        "payments of exactly some amounts",
        lambda db: db.payment.filter(amount__in=[Decimal("9.98"), Decimal("10.99"), Decimal("0.00")]).count(),
        "SELECT count(*) FROM payment WHERE amount IN (9.98, 10.99, 0)",
    ),
    Case(
        "rentals that were paid for more than once, by film",
        lambda db: (
            db.rental.annotate(n=Count("payment"))
            .filter(n__gt=1)
            .order_by("inventory__film__title", "pk")
            .values_list("inventory__film__title", "pk", "n")
        ),
        """SELECT f.title, r.rental_id, count(*) AS n FROM rental r JOIN inventory USING (inventory_id)
           JOIN film f USING (film_id) JOIN payment p ON p.rental_id = r.rental_id GROUP BY r.rental_id
           HAVING n > 1
           ORDER BY f.title, r.rental_id""",
    ),
    Case(
        "the latest rentals, cut",
        lambda db: db.rental.order_by("-rental_date", "-pk").values_list(
            "pk", "rental_date", "inventory__film__title"
        )[5:15],
        """SELECT r.rental_id, r.rental_date, f.title FROM rental r JOIN inventory USING (inventory_id)
           JOIN film f USING (film_id) ORDER BY r.rental_date DESC, r.rental_id DESC LIMIT 10 OFFSET 5""",
    ),
    Case(
        "rentals of one morning",
        lambda db: (
            db.rental.filter(rental_date__date=date(2005, 7, 8), rental_date__time__lt=time(9))
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT rental_id FROM rental WHERE rental_date >= '2005-07-08 00:00:00'
           AND rental_date < '2005-07-08 09:00:00'
           ORDER BY rental_id""",
    ),
    Case(
        "rentals between two moments, both ends included",
        lambda db: db.rental.filter(
            rental_date__range=(datetime(2005, 5, 24, 22, 53, 30), datetime(2005, 5, 25))
        ).count(),
        """SELECT count(*) FROM rental WHERE rental_date BETWEEN '2005-05-24 22:53:30'
           AND '2005-05-25 00:00:00'""",
    ),
    Case(
        "rented from a store that is not the customer's own",
        lambda db: db.rental.exclude(inventory__store=F("customer__store")).count(),
        """SELECT count(*) FROM rental r JOIN inventory i USING (inventory_id) JOIN customer c
           USING (customer_id)
           WHERE i.store_id <> c.store_id""",
    ),
    Case(
        "titles by pattern",
        lambda db: (
            db.film.filter(title__iregex=r"^(zorro|young) .*[ke]$").order_by("title").values_list("title")
        ),
        """SELECT title FROM film WHERE (title LIKE 'zorro %' OR title LIKE 'young %')
             AND upper(substr(title, -1)) IN ('K', 'E') ORDER BY title""",
    ),
    Case(
        "one or the other, not both",
        lambda db: db.film.filter(Q(rating="NC-17") ^ Q(special_features__contains="Trailers")).count(),
        """SELECT count(*) FROM film WHERE (rating = 'NC-17') <> (instr(special_features, 'Trailers') > 0)""",
    ),
    Case(
        "union of two query sets",
        lambda db: (
            (
                db.film.filter(category__name="Music", length__gt=170)
                | db.film.filter(rental_rate=Decimal("4.99"), length=46)
            )
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        """SELECT film_id FROM film JOIN film_category USING (film_id) JOIN category c USING (category_id)
           WHERE (c.name = 'Music' AND length > 170) OR (rental_rate = 4.99 AND length = 46)
           ORDER BY film_id""",
    ),
    Case(
        "ratings by number, the rare ones first",
        lambda db: db.film.values("rating").annotate(n=Count("*"), top=Max("length")).order_by("n", "rating"),
        "SELECT rating, count(*) AS n, max(length) FROM film GROUP BY rating ORDER BY n, rating",
    ),
    Case(
        "a view, filtered and counted",
        lambda db: (
            db.film_list.filter(category="Sci-Fi", price__gte=Decimal("4.99"))
            .values("title")
            .distinct()
            .count()
        ),
        """SELECT count(DISTINCT f.title) FROM film f JOIN film_category USING (film_id)
           JOIN category c USING (category_id) JOIN film_actor USING (film_id)
           WHERE c.name = 'Sci-Fi' AND f.rental_rate >= 4.99""",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sakila(engine: str, copied: Callable[[str], Path], worlds: Worlds, case: Case) -> None:
    check(worlds.shared(engine, copied("sakila")), copied("sakila"), case)
