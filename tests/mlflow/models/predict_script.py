"""Scores files as `mlflow models predict` does in its process, many in one. Runs beside a real MLflow.

Its argument is a JSON file with a list of [model, input, output, content type].
"""

import contextlib
import json
import sys
from pathlib import Path

from mlflow.pyfunc.scoring_server import _predict

for model, source, target, kind in json.loads(Path(sys.argv[1]).read_text()):
    # What it can't read it leaves unwritten, or half-written.
    with contextlib.suppress(Exception, SystemExit):
        _predict(model, source, target, kind)
        Path(f"{target}.whole").touch()
