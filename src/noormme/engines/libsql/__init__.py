"""libSQL: SQLite's SQL on a server (sqld, Turso), in a local file, or in a replica of a server's database."""
