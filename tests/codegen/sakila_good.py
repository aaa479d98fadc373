"""What checkers must accept and infer of the module generated for Sakila; never run."""

from typing import assert_type

import sakila as models

from noormme import F

db = models.connect("sakila.sqlite")
film = db.film.get(pk=1)
assert_type(film.language, models.Language)
assert_type(film.original_language, models.Language | None)
assert_type(film.actor, models.ActorRelated)
assert_type(film.actor.filter(first_name__istartswith="a").first(), models.Actor | None)
film.actor.add(1, db.actor.get(pk=2))
assert_type(db.rental.filter(return_date__isnull=True, customer__store__in=[1, 2]), models.RentalQuerySet)
db.payment.filter(payment_date__year=2005, rental__rental_date__year=2005).order_by("-amount")
db.film.filter(length__gt=F("rental_duration"), actor__last_name="DAVIS").distinct()
db.film_actor.get(pk=(1, 2))
assert_type(db.customer_list.first(), models.CustomerList | None)
