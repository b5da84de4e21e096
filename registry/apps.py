"""Models: what runs produced to be used, and how well it did."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The room of LoggedModel."""

    name = "registry"
