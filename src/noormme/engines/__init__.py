"""How statements run: everything that does I/O is in here, one package per family of databases."""
