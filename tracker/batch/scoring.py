"""Scores a file: rows in, predictions out, a chunk of rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.batch import chunks, formats, json_rows, places, sinks
from tracker.batch.chunks import Chunk, Rows
from tracker.batch.csv_rows import CsvRows
from tracker.batch.formats import CSV, JSON, LINES
from tracker.batch.parquet_rows import ParquetRows
from tracker.batch.progress import Progress
from tracker.batch.sinks import Scored
from tracker.errors import InvalidValue, TrackerError
from tracker.models import LoadedModel

CHUNK_ROWS = 10_000


def score(
    model: LoadedModel,
    source: Path | None,
    target: Path | None,
    *,
    kind: str | None = None,
    chunk_rows: int = CHUNK_ROWS,
    params: dict[str, Any] | None = None,
    keep_input: bool = False,
) -> int:
    """Write what a model predicts for a file's rows to another file. Returns how many rows there were.

    None stands for standard input and output. `kind` is one of FORMATS, told from the ending otherwise; `target` is
    written as its ending says, else as what was read. `keep_input` puts the inputs beside their predictions.

    Errors: InvalidValue, naming the row that can't be read or scored; then `target` is as it was.
    """
    read = formats.of_input(source, kind)
    if source is not None and not source.is_file():
        raise InvalidValue(f"{source} is no file. Give a file of rows, or - for standard input.")
    with places.source(source) as file, places.target(target) as content, Progress() as progress:
        sink, count = sinks.to(content, formats.of_output(target, read)), 0
        job = _Job(model, params, keep_input, str(source or "standard input"), progress)
        for scored in job.scored(file, read, chunk_rows):
            sink.add(scored)
            count = scored.first + scored.count - 1
        sink.end()
    progress.done(str(target or "standard output"))
    return count


class _Job:
    def __init__(
        self, model: LoadedModel, params: dict[str, Any] | None, keep_input: bool, name: str, progress: Progress
    ) -> None:
        self._model, self._params, self._keep_input = model, params, keep_input
        self._name, self._progress = name, progress

    def scored(self, file: Path, kind: str, chunk_rows: int) -> Iterator[Scored]:
        """The predictions for all rows of a file, in order."""
        rows = self._rows(file, kind)
        if rows is None:
            yield self._of_form(file)
            return
        for chunk in rows.chunks(chunk_rows):
            yield self._of_chunk(chunk)
            self._progress.note(chunk.first + len(chunk.rows) - 1, rows.share())

    def _rows(self, file: Path, kind: str) -> Rows | None:
        """What reads the file; None for JSON that is worded as the body of a request."""
        signature = self._model.signature
        schema = signature.inputs if signature else None
        if kind == CSV:
            return CsvRows(file, schema, self._name)
        if kind not in {JSON, LINES}:
            return ParquetRows(file, self._name)
        is_list = kind == JSON and json_rows.is_list(file)
        if not is_list and kind == JSON and not json_rows.is_lines(file):
            return None
        return json_rows.JsonRows(file, schema, self._name, is_lines=not is_list)

    def _of_chunk(self, chunk: Chunk) -> Scored:
        def attempt(rows: Any) -> tuple[Any, Any]:
            frame = chunk.frame_of(rows)
            return frame, self._model.predict(frame, self._params)

        try:
            frame, made = attempt(chunk.rows)
        except Exception as error:
            raise chunks.blamed(chunk, attempt, error, self._name) from error
        return Scored(made, len(chunk.rows), chunk.first, frame if self._keep_input else None)

    def _of_form(self, file: Path) -> Scored:
        is_hinted = bool(self._model.metadata.fields.get("is_signature_from_type_hint"))
        question = json_rows.form(file, self._model.signature, self._name, is_hinted=is_hinted)
        if question.params and self._params:
            raise InvalidValue(f"{self._name} has params, and --params too: say them once.")
        if self._keep_input and not hasattr(question.data, "columns"):
            raise InvalidValue(f"{self._name} is no table, so its inputs can't be kept beside the predictions.")
        try:
            made = self._model.predict(question.data, self._params if question.params is None else question.params)
        except TrackerError as error:
            raise InvalidValue(f"{self._name}: {error}") from error
        except Exception as error:
            raise InvalidValue(f"{self._name}: the model can't predict this: {error!r}"[:500]) from error
        self._progress.note(question.rows, 1.0)
        return Scored(made, question.rows, 1, question.data if self._keep_input else None, question.is_bare)
