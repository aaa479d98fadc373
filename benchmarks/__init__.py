"""noormme beside its peers: the same reads on the same SQLite file, each contender in its own process.

Run it with ``python -m benchmarks run``; ``benchmarks/README.md`` says what is measured and how.
"""
