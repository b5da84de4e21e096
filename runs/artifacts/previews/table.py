"""What all tables show: columns with their types, and a page of rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from runs.artifacts.previews.decoding import visible
from runs.artifacts.previews.source import Preview

PAGE_ROWS = 100
MAX_COLUMNS = 100
MAX_CELL_LENGTH = 300
_WHOLE = re.compile(r"[-+]?\d{1,30}", re.ASCII)
_NUMBER = re.compile(
    r"[-+]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][-+]?\d{1,3})?|nan|[-+]?inf(inity)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True)
class Column:
    """A column of a table; `type` is a word of the file's own, or what its cells look like."""

    name: str
    type: str

    @property
    def is_number(self) -> bool:
        """Its cells line up at the right."""
        return self.type.startswith(("whole number", "number", "int", "uint", "float", "double", "half", "decimal"))


@dataclass(frozen=True, kw_only=True)
class TablePreview(Preview):
    """A page of rows. `first_row` is the number of its first one, from 1; `total` counts all rows where it is known."""

    kind = "table"

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    first_row: int
    total: int | None = None

    @classmethod
    def of(
        cls, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, page: int, note: str = "", **more: Any
    ) -> Self:
        """A page of a table; columns beyond MAX_COLUMNS are left out, and the note says so."""
        if len(columns) > MAX_COLUMNS:
            note = f"{note} Shown: {MAX_COLUMNS} of {len(columns):,} columns.".strip()
        return cls(
            columns=columns[:MAX_COLUMNS],
            rows=[_filled(row, min(len(columns), MAX_COLUMNS)) for row in rows],
            first_row=(page - 1) * PAGE_ROWS + 1,
            page=page,
            note=note,
            **more,
        )

    @property
    def cells(self) -> list[list[tuple[Column, str]]]:
        """Rows whose cells come with their columns."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]

    @property
    def last_row(self) -> int:
        """The number of the last row shown."""
        return self.first_row + len(self.rows) - 1


def _filled(row: Sequence[str], width: int) -> list[str]:
    """A row as wide as the table: ragged rows are common."""
    return [cut(cell) for cell in row[:width]] + [""] * (width - len(row))


def cut(text: str) -> str:
    """A cell as it is shown: control characters as pictures, its end left out beyond 300 characters."""
    return visible(text[:MAX_CELL_LENGTH]) + ("…" if len(text) > MAX_CELL_LENGTH else "")


def type_of(cells: Iterable[str]) -> str:
    """What the cells of a column look like."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return "empty"
    for name, looks_so in _TYPES:
        if all(looks_so(cell) for cell in filled):
            return name
    return "text"


_TYPES = (
    ("true or false", lambda cell: cell.lower() in ("true", "false")),
    ("whole number", lambda cell: _WHOLE.fullmatch(cell) is not None),
    ("number", lambda cell: _NUMBER.fullmatch(cell) is not None),
)
