"""Experiments and runs are active until they go to the trash."""

from django.db import models


class LifecycleStage(models.TextChoices):
    """MLflow's words."""

    ACTIVE = "active"
    DELETED = "deleted"
