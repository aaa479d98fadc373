"""One small program per contender: connect, read the first user, end. Each runs in a process of its own.

Invariant: a program imports nothing but its library. Where the library needs models, it declares the one
that it reads; noormme and SQLAlchemy Core discover the database instead.
"""
