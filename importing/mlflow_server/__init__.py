"""Reads a running MLflow server over its REST protocol."""

from importing.mlflow_server.source import ServerSource, looks_like_server

__all__ = ["ServerSource", "looks_like_server"]
