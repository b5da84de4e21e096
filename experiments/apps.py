"""Experiments and what is said about them."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ExperimentsConfig(AppConfig):
    """The room of Experiment, its tags and the audit trail."""

    name = "experiments"

    def ready(self) -> None:
        """After each migrate there is a Default experiment."""
        post_migrate.connect(_ensure_default, sender=self)


def _ensure_default(**kwargs: object) -> None:
    from experiments.models import Experiment

    Experiment.objects.ensure_default()
