"""Models: what runs produced to be used, and how well it did."""

import importlib

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The room of LoggedModel."""

    name = "registry"

    def ready(self) -> None:
        """Register the tab that a run's page has of this room, and its shelf of the trash."""
        importlib.import_module("registry.run_models")
        importlib.import_module("registry.trash")
