"""``noormme create``: a small project that runs."""
