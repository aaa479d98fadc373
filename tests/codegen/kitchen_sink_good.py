"""What checkers must accept and infer of the module generated for the odd database; never run."""

from typing import Literal, assert_type

import kitchen_sink as models

db = models.connect("kitchen_sink.sqlite")
assert_type(db['a"b'], models.ABManager)
assert_type(db["order items (2024)"], models.OrderItems2024Manager)
assert_type(db.checks.get(pk=1).status, Literal["new", "open", "done"])
db.checks.filter(status="new").update(status="done")
assert_type(db.node.get(pk=1).parent, models.Node | None)
db.composite.get(pk=(1, 2))
db.select.filter(from___gt=1, order=2).order_by("-group")
assert_type(db.message.get(pk=1).sender_id, int)
db.gen.create(w=1.0, h=2)
