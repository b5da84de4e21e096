"""Projects: whose code runs were of, and runs that are started here."""

import importlib

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The room of what was started from a page."""

    name = "projects"

    def ready(self) -> None:
        """Tell pages of runs what was started here, and hear when runs are deleted for good."""
        importlib.import_module("projects.notices")
        importlib.import_module("projects.forgetting")
