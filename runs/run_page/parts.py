"""The tabs of a run that this room has."""

from runs.media import media_q
from runs.models import Run
from runs.run_page.tabs import Part, register
from runs.sections import LAST


def _charts(run: Run) -> int:
    return run.metrics.filter(count__gt=0).exclude(key__startswith=f"{LAST}/").count()


def _system(run: Run) -> int:
    return run.metrics.filter(count__gt=0, key__startswith=f"{LAST}/").count()


def _media(run: Run) -> int:
    return run.artifacts.filter(media_q(run)).count()


def _logs(run: Run) -> int | None:
    return None if run.console.exists() else 0


def _code(run: Run) -> int | None:
    return None if run.environment_id or run.git_commit else 0


register(
    Part("runs:run", "Overview", lambda run: None),
    Part("runs:charts", "Charts", _charts),
    Part("runs:media", "Media", _media),
    Part("runs:logs", "Logs", _logs),
    Part("runs:system", "System", _system),
    Part("runs:code", "Code", _code),
    Part("runs:artifacts", "Artifacts", lambda run: run.artifacts.count()),
)
