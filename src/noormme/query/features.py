"""What a database can do, where databases differ.

Invariant: a difference that code outside ``engines`` must know has a name here; nothing there asks which
database it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

__all__ = ["Features"]


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What a database can do; each dialect has one of these.

    Attributes:
        nulls_are_smallest: Whether NULLs come first in ascending order, where a query does not say it.
        strict_clauses: Whether GROUP BY must name all that is selected of joined tables, and DISTINCT rows
            can be sorted only by what is selected.
        groups_follow_key: Whether a row whose key is in GROUP BY has all of its columns in its group.
        locks_rows: Whether a transaction can lock the rows that it reads.
        frames_groups: Whether the frame of a window can count groups of rows that sort alike, and leave out
            some of its rows.
        shifts_with_default: Whether LAG and LEAD take what to give where there is no such row.
        having_reads_rows: Whether HAVING can name columns of the row whose key the rows are grouped by.
        full_joins: Whether there is a FULL JOIN.
        returns_inserted: Whether INSERT can give back what the row holds (RETURNING).
        returns_updated: Whether UPDATE can.
        reserves_keys: Whether keys for new rows can be taken beforehand that nobody else is given, whatever
            triggers and other programs insert meanwhile.
        round_trips: Whether each statement waits for a network, so that several of them go together.
        tells_numbers: Whether an INSERT tells the number that it gave to a column with AUTO_INCREMENT.
        conflict_targets: Whether an INSERT that meets a row can say by which unique key (ON CONFLICT).
        nul_in_lists: Whether a list that is one parameter holds text with a NUL as well.
        lacks: The functions and operators of queries in tables that there are not, and what to write instead.
    """

    nulls_are_smallest: bool = True
    strict_clauses: bool = False
    groups_follow_key: bool = True
    locks_rows: bool = False
    frames_groups: bool = True
    shifts_with_default: bool = True
    having_reads_rows: bool = True
    full_joins: bool = True
    returns_inserted: bool = True
    returns_updated: bool = True
    reserves_keys: bool = False
    round_trips: bool = False
    tells_numbers: bool = False
    conflict_targets: bool = True
    nul_in_lists: bool = True
    lacks: Mapping[str, str] = {}
