"""Silences on the clean-up desk."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from runs.admin.logged import OfRun
from runs.models import Silence
from trackerweb.admin_site import ReadOnlyDesk
from trackerweb.templatetags.display import ago


@admin.register(Silence)
class SilenceDesk(OfRun, ReadOnlyDesk):
    """Runs whose silence was told to webhooks."""

    list_display = ["run_page", "experiment_name", "silent_since"]
    list_select_related = ["run", "run__experiment"]
    ordering = ["-pk"]

    @admin.display(ordering="since")
    def silent_since(self, silence: Any) -> SafeString:
        """Its last sign of life."""
        return ago(silence.since)
