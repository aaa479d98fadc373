"""``noormme init``: noormme set up for a database that exists."""
