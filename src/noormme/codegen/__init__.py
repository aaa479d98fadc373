"""Source text that is made from what a database knows, for checkers, editors and other programs to read.

Invariant: what is made depends on the schema and on what it is made from, and on nothing else; Python passes
a strict type checker. Nothing here does I/O.
"""
