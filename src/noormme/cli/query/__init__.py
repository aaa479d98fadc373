"""``noormme query``: a query on the command line, and its rows."""
