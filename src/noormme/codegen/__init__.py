"""Python source that is made from what a database knows.

Invariant: what is made is complete source that passes a strict type checker, and depends on the schema and on
what it is made from, and on nothing else.
"""
