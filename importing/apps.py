"""Importing: what other trackers wrote becomes experiments and runs here."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """The room of imports, their sources and their reports."""

    name = "importing"
