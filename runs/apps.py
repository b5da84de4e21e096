"""Runs: what a training script logs, and how it is read again."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The room of Run, its params, tags and metrics."""

    name = "runs"
