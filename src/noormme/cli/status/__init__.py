"""``noormme status``: what state a database is in."""
