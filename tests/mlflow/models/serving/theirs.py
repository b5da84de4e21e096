"""Serves models below a folder in one process, as `mlflow models serve` serves each. Runs beside a real MLflow."""

import os
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from mlflow.pyfunc import scoring_server

folder, port = sys.argv[1:]
app = FastAPI()
for place in sorted(Path(folder).iterdir()):
    app.mount(f"/{place.name}", scoring_server.init(scoring_server.load_model_with_mlflow_config(str(place))))
os.environ.pop("MLFLOW_TRACKING_URI", None)
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="critical")
