"""``noormme sql``: typed functions from files of SQL."""
