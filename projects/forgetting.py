"""Lets go of what was started here when its run is deleted for good."""

from typing import Any

from django.dispatch import receiver

from projects.models import Launch
from runs import purging


@receiver(purging.swept)
def forget_purged(**_: Any) -> None:
    """Delete launches without a run, and their logs, which may tell what the run told."""
    Launch.objects.without_run().forget()
