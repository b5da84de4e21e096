"""Runs: what a training script logs, and how it is read again."""

import importlib

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The room of Run, its params, tags and metrics."""

    name = "runs"

    def ready(self) -> None:
        """Register the lookups, and the function that each new connection to SQLite gets."""
        importlib.import_module("runs.search.lookups")
