"""``noormme shell``: a Python prompt with the database at hand."""
