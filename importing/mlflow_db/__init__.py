"""Reads an mlflow.db: the SQLite database of MLflow 2 and 3, and the files that lie beside it."""

from importing.mlflow_db.source import DatabaseSource, looks_like_database

__all__ = ["DatabaseSource", "looks_like_database"]
