"""Exporting: what is here, in forms that others open."""

from django.apps import AppConfig


class ExportingConfig(AppConfig):
    """The room of exports. It stores nothing."""

    name = "exporting"
