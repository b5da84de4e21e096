"""What was started from pages, on the clean-up desk."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects.models import Launch
from trackerweb.admin_site import ReadOnlyDesk
from trackerweb.templatetags.display import ago


@admin.register(Launch)
class LaunchDesk(ReadOnlyDesk):
    """Processes that were started from pages."""

    list_display = ["label", "pid", "exit_status", "made"]
    search_fields = ["uri", "run_id__startswith"]
    ordering = ["-pk"]

    @admin.display(description="project", ordering="uri")
    def label(self, launch: Any) -> SafeString:
        """The way to its run."""
        return format_html('<a href="/runs/{}/">{}</a>', launch.run_id, launch.uri)

    @admin.display(ordering="creation_time")
    def made(self, launch: Any) -> SafeString:
        """When it was asked for."""
        return ago(launch.creation_time)
