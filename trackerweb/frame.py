"""What every page's frame shows: counts in the bar and the chosen colours."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from experiments.models import Experiment

THEMES = ("light", "dark")

ROW_HEIGHTS = ("compact", "roomy")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html. One query, when the bar is drawn."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "nav_folded": request.COOKIES.get("nav") == "folded",
        "row_height": rows if (rows := request.COOKIES.get("rows", "")) in ROW_HEIGHTS else "",
        "allow_runs": settings.TRACKER_ALLOW_RUNS,
        "experiment_count": Experiment.objects.active().count,
    }
