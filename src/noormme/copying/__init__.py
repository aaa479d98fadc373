"""A database copied into another one, of the same engine or of another.

Invariant: only the target is written to, and nothing is said to be copied that was not read again there.
"""

from noormme.copying.copying import copy
from noormme.copying.report import CopyReport, Difference, TableReport

__all__ = ["CopyReport", "Difference", "TableReport", "copy"]
