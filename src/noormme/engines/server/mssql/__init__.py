"""SQL Server, through pymssql."""
