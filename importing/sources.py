"""Tells by looking at it what is to be imported, and opens it."""

from pathlib import Path

from importing.found import Source, Unreadable
from importing.mlflow_db import DatabaseSource, looks_like_database
from importing.mlflow_server import ServerSource, looks_like_server
from importing.mlruns import MlrunsSource, looks_like_mlruns
from importing.reporting import Report
from importing.tensorboard import TensorboardSource, looks_like_tensorboard

DATABASE = "mlflow.db"


def open_source(where: str, report: Report, origin: str = "") -> Source:
    """The source that a path, or the address of an MLflow server, names. `origin` is what a path is called.

    Errors: Unreadable for what is none.
    """
    if looks_like_server(where):
        return ServerSource(where, report)
    path = Path(where).expanduser()
    shown = origin or where
    if not path.exists():
        raise Unreadable(f"{shown} is not there.")
    database = path / DATABASE if path.is_dir() else path
    has_database = database.is_file() and looks_like_database(database)
    if path.is_dir() and looks_like_mlruns(path):
        if has_database:
            report.note(DATABASE, "It lies beside the folders, and was left. Import it by itself.")
        return MlrunsSource(path, report, origin)
    if has_database:
        return DatabaseSource(database, report, origin)
    if path.is_dir() and looks_like_tensorboard(path):
        return TensorboardSource(path, report, origin)
    raise Unreadable(
        f"{shown} is nothing that can be imported: a folder of MLflow (mlruns) or of TensorBoard, or an mlflow.db."
    )
