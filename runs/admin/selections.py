"""Selections on the clean-up desk."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from runs.models import Selection
from trackerweb.admin_site import ReadOnlyDesk
from trackerweb.templatetags.display import ago


@admin.register(Selection)
class SelectionDesk(ReadOnlyDesk):
    """Sets of runs behind short addresses; they go by themselves after 30 days."""

    list_display = ["token", "when", "size"]
    ordering = ["-pk"]

    @admin.display(ordering="time")
    def when(self, selection: Any) -> SafeString:
        """When it was stored."""
        return ago(selection.time)

    @admin.display
    def size(self, selection: Any) -> int:
        """How many runs it has."""
        return len(selection.keys)
