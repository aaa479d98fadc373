"""``noormme demo``: see it work, on a sample or on a database of your own."""
