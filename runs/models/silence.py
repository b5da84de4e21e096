"""The silence of a run that was told of."""

from django.db import models

from runs.models.run import Run


class Silence(models.Model):
    """That strangers were told that a run fell silent, `since` its last sign of life (runs/silence.py)."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="silence")
    since = models.BigIntegerField()
