"""Rows that are scored together, and which one of them is to blame when that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tracker.errors import InvalidValue

_MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Chunk:
    """Rows of a file: a data frame, or a list of records. `first` is the number of the first one, counted from 1.

    `frame_of` makes the data frame of some of them that the model is given.
    """

    rows: Any
    first: int
    frame_of: Callable[[Any], Any] = lambda rows: rows


class Rows(Protocol):
    """A file of rows."""

    name: str

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All rows, `size` at a time.

        Errors: InvalidValue, naming the row that can't be read.
        """

    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""


def blamed(chunk: Chunk, attempt: Callable[[Any], Any], error: Exception, name: str) -> InvalidValue:
    """An error that names the first row for which the attempt fails; all rows if each alone goes well."""
    low, rows = 0, chunk.rows
    while len(rows) > 1:
        half = len(rows) // 2
        found = _failure(attempt, rows[:half])
        rows, low = (rows[:half], low) if found else (rows[half:], low + half)
        found = found or _failure(attempt, rows)
        if found is None:
            last = chunk.first + len(chunk.rows) - 1
            return InvalidValue(f"{name}, rows {chunk.first:,} to {last:,}: {_told(error)}")
        error = found
    return InvalidValue(f"{name}, row {chunk.first + low:,}: {_told(error)}")


def _failure(attempt: Callable[[Any], Any], rows: Any) -> Exception | None:
    try:
        attempt(rows)
    except Exception as error:
        return error
    return None


def _told(error: Exception) -> str:
    text = str(error) if isinstance(error, InvalidValue) else f"{type(error).__name__}: {error}"
    return text[:_MOST_CHARACTERS]
