"""Tells by looking at it what is to be imported, and opens it."""

from pathlib import Path

from importing.found import Source, Unreadable
from importing.mlflow_db import DatabaseSource, looks_like_database
from importing.mlruns import MlrunsSource, looks_like_mlruns
from importing.reporting import Report


def open_source(where: str, report: Report) -> Source:
    """The source that a path or an address names.

    Errors: Unreadable for what is none.
    """
    path = Path(where).expanduser()
    if not path.exists():
        raise Unreadable(f"{where} is not there.")
    if path.is_dir() and looks_like_mlruns(path):
        return MlrunsSource(path, report)
    if path.is_file() and looks_like_database(path):
        return DatabaseSource(path, report)
    raise Unreadable(f"{where} is nothing that can be imported: a folder of MLflow (mlruns), or its mlflow.db.")
