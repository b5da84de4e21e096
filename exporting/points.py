"""Every point of some series as a table, written while it is read."""

import csv
import io
from collections.abc import Iterator, Sequence

from exporting.tables import spelled_out
from runs import points
from runs.models import Metric
from runs.points import value_of

COLUMNS = ("run_id", "run", "key", "step", "timestamp", "value")


def csv_pieces(metrics: Sequence[Metric]) -> Iterator[bytes]:
    """CSV: a row a point, those of a series in the order of steps. Times are milliseconds since 1970."""
    yield _rows([COLUMNS])
    for metric in metrics:
        about = (metric.run.run_id, metric.run.name, metric.key)
        for piece in points.pieces(metric.pk):
            yield _rows([(*about, row[0], row[1], spelled_out(value_of(row))) for row in piece])


def _rows(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
