"""What checkers must refuse of the module generated for the odd database."""

import kitchen_sink as models

db = models.connect("kitchen_sink.sqlite")
db["a'b"]  # error
db.checks.create(status="old")  # error
db.checks.get(pk=1).status = "old"  # error
db.select.filter(from__gt="x")  # error
db.gen.create(area=3.0)  # error
db.gen.filter(area__gte="x")  # error
db.message.filter(sender__nope=1)  # error
db.message.order_by("sender__nope")  # error
