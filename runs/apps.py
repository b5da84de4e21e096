"""Runs: what a training script logs, and how it is read again."""

import importlib

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The room of Run, its params, tags and metrics."""

    name = "runs"

    def ready(self) -> None:
        """Register the lookups, the function that each new connection to SQLite gets, the tabs of a run, and the look
        for silent ones.
        """
        importlib.import_module("runs.search.lookups")
        importlib.import_module("runs.run_page.parts")
        importlib.import_module("runs.silence")
