"""``noormme copy``: a database into another one."""
