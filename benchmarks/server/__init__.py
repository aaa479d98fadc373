"""A server: how much noormme adds to what the driver itself costs, and what other ORMs add.

Invariant: as for the operations, each contender has a process of its own, and a time counts only where the
rows are the reference's.
"""
