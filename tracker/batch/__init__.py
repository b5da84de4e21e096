"""Batch scoring: files of any size in, predictions out, some rows at a time. docs/scoring.md tells it all.

from tracker import batch
batch.score(model, Path("rows.csv"), Path("predictions.csv"))
"""

from tracker.batch.formats import FORMATS
from tracker.batch.scoring import score

__all__ = ["FORMATS", "score"]
