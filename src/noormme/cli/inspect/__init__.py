"""``noormme inspect``: what is in a database."""
