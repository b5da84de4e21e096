"""The formats of files that are scored and written, told from their endings."""

from __future__ import annotations

from pathlib import Path

from tracker.errors import InvalidValue

FORMATS = CSV, JSON, LINES, PARQUET = "csv", "json", "jsonl", "parquet"
_ENDINGS = {".csv": CSV, ".json": JSON, ".jsonl": LINES, ".ndjson": LINES, ".parquet": PARQUET, ".pq": PARQUET}


def of_input(file: Path | None, said: str | None) -> str:
    """The format of what is read: as it is said, else by the ending. Standard input (None) is JSON unless said.

    Errors: InvalidValue for an ending that tells none.
    """
    if said is not None:
        return said
    if file is None:
        return JSON
    found = _ENDINGS.get(file.suffix.lower())
    if found is None:
        raise InvalidValue(f"{file} ends with none of {', '.join(_ENDINGS)}: say -t {', '.join(FORMATS)}.")
    return found


def of_output(file: Path | None, read: str) -> str:
    """The format of what is written: by the ending, else the one that was read."""
    return read if file is None else _ENDINGS.get(file.suffix.lower(), read)
