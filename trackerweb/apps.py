"""The project itself: settings, start-up, errors and what every page shares."""

from django.apps import AppConfig


class TrackerwebConfig(AppConfig):
    """Holds the commands and the templates' vocabulary."""

    name = "trackerweb"
