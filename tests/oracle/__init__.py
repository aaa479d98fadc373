"""Django as the oracle of meaning: the same random queries, the same file, two processes, equal rows."""
