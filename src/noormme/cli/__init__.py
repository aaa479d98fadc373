"""The command line.

Invariant: commands stand on the public API, write what was asked for to standard output and
everything else to standard error, and end with 0 (done), 1 (failed), 2 (called wrongly), 3 (``copy``:
a table is another at the target), 130 (interrupted) or 141 (the reader of the output went away).
"""
