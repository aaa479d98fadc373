"""Full-text search on MySQL and MariaDB: which indexes there are, and which words they note.

Invariant: everything is told by the catalogue and the server's settings; nothing is read from a table that is
searched. An index whose words are cut by a parser of its own is one like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from noormme.schema.model import Table
from noormme.schema.search_index import SearchColumn, SearchIndex

__all__ = ["Words", "search_indexes", "words_of"]

_USUAL = frozenset(
    (
        *("a", "about", "an", "are", "as", "at", "be", "by", "com", "de", "en", "for", "from", "how", "i"),
        *(
            "in",
            "is",
            "it",
            "la",
            "of",
            "on",
            "or",
            "that",
            "the",
            "this",
            "to",
            "und",
            "was",
            "what",
            "when",
        ),
        *("where", "who", "will", "with", "www"),
    )
)
"""The stop words of InnoDB. The server shows them to those only who may see all processes."""


class Words(msgspec.Struct, frozen=True):
    """Which words the full-text indexes of a server note.

    Attributes:
        shortest: The length of the shortest, in characters.
        longest: The length of the longest, in characters.
        stopwords: Those that are passed over, in lower case.
    """

    shortest: int = 3
    longest: int = 84
    stopwords: frozenset[str] = _USUAL

    def note(self, word: str) -> bool:
        """Whether a word is in the index.

        Args:
            word: The word.
        """
        return self.shortest <= len(word) <= self.longest and word.lower() not in self.stopwords


def words_of(settings: Mapping[str, str], named: Iterable[str]) -> Words:
    """Which words the full-text indexes of a server note. Does not touch the database.

    Args:
        settings: The settings of the server that begin with ``innodb_ft_``, by name.
        named: The words of the table that one of them names.
    """
    usual = Words()
    own = frozenset(word.lower() for word in named)
    is_on = settings.get("innodb_ft_enable_stopword", "ON") in ("ON", "1")
    return Words(
        int(settings.get("innodb_ft_min_token_size", usual.shortest)),
        int(settings.get("innodb_ft_max_token_size", usual.longest)),
        (own or usual.stopwords) if is_on else frozenset(),
    )


def search_indexes(tables: Iterable[Table]) -> list[SearchIndex]:
    """The indexes that can be searched, each under its own name. Does not touch the database.

    Args:
        tables: The tables.
    """
    return [
        SearchIndex(
            index.name,
            table.name,
            key="",
            table_key="",
            columns=tuple(SearchColumn(column, column) for column in columns),
            content="external",
            vector=", ".join(map(_quoted, columns)),
        )
        for table in tables
        if table.readable
        for index in table.indexes
        if index.method == "fulltext" and (columns := index.columns)
    ]


def _quoted(name: str) -> str:
    doubled = name.replace("`", "``")
    return f"`{doubled}`"
