"""Parquet: a page of rows, read by pyarrow in the child process."""

from typing import IO, Any

from runs.artifacts.previews.limits import run_limited
from runs.artifacts.previews.source import Mismatch, Preview, Source
from runs.artifacts.previews.table import MAX_CELL_LENGTH, MAX_COLUMNS, PAGE_ROWS, Column, TablePreview

_SIGNATURE = b"PAR1"


def preview(source: Source) -> Preview:
    """A page of rows with the types that the file names."""
    if not (source.head.startswith(_SIGNATURE) and source.read(max(0, source.size - 4), 4) == _SIGNATURE):
        raise Mismatch("Its content is no Parquet, or broke off.")
    found = run_limited("parquet", source.file, page=source.page)
    return TablePreview.of(
        [Column(name, kind) for name, kind in found["columns"]],
        found["rows"],
        page=source.page,
        total=found["total"],
        has_more=source.page * PAGE_ROWS < found["total"],
    )


def read(file: IO[bytes], *, page: int) -> dict[str, Any]:
    """{columns: [(name, type)], rows, total}. Only the row groups and columns that are shown are read."""
    import pyarrow
    from pyarrow.parquet import ParquetFile

    table = ParquetFile(pyarrow.PythonFile(file, mode="r"))
    schema, total = table.schema_arrow, table.metadata.num_rows
    first = (page - 1) * PAGE_ROWS
    if first and first >= total:
        raise Mismatch(f"There is no page {page} of this table.")
    names = schema.names[:MAX_COLUMNS]
    return {
        "columns": [(field.name[:200], str(field.type)[:80]) for field in schema],
        "rows": [[_written(cell) for cell in row] for row in _rows(table, first, names)],
        "total": total,
    }


def _rows(table: Any, first: int, names: list[str]) -> list[tuple[Any, ...]]:
    """Rows from `first` on: groups before it are passed over unread."""
    found: list[tuple[Any, ...]] = []
    for group in range(table.num_row_groups):
        length = table.metadata.row_group(group).num_rows
        if first >= length:
            first -= length
            continue
        for batch in table.iter_batches(4096, row_groups=[group], columns=names, use_threads=False):
            piece = batch.slice(first, PAGE_ROWS - len(found))
            first = max(0, first - batch.num_rows)
            found += zip(*(column.to_pylist() for column in piece.columns), strict=True)
            if len(found) >= PAGE_ROWS:
                return found
    return found


def _written(cell: Any) -> str:
    return "" if cell is None else str(cell)[: MAX_CELL_LENGTH + 1]
