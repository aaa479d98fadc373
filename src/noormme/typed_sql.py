"""What the modules are made of that ``noormme sql generate`` writes.

>>> from noormme.typed_sql import RowQuery

Invariant: nothing is defined here; what a generated module needs at run time has this one address, and none
of it needs what reads SQL.
"""

from noormme.orm.typed_sql import Command, Of, RowQuery, ValueQuery

__all__ = ["Command", "Of", "RowQuery", "ValueQuery"]
