"""What queries in tables are written with, besides names and values.

>>> from noormme.sql import fn, ref
>>> db.table("payments").where("due_on", "=", ref("issued_on")).select(n=fn.count()).scalar()
0
"""

from noormme.query.builder.expressions import and_, case, exists, fn, not_, not_exists, or_, outer, ref, value

__all__ = ["and_", "case", "exists", "fn", "not_", "not_exists", "or_", "outer", "ref", "value"]
