"""``noormme generate``: what other programs read of a database's schema."""
