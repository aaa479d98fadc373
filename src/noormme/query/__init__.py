"""What is asked, as frozen values: shapes, lookups, expressions, and their way to SQL. No I/O."""
