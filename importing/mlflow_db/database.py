"""A database of MLflow, opened to be read alone."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from importing.found import Unreadable

Row = dict[str, Any]
_NEEDED = {"experiments", "runs", "params", "metrics", "tags"}


class Database:
    """Rows as mappings. Columns and tables that an older MLflow did not have are simply not there."""

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=20)
            # What a stranger's schema would call is not called.
            self._connection.execute("PRAGMA trusted_schema = OFF")
            found = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.Error as error:
            raise Unreadable(f"{path.name} is no SQLite database that can be read: {error}.") from None
        self._tables = {name for (name,) in found}
        missing = _NEEDED - self._tables
        if missing:
            raise Unreadable(f"{path.name} is no database of MLflow: it has no table {min(missing)!r}.")
        self._connection.row_factory = _mapping

    def rows(self, table: str, condition: str = "1", values: Sequence[Any] = (), order: str = "rowid") -> list[Row]:
        """Rows of a table; none of one that is not there.

        Errors: Unreadable for a damaged database.
        """
        if table not in self._tables:
            return []
        try:
            return self._connection.execute(
                f"SELECT * FROM {table} WHERE {condition} ORDER BY {order}", values
            ).fetchall()
        except sqlite3.Error as error:
            raise Unreadable(f"The table {table} can't be read: {error}.") from None

    def pieces(self, query: str, values: Sequence[Any], size: int) -> Iterator[list[Row]]:
        """What a query finds, in pieces.

        Errors: Unreadable for a damaged database.
        """
        try:
            cursor = self._connection.execute(query, values)
            while piece := cursor.fetchmany(size):
                yield piece
        except sqlite3.Error as error:
            raise Unreadable(f"It can't be read: {error}.") from None

    def one(self, query: str, values: Sequence[Any] = ()) -> Row:
        """The one row that a query finds."""
        (piece,) = self.pieces(query, values, 1)
        return piece[0]


def _mapping(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return dict(zip((column[0] for column in cursor.description), row, strict=True))
