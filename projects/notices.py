"""What a page of a run says of the process that was started here for it."""

from django.conf import settings

from projects import starting
from projects.models import Launch
from runs.models import Run
from runs.run_page.notices import Notice, register


def launch_notice(run: Run) -> Notice | None:
    """How the process of a run is; None where none was started here, or the owner does not allow it. One query."""
    if not settings.TRACKER_ALLOW_RUNS:
        return None
    launch = Launch.objects.filter(run_id=run.run_id).first()
    return None if launch is None else Notice("projects/_launch.html", launch, "js/projects/launch.js")


def current(launch: Launch) -> Launch:
    """A launch as it is by now."""
    if launch.is_open:
        starting.settle_all()
        launch.refresh_from_db()
    return launch


register(launch_notice)
