"""Tells strangers how runs end, and which ones fell silent (trackerweb/events.py)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trackerweb import events

if TYPE_CHECKING:
    from runs.models import Run

ENDS = {"FINISHED": "run.finished", "FAILED": "run.failed", "KILLED": "run.killed"}
#: Metrics that are told along, the first by their keys, and characters of a traceback, whose end says the most.
MAX_METRICS, MAX_FAILURE = 50, 10_000


def tell_end(before: str | None, after: str, find: "Callable[[], Run]") -> None:
    """Tell that a run ended, if that is news; `find` is asked for the run only if somebody wants to know.

    Called inside the transaction that stores the status, after what is told of was stored.
    """
    if after in ENDS and after != before:
        events.tell(ENDS[after], lambda: told(find()))


def told(run: "Run") -> dict[str, Any]:
    """What is told of a run. Two queries."""
    last = run.metrics.order_by("key").values_list("key", "last")[:MAX_METRICS]
    return {
        "run_id": run.run_id,
        "run_name": run.name,
        "experiment_id": str(run.experiment_id),
        "experiment_name": run.experiment.name,
        "status": run.status,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "failure": run.failure[-MAX_FAILURE:],
        "url_path": run.get_absolute_url(),
        "metrics": {key: float("nan") if value is None else value for key, value in last},
    }
