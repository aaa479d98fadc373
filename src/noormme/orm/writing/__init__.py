"""How rows are written: new ones, changed ones, many at a time."""
