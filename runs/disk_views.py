"""The page of disk use."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.disk_use import DiskUse


@require_safe
def disk(request: HttpRequest) -> HttpResponse:
    """Where the room goes, largest first, and what would free some."""
    return render(request, "runs/disk.html", {"disk": DiskUse()})
