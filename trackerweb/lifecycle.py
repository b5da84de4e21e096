"""Experiments and runs are active until they go to the trash, from where they come back or are purged."""

from django.db import models


class LifecycleStage(models.TextChoices):
    """MLflow's words, and ours for what is being deleted for good: it never comes back and is shown nowhere."""

    ACTIVE = "active"
    DELETED = "deleted"
    PURGING = "purging"
