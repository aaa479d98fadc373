"""Event loops: how fast a library answers the tasks of one, and how long it holds it meanwhile.

Invariant: as for the operations, each contender has a process of its own, and a number counts only where the
data is the reference's.
"""
