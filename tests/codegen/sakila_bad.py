"""What checkers must refuse of the module generated for Sakila; a line that is wrong ends in ``# error``."""

import sakila as models

db = models.connect("sakila.sqlite")
db.films  # error
db.film.filter(titel="x")  # error
db.film.filter(length__gte="x")  # error
db.film.filter(actor__nam="x")  # error
db.film.filter(title__startwith="x")  # error
db.film.order_by("nope")  # error
db.actor.create(first_name="x")  # error
db.film.get(pk=1).language.nam  # error
db.film.get(pk=1).actor.add("x")  # error
db.film_actor.get(pk="x")  # error
db.customer_list.create(name="x")  # error
db.customer_list.filter(nope="x")  # error
