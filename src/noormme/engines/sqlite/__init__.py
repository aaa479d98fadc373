"""SQLite through APSW: the driver, discovery, and the parser of its DDL."""
